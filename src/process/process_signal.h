/*
 * process_signal: what the parts of process.h share: its lock, and the way of a signal to all of
 * it.
 */
#ifndef PEXEC_PROCESS_PROCESS_SIGNAL_H
#define PEXEC_PROCESS_PROCESS_SIGNAL_H

#include <stdint.h>

#include "process/process.h"

/* How long the slot waits for the last members of a group when no signal is left to send. */
enum { LAST_WAIT_MS = 100 };

/* Signals all of it; SIGCONT follows, as a stopped process would not end. With the lock held. */
void process_send(struct process *process, int signal);

/* No signal is left that could end the group: LAST_WAIT_MS begins. With the lock held. */
void process_note_all_sent(struct process *process, int64_t now_ms);

/*
 * Releases the lock, and sends the signals that were left for it. None is missed: process_signal
 * leaves the signal first and then tries the lock; this releases the lock first and then looks.
 */
void process_unlock(struct process *process);

#endif
