/*
 * run_lock: one run at a time.
 *
 * --lock FILE: a run that finds the lock taken waits, or exits without a message, unless a process
 * of another user has it. --pidfile FILE: a
 * run that finds the file locked exits with a message that names the process which holds it. The
 * file is removed when that process ends, except by SIGKILL. A file that is there and is no pidfile
 * is refused, as it was not made to be removed. Both are locks of flock(2), which the kernel
 * releases however a process ends.
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
 * Takes the lock and the pidfile that `options` name. Call it before anything is read or written.
 * Exits with --lock-status, and without a message, when another run has the lock; with status 1 and
 * a message when another run has the pidfile, or on failure.
 */
void run_lock_take(const struct run_lock_options *options);

/* The run goes on in another process: this one no longer removes the pidfile. */
void run_lock_leave(void);

/*
 * The run goes on in this process: writes its number into the pidfile. Exits with status 1 and a
 * message on failure.
 */
void run_lock_enter(void);

/* Removes the pidfile at the end of the run. Runs at exit(3) as well. */
void run_lock_end(void);

#endif
