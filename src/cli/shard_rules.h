/*
 * shard_rules: --shard, and what it means for the names of files.
 */
#ifndef PEXEC_CLI_SHARD_RULES_H
#define PEXEC_CLI_SHARD_RULES_H

#include "cli/option_row.h"
#include "cli/options.h"

/* K/N, or auto: by the environment (launchers.h). Field: struct shard. */
option_parse parse_shard;

/*
 * Joins the runs that share the queue (--share), and puts the number of the part for {shard} in the
 * names of files that the options of the table name, and for * in that of --joblog: there a name
 * with one of these stands for the journals of all parts, which is what a run resumes by. Exits
 * with status 1 and a message without memory, or when it cannot join the others.
 */
void shard_rules_settle(struct options *options, const struct option_table *table);

#endif
