/*
 * room_watch: looks whether the machine has room, and makes some where it is short of memory.
 *
 * It takes the samples that the gate goes by (pace/room.h). With --memfree-kill and --memsuspend it
 * looks at the jobs that run, too: once a second at most while there are two of them, the youngest
 * is ended to be started again, or stopped until there is room. One always goes on.
 *
 * All of it is done by the supervisor, when the timer is due.
 */
#ifndef PEXEC_POOL_ROOM_WATCH_H
#define PEXEC_POOL_ROOM_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "pace/gate.h"
#include "pool/pool.h"
#include "pool/progress.h"
#include "pool/time_limit.h"

struct room_watch {
	struct gate *gate;
	struct pool *pool;
	struct progress *progress;
	struct time_limit *limit;
	bool quiet;         /* -q: what the slots wait for is not said */
	bool said;          /* it was said once */
	int64_t sampled_ms; /* of clock_ms(); 0: there was no sample yet */
};

/* The timer was due at `now_ms`. */
void room_watch_look(struct room_watch *watch, int64_t now_ms);

#endif
