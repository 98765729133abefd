/*
 * sd_notify: tells the service manager the state of the run, as sd_notify(3) does, for Type=notify
 * of systemd.
 *
 * Does nothing where NOTIFY_SOCKET is not in the environment. Only the main thread calls it.
 */
#ifndef PEXEC_SERVICE_SD_NOTIFY_H
#define PEXEC_SERVICE_SD_NOTIFY_H

#include <stdint.h>

/*
 * Reads the manager's variables and removes them from the environment, so that jobs do not get
 * them. Call it before there are other threads.
 */
void sd_notify_init(void);

/* The run has started, or has reopened its files after sd_notify_reloading. */
void sd_notify_ready(void);

/* The run reopens its files, on SIGHUP. sd_notify_ready has to follow. */
void sd_notify_reloading(void);

/* The run is about to end. Sent once, however often this is called. */
void sd_notify_stopping(void);

/* Sends one line about the run, which systemctl status shows. */
void sd_notify_status(const char *text);

/* When sd_notify_keep_alive is due, in ms of clock_ms(); INT64_MAX: there is no watchdog. */
int64_t sd_notify_due(void);

/* Tells the watchdog at `now_ms` that pexec lives. Returns when the next call is due. */
int64_t sd_notify_keep_alive(int64_t now_ms);

#endif
