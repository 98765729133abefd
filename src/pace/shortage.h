/*
 * shortage: the system has no room for one more process, thread, descriptor or terminal.
 *
 * That may pass as jobs end, ours or others': it is tried again as jobs of ours end, and every
 * second. One slot waits for that; others give their jobs back and leave, as their threads take
 * room themselves.
 */
#ifndef PEXEC_PACE_SHORTAGE_H
#define PEXEC_PACE_SHORTAGE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/timers.h"

/* How long, in ms, until it is tried again where nothing of ours can make room. */
enum { SHORTAGE_RETRY = 1000 };

struct shortage {
	struct timer *retry; /* due when slots may be made again */
	atomic_bool waits;   /* a slot waits for room */
	atomic_flag said;    /* that there is none */
};

/* `retry` is set to the time from which slots may be made again. */
void shortage_init(struct shortage *shortage, struct timer *retry);

/* Is this errno one that may pass as jobs end? */
bool shortage_may_pass(int error);

/* There was no room: no slot is made for a second, then the timer is due. */
void shortage_begin(struct shortage *shortage);

/* Is that second not over yet? */
bool shortage_holds(const struct shortage *shortage);

/* Says, once, what runs short. */
void shortage_say(struct shortage *shortage, int error);

/* Makes the calling slot the one that waits. False: another one does. */
bool shortage_enter(struct shortage *shortage);
void shortage_leave(struct shortage *shortage);

/* Does a slot wait for room? */
bool shortage_is_felt(const struct shortage *shortage);

#endif
