/*
 * queue_length: how many items and jobs a queue has, and how many are left, where that is known.
 *
 * Of lists it is known from the beginning, of files when they have been counted (item_count), of
 * anything else at its end.
 */
#ifndef PEXEC_QUEUE_QUEUE_LENGTH_H
#define PEXEC_QUEUE_QUEUE_LENGTH_H

#include <stdbool.h>
#include <stdint.h>

struct queue;

/*
 * How many jobs there are in all, with those that the journal leaves out; 0: that is not known
 * before the items are read. Before the first queue_next.
 */
uint64_t queue_total(const struct queue *queue);

/*
 * How many jobs the queue has in all, with those of other runs (--shard, --share), by what is known
 * while it is read; -1: that is not known. By the slot that has the turn.
 */
int64_t queue_known_jobs(const struct queue *queue);

/* How many items no job has begun with; -1 when the length of the queue is not known. */
int64_t queue_left(const struct queue *queue);

/*
 * How many jobs have not begun, as far as that is known: of lists, of files that have been counted
 * ahead, and of any queue that has been read to its end. -1: that is not known. Safe from any
 * thread.
 */
int64_t queue_jobs_left(const struct queue *queue);

/*
 * The run times, in seconds, of jobs that have begun and of those that have not, where a journal
 * knows them (--order); else `left_s` is -1. Safe from any thread.
 */
void queue_known_times(const struct queue *queue, double *begun_s, double *left_s);

/*
 * How many items no job has been made of, with those of jobs that were held back; -1: there may be
 * some. When no slot takes jobs any more.
 */
int64_t queue_rest(struct queue *queue);

/* Does the queue go on for ever, so that a run of it is over only when it is ended? */
bool queue_is_endless(const struct queue *queue);

#endif
