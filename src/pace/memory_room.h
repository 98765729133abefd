/*
 * memory_room: is there memory for another job (--memfree, --memsuspend)?
 *
 * A job that has just started has not taken yet what it is going to take, so a look at what is free
 * alone would let too many start. Each is therefore promised as much as a job takes: what the
 * largest one so far took, or the memory that has to be free where that is less or not known yet.
 * What a job has taken of it is used already; the rest is still to come, and counts as not free.
 */
#ifndef PEXEC_PACE_MEMORY_ROOM_H
#define PEXEC_PACE_MEMORY_ROOM_H

#include "pace/room_options.h"
#include "pace/verdict.h"

/* What has to be free for a job to start, in bytes; 0: there is no condition. */
double memory_room_wanted(const struct room_options *options);

/* What each job is promised, in bytes. `largest`: what the largest so far took; 0: none ended yet.
 */
double memory_room_promise(const struct room_options *options, double largest);

/*
 * Of `free` bytes `promised` are still to be taken by jobs that run; each further one is promised
 * `each`. Jobs may start while `wanted` bytes are free beside that.
 */
void memory_room_judge(
    struct verdict *verdict, double free, double promised, double wanted, double each);

#endif
