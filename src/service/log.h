/*
 * log: where our standard output and standard error go while the jobs run, and with them what the
 * jobs print: a file, the system's log, or for a daemon without either, /dev/null.
 *
 * Until log_begin they stay what they were, so that the user sees the errors of the start.
 */
#ifndef PEXEC_SERVICE_LOG_H
#define PEXEC_SERVICE_LOG_H

#include <stdbool.h>

struct log_options {
	const char *path; /* --log FILE; NULL: none */
	bool syslog;      /* --log syslog */
	bool discards;    /* --daemon without --log: what is printed is discarded */
};

/* Opens the log. Exits with status 1 and a message on failure. */
void log_open(const struct log_options *options);

/* Puts the log in the place of our outputs. Exits with status 1 and a message on failure. */
void log_begin(void);

/*
 * Opens the log file anew under its name, as after a rotation, and puts it in the place of the old
 * one without losing a byte. When that fails, prints a message and keeps the old file. Call it in
 * the main thread.
 */
void log_reopen(void);

/* Returns when syslogd has been given all that was printed. Runs at exit(3) as well. */
void log_end(void);

#endif
