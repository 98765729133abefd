/*
 * lock: mutexes that have a place in one order, and are taken in that order only.
 *
 * What guards data is held for a moment: nothing is waited for and no message is said meanwhile.
 * With assertions on, each of these rules is checked where a lock is taken; without them a lock is
 * a mutex and nothing else. (Where a thread has to keep others away for long, as while it reads
 * the queue or writes to our stdout, there is a turn instead: a flag that a lock guards.)
 */
#ifndef PEXEC_BASE_LOCK_H
#define PEXEC_BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The order: a thread that holds a lock takes only those that stand below it. Two are held for more
 * than a moment: LOCK_PROCESS over vfork, where the supervisor alone waits for it, for a second at
 * most (Ctrl-Z, and jobs that want the terminal); LOCK_RECORD over the write of one line to the
 * journal, and once over its reading, when the queue proves to be another one than the journal's.
 */
enum lock_rank {
	LOCK_POOL,     /* the list of slots */
	LOCK_SHOWN,    /* the job that a slot shows to --ctl */
	LOCK_ASKED,    /* which process is asked for --limit */
	LOCK_PROCESS,  /* one process: started, signalled, reaped */
	LOCK_ORPHANS,  /* the list of orphans */
	LOCK_SETTLE,   /* the order of jobs */
	LOCK_READY,    /* jobs that wait to be taken again */
	LOCK_TURN,     /* which thread has a turn: at the queue, at a table */
	LOCK_STATE,    /* how the run ends */
	LOCK_PACE,     /* when the next job may start */
	LOCK_PROGRESS, /* what the jobs have come to */
	LOCK_RECORD,   /* the journal */
	LOCK_TOLD,     /* what was told of the run, and not taken yet by those who want to know */
	LOCK_NOTES,    /* what --ctl has noted of the run */
	LOCK_SPOOL,    /* what listeners look at in spools */
	LOCK_MEMORY,   /* large pieces that are used again */
	LOCK_EVENT,    /* what a thread waits for */
	LOCK_CONSOLE,  /* the right to write, and messages that wait */
	LOCK_TERMINAL, /* the terminal that a job prints to */
	LOCK_RANKS
};

struct lock {
	pthread_mutex_t mutex;
	enum lock_rank rank;
};

/* A lock in static memory. */
#define LOCK_INITIALIZER(rank)                                                                     \
	{                                                                                          \
		PTHREAD_MUTEX_INITIALIZER, (rank)                                                  \
	}

void lock_init(struct lock *lock, enum lock_rank rank);
void lock_destroy(struct lock *lock);

/* Takes the lock. The thread holds none of the same rank or of one further down. */
void lock_take(struct lock *lock);

/* Takes the lock if it is free, whatever the thread holds. Returns whether it has it. */
bool lock_try(struct lock *lock);

/* Takes the lock, until `until_ms` of clock_ms() at most. Returns whether it has it. */
bool lock_take_until(struct lock *lock, int64_t until_ms);

void lock_release(struct lock *lock);

/* Makes a condition whose waits end by clock_ms(). */
void lock_init_condition(pthread_cond_t *condition);

/*
 * Waits at a condition that the lock guards, until `until_ms` of clock_ms() at most (INT64_MAX:
 * for ever). The thread holds no other lock.
 */
void lock_wait(struct lock *lock, pthread_cond_t *condition, int64_t until_ms);

/* Does the calling thread hold no lock? Known with assertions on; always true without them. */
bool lock_none_held(void);

#endif
