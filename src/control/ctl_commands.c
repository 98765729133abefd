#include "control/ctl_commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "pace/slot_count.h"

struct command_row;

/* A request, and what is to be said to it. */
struct request {
	const struct command_row *row;
	const struct ctl_parts *parts;
	const char *argument; /* what stands behind the command; a NUL follows it */
	size_t length;
	FILE *text;                /* the answer */
	struct ctl_follow *follow; /* what it goes on with */
};

/* A command: its name, what it takes, and the function that does it and returns whether it could.
 */
struct command_row {
	const char *name;
	enum { NO_ARGUMENT, MAY_HAVE_ARGUMENT, NEEDS_ARGUMENT } argument;
	bool takes_bytes;  /* its argument may have a NUL in it: it is not text */
	bool follows;      /* its answer goes on until something has happened */
	const char *takes; /* what its argument is, for the message when it is another one */
	bool (*act)(struct request *request);
};

static bool refuse(struct request *request, const char *reason)
{
	fprintf(request->text, "%s\n", reason);
	return false;
}

static bool refuse_argument(struct request *request)
{
	fprintf(request->text, "it takes %s\n", request->row->takes);
	return false;
}

/* -j auto: what was tried, on a line of its own. */
static void say_sizing(struct request *request)
{
	char text[AUTOSIZE_TEXT];

	if (*sizer_text(request->parts->sizer, text))
		fprintf(request->text, "slots: %s\n", text);
}

static bool wants_json(const struct request *request)
{
	return strcmp(request->argument, "--json") == 0 || strcmp(request->argument, "json") == 0;
}

static bool say_status(struct request *request)
{
	struct status status = status_of(request->parts->status_parts);
	char text[STATUS_TEXT];

	run_notes_pace(request->parts->notes, &status.rate, &status.mean_s);
	if (wants_json(request))
		status_json(&status, text);
	else if (request->length == 0)
		status_line(&status, text);
	else
		return refuse_argument(request);
	fprintf(request->text, "%s\n", text);
	if (request->length == 0)
		say_sizing(request);
	return true;
}

/* A line for each job that is running. */
static bool say_jobs(struct request *request)
{
	struct running_job job;
	unsigned slot = 0;

	if (request->length > 0 && !wants_json(request))
		return refuse_argument(request);
	if (request->length > 0) {
		do {
			slot = pool_write_job(request->parts->pool, slot + 1, request->text);
		} while (slot > 0);
		return true;
	}
	for (unsigned number = 1; pool_look(request->parts->pool, number, &job);
	     number = job.slot + 1)
		fprintf(request->text, "%" PRIu64 "\t%u\t%d\t%.1f\t%s\n", job.seq, job.slot,
		    (int)job.pid, (double)(clock_ms() - job.started_ms) / 1000, job.item);
	return true;
}

/* The number is to be found from now on. */
static bool find_slots(struct request *request)
{
	const struct ctl_parts *parts = request->parts;
	char reason[SLOT_COUNT_REASON];
	struct slot_range range;

	if (!slot_range_parse(request->argument, &range, reason))
		return refuse(request, reason);
	unsigned slots = pool_find_slots(parts->pool, parts->sizer, &range);
	slot_start_wanted(parts->slot_parts);
	fprintf(request->text, "%u slot%s (auto)\n", slots, slots == 1 ? "" : "s");
	return true;
}

static bool set_slots(struct request *request)
{
	char reason[SLOT_COUNT_REASON];
	unsigned wanted, slots;

	if (slot_range_is_asked(request->argument))
		return find_slots(request);
	if (!slot_count_parse(request->argument, &wanted, reason))
		return refuse(request, reason);
	if (sizer_stop(request->parts->sizer, wanted))
		message("%u slot%s from now on, set by --ctl: -j auto is over", wanted,
		    wanted == 1 ? "" : "s");
	unsigned before = pool_limit(request->parts->pool);
	slots = pool_set_slots(request->parts->pool, wanted);
	slot_start_wanted(request->parts->slot_parts);
	/* As at the start: with too few descriptors there are as many as there can be. */
	bool is_cut = slots < wanted, is_most = strcmp(request->argument, "0") == 0;
	bool refused = is_cut && slots == before && !is_most;
	fprintf(request->text, "%s%u slot%s%s\n", refused ? "still " : "", slots,
	    slots == 1 ? "" : "s", is_cut ? ": no more open files are allowed (ulimit -n)" : "");
	return !refused;
}

static bool pause_start(struct request *request)
{
	gate_set_held(request->parts->gate, true);
	progress_changed(request->parts->progress);
	fputs("paused\n", request->text);
	return true;
}

static bool resume_start(struct request *request)
{
	gate_set_held(request->parts->gate, false);
	progress_changed(request->parts->progress);
	slot_start_wanted(request->parts->slot_parts);
	fputs("resumed\n", request->text);
	return true;
}

static bool drain(struct request *request)
{
	run_state_stop(request->parts->state, RUN_DRAINS, 0, 0);
	fputs("draining\n", request->text);
	return true;
}

