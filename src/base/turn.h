/*
 * turn: a role that one thread has at a time, for as long as it needs: it may wait meanwhile.
 */
#ifndef PEXEC_BASE_TURN_H
#define PEXEC_BASE_TURN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/lock.h"

struct turn {
	struct lock lock; /* guards what follows; held for a moment only */
	pthread_cond_t given;
	bool taken;
};

void turn_init(struct turn *turn);
void turn_destroy(struct turn *turn);

/* Waits until it is the calling thread's turn. The thread holds no lock. */
void turn_take(struct turn *turn);

/* Takes the turn if no thread has it now. Returns whether it is the thread's. */
bool turn_try(struct turn *turn);

void turn_give(struct turn *turn);

/*
 * The same for a thread that may have to look at something else meanwhile: `*count` is not `seen`
 * any more then, and whoever has the turn gives it by turn_give_all. Returns whether it is the
 * thread's turn.
 */
bool turn_take_unless(struct turn *turn, const atomic_uint *count, unsigned seen);
void turn_give_all(struct turn *turn);

#endif
