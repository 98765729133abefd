/*
 * instance: one run at a time.
 *
 * --lock FILE: a run that finds the lock taken waits, or ends quietly. --pidfile FILE: it is
 * refused, and the file tells which process has it; it is there as long as that process is, however
 * that ends, SIGKILL excepted. Both are locks of flock(2), which no end of a process leaves behind.
 */
#ifndef PEXEC_SERVICE_RUN_LOCK_H
#define PEXEC_SERVICE_RUN_LOCK_H

struct run_lock_options {
	const char *path;    /* --lock; NULL: none */
	long long wait_ms;   /* --lock-wait; -1: not given */
	int status;          /* --lock-status: of a run that finds the lock taken; -1: not given */
	const char *pidfile; /* --pidfile; NULL: none */
};

/*
 * Takes what `options` asks for: call it before anything is read or written. Exits with
 * --lock-status, without a word, when another run has the lock; with 1 and a message when one has
 * the pidfile, or on failure.
 */
void run_lock_take(const struct run_lock_options *options);

/*
 * The run goes on in another process. run_lock_leave, in the old one: it has nothing to do with it
 * any more. run_lock_enter, in the new one: the pidfile names that. Exits with status 1 and a
 * message on failure.
 */
void run_lock_leave(void);
void run_lock_enter(void);

/* The run is over: removes the pidfile. exit(3) does that as well. */
void run_lock_end(void);

#endif
