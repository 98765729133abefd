/*
 * shard_name: names of files that have the number of a part of the queue in them, as {shard}.
 *
 * In the name of a journal a * stands for the number, too, when it is written, and for anything
 * when the journals of all parts are looked for.
 */
#ifndef PEXEC_BASE_SHARD_NAME_H
#define PEXEC_BASE_SHARD_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* Has the name such a place? With `stars` each * is one. */
bool shard_name_has_place(const char *name, bool stars);

/* The name with the number of part `part` in each place: a new string, or NULL without memory. */
char *shard_name_fill(const char *name, uint64_t part, bool stars);

/* A pattern of glob(3) that finds all names that fit, and perhaps others: as shard_name_fill. */
char *shard_name_pattern(const char *name);

/* Is `found` the name with digits in the place of {shard}, and anything in that of a *? */
bool shard_name_fits(const char *name, const char *found);

#endif
