/*
 * jobserver: the tokens by which make(1) and what it runs share slots: a byte in a pipe is the
 * right to run one job beside the first.
 *
 * As a client, pexec reads a byte for each job but one, whose token is the one that its own parent
 * holds for it, and writes it back at the end. As a server, it fills a pipe, or a FIFO where make
 * understands that (from 4.4 on), takes a token for each of its jobs, and tells the jobs in
 * MAKEFLAGS where the others are. See "POSIX Jobserver Interaction" in the manual of GNU make.
 */
#ifndef PEXEC_PACE_JOBSERVER_H
#define PEXEC_PACE_JOBSERVER_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/interrupt.h"
#include "base/lock.h"
#include "pace/slot_count.h"

/* The tokens that were taken: in memory that a fork shares, so that the guardian can give them
 * back.
 */
struct jobserver_tokens {
	_Atomic bool buried; /* somebody gives them back in pexec's place */
	unsigned count;
	unsigned char bytes[MAX_SLOTS + 1];
};

struct jobserver {
	int take, give; /* read a token, write one; the first is non-blocking, and ours alone */
	bool serves;    /* we have made it */
	unsigned slots; /* a client: the -j of the server; 0: it did not say */
	char path[PATH_MAX]; /* a server: of its FIFO; empty: it is a pipe */
	struct lock lock;    /* guards what follows */
	volatile struct jobserver_tokens *taken;
	unsigned total; /* a server: tokens that there are */
	unsigned owed;  /* those that are to vanish as they come back */
	unsigned kept;  /* of those that we have taken: no slot has them */
};

enum jobserver_found {
	JOBSERVER_NONE,  /* MAKEFLAGS names none */
	JOBSERVER_FOUND, /* it is open */
	JOBSERVER_CLOSED /* it names one that is not open here: the recipe has no + */
};

/* Opens the one that `flags`, the variable MAKEFLAGS, names; NULL: there is no variable. */
enum jobserver_found jobserver_join(struct jobserver *jobserver, const char *flags);

/*
 * Makes one with so many tokens, and sets MAKEFLAGS in our environment so that jobs join it. Before
 * there are threads. Exits with status 1 and a message where that cannot be.
 */
void jobserver_serve(struct jobserver *jobserver, unsigned total);

/* A server has so many tokens from now on; those that are too many vanish as they come back. */
void jobserver_set_total(struct jobserver *jobserver, unsigned total);

/*
 * Takes a token: waits for one until `stop` is raised. False with errno: 0, it was interrupted;
 * otherwise no token comes any more.
 */
bool jobserver_take(struct jobserver *jobserver, const struct interrupt *stop);

/* Gives one of the tokens back that were taken. */
void jobserver_give(struct jobserver *jobserver);

/*
 * For a process that has a copy of our memory, when we are dead, or no thread uses it any more:
 * gives back all tokens, and removes the FIFO of a server. Async-signal-safe.
 */
void jobserver_bury(const struct jobserver *jobserver);

/* Closes it; a server removes its FIFO. */
void jobserver_close(struct jobserver *jobserver);

#endif
