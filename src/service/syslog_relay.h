/*
 * relay: our standard output and standard error to the system's log, line by line (--log syslog).
 *
 * Both become pipes, and a thread sends every line that comes out of them to syslogd, in the form
 * of syslog(3): "pexec[PID]: LINE", of the facility daemon; what comes from standard output has the
 * level info, and from standard error, warning. Not through syslog(3) itself: that drops lines
 * without a word while syslogd is away. Here they wait: first in the pipe, and when that is full,
 * whoever writes to it.
 */
#ifndef PEXEC_SERVICE_SYSLOG_RELAY_H
#define PEXEC_SERVICE_SYSLOG_RELAY_H

/* Connects to syslogd. Exits with status 1 and a message on failure. */
void syslog_relay_open(void);

/*
 * Puts pipes in the place of our outputs and starts the thread. With every signal blocked. Exits
 * with status 1 and a message on failure.
 */
void syslog_relay_start(void);

/*
 * Our outputs are no longer the pipes: sends what is left in them, for two seconds at most when
 * syslogd does not take it.
 */
void syslog_relay_end(void);

#endif
