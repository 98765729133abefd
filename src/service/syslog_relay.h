/*
 * syslog_relay: sends our standard output and standard error to the system's log, line by line
 * (--log syslog).
 *
 * Both outputs become pipes, and a thread sends every line that comes out of them to syslogd in the
 * form of syslog(3): "pexec[PID]: LINE", facility daemon, level info for standard output and
 * warning for standard error. syslog(3) itself is not used, as it drops lines without a word while
 * syslogd is away. Here the lines wait in the pipe, and when that is full, its writers wait.
 */
#ifndef PEXEC_SERVICE_SYSLOG_RELAY_H
#define PEXEC_SERVICE_SYSLOG_RELAY_H

/* Connects to syslogd. Exits with status 1 and a message on failure. */
void syslog_relay_open(void);

/*
 * Puts the pipes in the place of our outputs and starts the thread. Call it with every signal
 * blocked: the thread inherits that. Exits with status 1 and a message on failure.
 */
void syslog_relay_start(void);

/*
 * Sends what is left in the pipes and ends the thread; call it when our outputs are no longer the
 * pipes. Gives up after two seconds when syslogd does not take it.
 */
void syslog_relay_end(void);

#endif
