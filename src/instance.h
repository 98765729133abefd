/*
 * instance: one run at a time.
 *
 * --lock FILE: a run that finds the lock taken waits, or ends quietly. --pidfile FILE: it is
 * refused, and the file tells which process has it; it is there as long as that process is, however
 * that ends, SIGKILL excepted. Both are locks of flock(2), which no end of a process leaves behind.
 */
#ifndef PEXEC_INSTANCE_H
#define PEXEC_INSTANCE_H

#include "options.h"

/*
 * Takes what `options` asks for: call it before anything is read or written. Exits with
 * --lock-status, without a word, when another run has the lock; with 1 and a message when one has
 * the pidfile, or on failure.
 */
void instance_begin(const struct options *options);

/*
 * The run goes on in another process. instance_leave, in the old one: it has nothing to do with it
 * any more. instance_enter, in the new one: the pidfile names that. Exits with status 1 and a
 * message on failure.
 */
void instance_leave(void);
void instance_enter(void);

/* The run is over: removes the pidfile. exit(3) does that as well. */
void instance_end(void);

#endif
