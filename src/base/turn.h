/*
 * turn: a role that one thread has at a time, for as long as it needs: it may wait meanwhile.
 */
#ifndef PEXEC_BASE_TURN_H
#define PEXEC_BASE_TURN_H

#include <pthread.h>
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

#endif
