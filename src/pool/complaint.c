#include "pool/complaint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/message.h"

const char *job_name(const struct job *job, char name[JOB_NAME])
{
	char item[ESCAPED];

	snprintf(name, JOB_NAME, "job %" PRIu64 " (%s)", job->record.seq,
	    escape_item(item, &job->items, 0));
	return name;
}

void complain(const struct job *job, const char *what)
{
	char name[JOB_NAME];

	message("%s: %s", job_name(job, name), what);
}

/* As complain, with the reason behind it. */
void complain_why(const struct job *job, const char *what, int error)
{
	char text[ESCAPED + 128];

	snprintf(text, sizeof text, "%s%s%s", what, *what ? ": " : "", strerror(error));
	complain(job, text);
}

void complain_too_long(const struct job *job, size_t bytes, size_t limit)
{
	char text[128];

	snprintf(text, sizeof text,
	    "argument of %zu bytes is too long: the system takes %zu at most", bytes, limit);
	complain(job, text);
}

/* Says why the job cannot be run. */
void complain_problem(const struct job *job)
{
	char item[64], text[256];

	snprintf(item, sizeof item, "item of %zu byte%s", job->problem_size,
	    job->problem_size == 1 ? "" : "s");
	switch (job->problem) {
	case PROBLEM_NONE:
		return;
	case PROBLEM_MEMORY:
		snprintf(text, sizeof text, "%s does not fit into memory", item);
		break;
	case PROBLEM_NUL:
		snprintf(
		    text, sizeof text, "%s has a NUL byte in it, which no argument can have", item);
		break;
	case PROBLEM_TOO_LONG:
		complain_too_long(job, job->problem_size, job->problem_limit);
		return;
	case PROBLEM_NO_ROOM:
		snprintf(text, sizeof text, "%s does not fit into a command line of %zu", item,
		    job->problem_limit);
		break;
	case PROBLEM_CSV:
		snprintf(text, sizeof text, "byte %zu of the record: %s", job->problem_size,
		    csv_fault_text((enum csv_fault)job->problem_limit));
		break;
	case PROBLEM_COLUMNS:
		snprintf(text, sizeof text,
		    "it has %zu columns, and a record of the table %zu: it is not run",
		    job->problem_size, job->problem_limit);
		break;
	}
	complain(job, text);
}
