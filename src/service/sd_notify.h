/*
 * notify: tells the service manager how pexec is doing, as sd_notify(3) does: for Type=notify of
 * systemd.
 *
 * Where nobody has asked for it, by NOTIFY_SOCKET in the environment, there is nothing to do. All
 * of it is the main thread's.
 */
#ifndef PEXEC_SERVICE_SD_NOTIFY_H
#define PEXEC_SERVICE_SD_NOTIFY_H

#include <stdint.h>

/* Takes what the environment says, so that jobs do not see it. Call it before there are threads. */
void sd_notify_init(void);

/* Everything is up; or again, after sd_notify_reloading. */
void sd_notify_ready(void);

/* Something is being reopened: files, on SIGHUP. sd_notify_ready has to follow. */
void sd_notify_reloading(void);

/* The run comes to its end. Said once, however often it is called. */
void sd_notify_stopping(void);

/* What the run has come to: one line for whoever looks. */
void sd_notify_status(const char *text);

/* When the watchdog has to be told next that pexec lives, in ms of clock_ms(); INT64_MAX: never. */
int64_t sd_notify_due(void);

/* Tells it so at `now_ms`. Returns when it has to be told again, as sd_notify_due. */
int64_t sd_notify_keep_alive(int64_t now_ms);

#endif
