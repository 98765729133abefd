/*
 * parallel_lists: where the items of parallel come from: -a, and the lists behind the command.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_LISTS_H
#define PEXEC_CLI_PARALLEL_PARALLEL_LISTS_H

#include "cli/options.h"

/*
 * Splits `operands` into the command and its lists, and settles where the items come from: each -a,
 * and each file behind ::::, is a list; a value behind ::: is several where the delimiter stands in
 * it. Ends pexec with status 255 and a message when a list cannot be read.
 */
void parallel_lists_settle(struct options *options, char *operands[]);

/* The words of `operands` before the lists. */
struct strings parallel_lists_command(char *operands[]);

/* Adds a list. Ends pexec with status 255 and a message without memory. */
void parallel_lists_add(struct queue_options *queue, struct input input);

#endif
