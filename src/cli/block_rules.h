/*
 * block_rules: what --recend, --recstart, --regexp and --header come to for the blocks of --pipe.
 */
#ifndef PEXEC_CLI_BLOCK_RULES_H
#define PEXEC_CLI_BLOCK_RULES_H

#include "cli/options.h"

/* Sets what the queue acts by, of options->blocks. Exits with `status` and a message where a text
 * or an expression is wrong. */
void block_rules_settle(struct options *options, int status);

#endif
