#include "cli/shard_rules.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/path.h"
#include "base/shard_name.h"
#include "cli/launchers.h"
#include "cli/operands.h"
#include "cli/option_types.h"
#include "queue/claims.h"

void parse_shard(const struct given_option *given, struct options *options)
{
	struct shard *shard = option_field_of(given->row, options);
	const char *at;

	if (strcmp(given->text, "auto") == 0) {
		launchers_find_shard(shard);
		return;
	}
	at = digits_read(given->text, &shard->index);
	at = at && *at == '/' ? digits_read(at + 1, &shard->count) : NULL;
	if (!at || *at || shard->count == 0 || shard->index > shard->count)
		bad_argument(given, "not K/N, part K of N, or auto");
}

/* --- names --- */

/* The name with the number of the part in each place. Memory that lives as long as the run. */
static const char *fill(struct options *options, const char *name, uint64_t part, bool stars)
{
	char *filled = shard_name_fill(name, part, stars);
	const char *made = filled ? path_resolve(NULL, filled) : NULL;

	free(filled);
	if (!made)
		errx(1, "reading the command line: %s", strerror(ENOMEM));
	operands_add_word(&options->filled, made);
	return made;
}

/* The names of files that options have. */
static void fill_names(struct options *options, const struct option_table *table, uint64_t part)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option_row *row = &table->rows[i];
		const char **name = option_field_of(row, options);
		if (row->is_path && row->parse != parse_list && *name &&
		    shard_name_has_place(*name, false))
			*name = fill(options, *name, part, false);
	}
	/* The row of --report has the page alone. */
	if (options->events.report && shard_name_has_place(options->events.report, false))
		options->events.report = fill(options, options->events.report, part, false);
}

void shard_rules_settle(struct options *options, const struct option_table *table)
{
	struct journal_options *journal = &options->record.journal;
	struct queue_options *queue = &options->queue;
	uint64_t part = queue->shard.index;

	if (options->share) {
		queue->claims =
		    claims_join(options->share, &queue->shard, journal->resume != RESUME_NO);
		part = claims_part(queue->claims);
		/* It takes what it gets, and not each Nth job. */
		queue->shard = (struct shard){0};
	}
	if (journal->path && shard_name_has_place(journal->path, true)) {
		journal->parts = journal->path;
		journal->path = fill(options, journal->path, part, true);
	}
	fill_names(options, table, part);
}
