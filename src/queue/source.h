/*
 * source: where items come from.
 *
 * A stream (standard input and files), lists (::: and ::::), or both: then the stream is the first
 * list. Or the output of commands (--source, --next). A stream is read as it arrives; lists, and
 * everything under --shuf, are held in memory.
 *
 * An item is one value, or as many as there are lists. The slot that has the queue uses it, and no
 * other thread at that time.
 */
#ifndef PEXEC_QUEUE_SOURCE_H
#define PEXEC_QUEUE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"
#include "queue/block.h"
#include "queue/item.h"
#include "queue/queue_options.h"
#include "record/journal.h"

struct source;
struct fetch;

/*
 * Opens what `options` names, reads lists and the header, and checks that every file can be read;
 * exits with status 1 and a message when one cannot. Values of more than `limit` bytes are not kept
 * whole. A read that waits returns when `interrupt_fd` becomes readable.
 *
 * Under --shuf the items that --skip leaves out are left out here: of the order in which they come.
 * Otherwise they are handed out like others.
 */
struct source *source_open(const struct queue_options *options, size_t limit, int interrupt_fd);

/*
 * --follow: goes to where the items begin that are to be run, with a journal to resume by behind
 * those that it has. Returns how many jobs come before. Exits with status 1 and a message when that
 * cannot be known.
 */
uint64_t source_begin(struct source *source, const struct journal *journal);

/*
 * --follow: the item that was handed out last completes the next job: numbers are counted there as
 * well. Returns false when it cannot be kept where the job comes from; that has been said.
 */
bool source_mark(struct source *source);

/* --follow: is an item at hand? Never waits. */
bool source_ready(struct source *source);

/*
 * --follow, --next: names what was read from a FIFO, or given by the command, and is no job when
 * the run ends, as no other process has it: `count` items that the queue has, the first of them
 * `first`, and what follows. Returns whether the command has given any of it.
 */
bool source_report_rest(struct source *source, const struct value *first, size_t count);

/* The names that --header found, one for each column; empty without --header. */
const struct strlist *source_names(const struct source *source);

/* The next item: `*item` is valid until the next call of a function of this module. */
enum source_status source_next(struct source *source, const struct item **item);

/* --pipe: hands over the block that the item names which was handed out last; --tee: the input that
 * all jobs have. */
void source_take_block(struct source *source, struct block *block);

/*
 * Begins again with the first item. Returns false where what has been read is gone: it came from a
 * pipe, a terminal or a command.
 */
bool source_begin_again(struct source *source);

/* Can it? */
bool source_can_begin_again(const struct source *source);

/* May another item follow? False only when it is certain that none does; never waits. */
bool source_more(struct source *source);

/* How many items there are in all. False when that is not known before they are read. */
bool source_total(const struct source *source, uint64_t *total);

/* How many items each value of a file makes together with the lists; -1: that is not known. */
int64_t source_combinations(const struct source *source);

/* The command that gives the items; NULL where none does, as in what follows: it does nothing then.
 */
struct fetch *source_fetch(const struct source *source);

/* Runs the command that gives the next items, when it is due (fetch_due); so many are `wanted`. */
void source_run_command(struct source *source, unsigned long long wanted);

/* May the command have given something that was not handed out, or be about to do so? */
bool source_has_given(const struct source *source);

/*
 * The run ends, and with it the command that gives the items. With `patience`, --next may end by
 * itself before; source_next hands out what it has given.
 */
void source_finish(struct source *source, bool patience);

void source_close(struct source *source);

#endif
