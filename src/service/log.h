/*
 * log: where our standard output and standard error go while the jobs run, and with them what the
 * jobs print: a file, the system's log, or for a daemon without either, nowhere.
 *
 * Until then they are what they were, so that errors of the start are seen by whoever starts.
 */
#ifndef PEXEC_SERVICE_LOG_H
#define PEXEC_SERVICE_LOG_H

#include <stdbool.h>

struct log_options {
	const char *path; /* --log FILE; NULL: none */
	bool syslog;      /* --log syslog */
	bool discards;    /* a daemon without a log: what is printed goes nowhere */
};

/* Opens it. Exits with status 1 and a message on failure. */
void log_open(const struct log_options *options);

/* From now on what is printed goes there. Exits with status 1 and a message on failure. */
void log_begin(void);

/*
 * The file was renamed, or so: opens it anew under its name, in its place, without a byte that is
 * lost; when that cannot be done it says so and keeps the old one. In the main thread.
 */
void log_reopen(void);

/* Nothing more is printed: returns when all of it has been handed on. exit(3) calls it, too. */
void log_end(void);

#endif
