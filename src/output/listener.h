/*
 * listener: one that reads along what a running job prints (--ctl tail), while the job's slot keeps
 * it and passes it on.
 *
 * A listener takes what it has not heard yet from the job's spools as they are. It holds up no one:
 * what is about to leave a spool before that is copied for it, MOST_UNHEARD bytes at most; one that
 * is further behind hears nothing more.
 *
 * The spools of a job belong to the thread of its slot. Once there may be listeners, that thread
 * changes what they look at only with listeners_hold().
 */
#ifndef PEXEC_OUTPUT_LISTENER_H
#define PEXEC_OUTPUT_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/interrupt.h"
#include "base/text_buffer.h"

struct spool;

/* So many bytes that have left their spool may wait to be taken by a listener. */
enum { MOST_UNHEARD = 16 * 1024 * 1024 };

struct listener {
	TAILQ_ENTRY(listener) next;
	struct interrupt *wake; /* raised when there is something to take */
	bool woken;             /* it was, and nothing was taken since then */
	uint64_t seq;           /* of the job */
	bool joined;            /* the job has run since then */
	const struct spool
	    *spools[2];          /* its stdout and stderr; NULL: it does not run yet, or is over */
	off_t heard[2];          /* bytes of both that need not be taken any more */
	bool is_late;            /* that some were gone before was told */
	struct text_buffer text; /* what can be taken beside the spools */
	bool lost;               /* it hears nothing more */
};

/* --- for who listens --- */

/* From now on there may be listeners. Before the first job. */
void listeners_may_come(void);

/* Begins to listen to job `seq`. If that runs already, listeners_join is to be called. */
void listener_begin(struct listener *listener, uint64_t seq, struct interrupt *wake);

/*
 * Takes what comes next: `*bytes` becomes a text of the caller's. It is made of pieces: `out` or
 * `err`, a blank, a number, a newline, and so many bytes; or `note`, a blank, and what is to be
 * said of it, in a line. Returns its length; 0: nothing is there now.
 */
size_t listener_take(struct listener *listener, char **bytes);

/* It hears nothing more: it is too far behind, or there is no memory. */
bool listener_is_lost(const struct listener *listener);

/* Has it heard of the job at all? */
bool listener_has_joined(const struct listener *listener);

void listener_end(struct listener *listener);

/* --- for who has the job --- */

/* The job has these spools: those who wait for it listen to them. */
void listeners_join(uint64_t seq, const struct spool *out, const struct spool *err);

/* Is there any? Then all that a job prints has to go through its spools. */
bool listeners_are_there(void);

/* --- for its spools --- */

/* Changes of a spool are made between these two. With no lock held that stands below. */
void listeners_hold(void);
void listeners_release(void);

/* There is more in the spool. */
void listeners_hear(const struct spool *spool);

/* The first `length` bytes in the spool are about to leave it. */
void listeners_save(const struct spool *spool, off_t length);

/* These bytes never come into the spool. */
void listeners_pass(struct spool *spool, const char *bytes, size_t length);

/* The spool is used for another job. */
void listeners_leave(const struct spool *spool);

#endif
