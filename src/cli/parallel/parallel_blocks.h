/*
 * parallel_blocks: --pipe and --pipe-part of parallel, with --cat, --fifo, --round-robin and --tee,
 * as blocks of pexec.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_BLOCKS_H
#define PEXEC_CLI_PARALLEL_PARALLEL_BLOCKS_H

#include <stdbool.h>

#include "cli/options.h"

/* Where jobs get blocks of the input: settles what they are, and the command, whose words begin
 * with `operands`. Returns false, and does nothing, where they do not. Ends pexec with status 255
 * when something is wrong with it. */
bool parallel_blocks_settle(struct options *options, char *operands[]);

#endif
