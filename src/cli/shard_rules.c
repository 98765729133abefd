#include "cli/shard_rules.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/strlist.h"
#include "cli/launchers.h"
#include "cli/option_types.h"
#include "queue/claims.h"

/* Stands in the name of a file for the number of the part. */
static const char mark[] = "{shard}";

/* Reads a number of digits up to `end`. Returns what is behind that; NULL: it is none. */
static const char *read_part(const char *text, char end, uint64_t *number)
{
	char *rest;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*number = strtoumax(text, &rest, 10);
	return errno == 0 && *number <= INT64_MAX && *rest == end ? rest + 1 : NULL;
}

void parse_shard(const struct given_option *given, struct options *options)
{
	struct shard *shard = option_field_of(given->row, options);
	const char *count;

	if (strcmp(given->text, "auto") == 0) {
		launchers_find_shard(shard);
		return;
	}
	count = read_part(given->text, '/', &shard->index);
	if (!count || !read_part(count, '\0', &shard->count) || shard->count == 0 ||
	    shard->index > shard->count)
		bad_argument(given, "not K/N, part K of N, or auto");
}

/* --- names --- */

/*
 * The text with `by` in the place of each {shard}, and `star` of each *; NULL: a star stays. With
 * `escapes` what else glob(3) knows is made plain. Memory that lives as long as the run.
 */
static char *replace(const char *text, const char *by, const char *star, bool escapes)
{
	struct strlist name = {0};

	while (*text) {
		bool is_mark = strncmp(text, mark, sizeof mark - 1) == 0;
		const char *put = is_mark ? by : *text == '*' ? star : NULL;
		if (!put && escapes && strchr("?[\\", *text))
			strlist_append(&name, "\\", 1);
		if (put)
			strlist_append(&name, put, strlen(put));
		else
			strlist_append(&name, text, 1);
		text += is_mark ? sizeof mark - 1 : 1;
	}
	strlist_end(&name);
	char *made = strlist_failed(&name) ? NULL : path_resolve(NULL, name.bytes);
	strlist_free(&name);
	if (!made)
		errx(1, "reading the command line: %s", strerror(ENOMEM));
	return made;
}

/* Puts the number in the name of a file; NULL: the option is not given. */
static void number_name(const char **name, const char *number)
{
	if (*name && strstr(*name, mark))
		*name = replace(*name, number, NULL, false);
}

void shard_rules_settle(struct options *options, const struct option_table *table)
{
	struct journal_options *journal = &options->record.journal;
	struct queue_options *queue = &options->queue;
	uint64_t part = queue->shard.index;
	char number[32];

	if (options->share) {
		queue->claims =
		    claims_join(options->share, &queue->shard, journal->resume != RESUME_NO);
		part = claims_part(queue->claims);
		/* It takes what it gets, and not each Nth job. */
		queue->shard = (struct shard){0};
	}
	snprintf(number, sizeof number, "%" PRIu64, part);
	if (journal->path && (strstr(journal->path, mark) || strchr(journal->path, '*'))) {
		journal->parts = replace(journal->path, "[0-9]*", "*", true);
		journal->path = replace(journal->path, number, number, false);
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct option_row *row = &table->rows[i];
		if (row->is_path && row->parse != parse_list)
			number_name(option_field_of(row, options), number);
	}
	/* The row of --report has the page alone. */
	number_name(&options->events.report, number);
}