static bool kill_job(struct request *request)
{
	struct running_job job;
	const char *reason;
	uint64_t seq = (uint64_t)strtonum(request->argument, 1, INT64_MAX, &reason);

	if (reason)
		return refuse_argument(request);
	if (!pool_request_kill(request->parts->pool, seq, &job))
		return refuse(request, "no job with this number is running");
	time_limit_request_kill(request->parts->limit);
	message("job %" PRIu64 " (%s): is ended by --ctl kill", seq, job.item);
	fprintf(request->text, "ending job %" PRIu64 "\n", seq);
	return true;
}

static bool add_item(struct request *request)
{
	const struct ctl_parts *parts = request->parts;

	if (!run_state_goes_on(parts->state))
		return refuse(request, "the run is at its end");
	struct job *job = job_new(parts->budget);
	if (!job)
		return refuse(request, strerror(ENOMEM));
	strlist_add(&job->items, request->argument, request->length);
	const char *problem = strlist_failed(&job->items) ? strerror(ENOMEM) : NULL;
	if (!problem)
		problem = queue_add(parts->queue, job);
	if (problem) {
		job_free(job);
		return refuse(request, problem);
	}
	run_state_changed(parts->state);
	slot_start_wanted(parts->slot_parts);
	fputs("added\n", request->text);
	return true;
}

static bool follow_events(struct request *request)
{
	request->follow->kind = CTL_EVENTS;
	return true;
}

static bool wait_for_end(struct request *request)
{
	const char *reason = NULL;

	request->follow->kind = CTL_WAITS;
	if (request->length > 0)
		request->follow->seq = (uint64_t)strtonum(request->argument, 1, INT64_MAX, &reason);
	return reason ? refuse_argument(request) : true;
}

static bool follow_output(struct request *request)
{
	const char *reason;

	if (request->parts->slot_parts->output->options->ungroup)
		return refuse(
		    request, "with -u jobs print by themselves, and nothing is collected");
	request->follow->kind = CTL_TAILS;
	request->follow->seq = (uint64_t)strtonum(request->argument, 1, INT64_MAX, &reason);
	return reason ? refuse_argument(request) : true;
}

static const struct command_row rows[] = {
    {.name = "status",
	.argument = MAY_HAVE_ARGUMENT,
	.takes = "--json or nothing",
	.act = say_status},
    {.name = "jobs", .argument = MAY_HAVE_ARGUMENT, .takes = "--json or nothing", .act = say_jobs},
    {.name = "events",
	.argument = NO_ARGUMENT,
	.follows = true,
	.takes = "no argument",
	.act = follow_events},
    {.name = "wait",
	.argument = MAY_HAVE_ARGUMENT,
	.follows = true,
	.takes = "the number of a job or nothing",
	.act = wait_for_end},
    {.name = "tail",
	.argument = NEEDS_ARGUMENT,
	.follows = true,
	.takes = "the number of a job",
	.act = follow_output},
    {.name = "slots", .argument = NEEDS_ARGUMENT, .takes = "a number, or auto", .act = set_slots},
    {.name = "pause", .argument = NO_ARGUMENT, .takes = "no argument", .act = pause_start},
    {.name = "resume", .argument = NO_ARGUMENT, .takes = "no argument", .act = resume_start},
    {.name = "drain", .argument = NO_ARGUMENT, .takes = "no argument", .act = drain},
    {.name = "kill", .argument = NEEDS_ARGUMENT, .takes = "the number of a job", .act = kill_job},
    {.name = "add",
	.argument = NEEDS_ARGUMENT,
	.takes_bytes = true,
	.takes = "an item",
	.act = add_item},
};

enum { ROWS = sizeof rows / sizeof *rows };

/* The command with this name; NULL: there is none. */
static const struct command_row *find(const char *name, size_t length)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
			return &rows[i];
	return NULL;
}

bool ctl_is_command(const char *word)
{
	return find(word, strlen(word)) != NULL;
}

const char *ctl_command_names(char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < ROWS; i++) {
		strlcat(text, i > 0 ? " " : "", size);
		strlcat(text, rows[i].name, size);
	}
	return text;
}

bool ctl_command_follows(const char *word)
{
	const struct command_row *row = find(word, strlen(word));

	return row && row->follows;
}

bool ctl_obey(const struct ctl_parts *parts, char *bytes, size_t length, FILE *text,
    struct ctl_follow *follow)
{
	char shown[ESCAPED];
	char *blank = memchr(bytes, ' ', length);
	size_t name = blank ? (size_t)(blank - bytes) : length;
	struct request request = {
	    .row = find(bytes, name), .parts = parts, .text = text, .follow = follow};

	request.argument = blank ? blank + 1 : bytes + length;
	request.length = (size_t)(bytes + length - request.argument);
	if (!request.row) {
		fprintf(text, "unknown command '%s'\n", escape(shown, sizeof shown, bytes, name));
		return false;
	}
	if (request.row->argument == (blank ? NO_ARGUMENT : NEEDS_ARGUMENT))
		return refuse_argument(&request);
	if (!request.row->takes_bytes && memchr(request.argument, '\0', request.length))
		return refuse_argument(&request);
	return request.row->act(&request);
}
