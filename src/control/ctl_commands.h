/*
 * ctl_commands: what clients of --ctl can ask a run for.
 */
#ifndef PEXEC_CONTROL_CTL_COMMANDS_H
#define PEXEC_CONTROL_CTL_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "control/run_notes.h"
#include "pace/gate.h"
#include "pool/pool.h"
#include "pool/slot.h"
#include "pool/status.h"
#include "pool/time_limit.h"
#include "queue/queue.h"

/* The parts of the run that commands are about. */
struct ctl_parts {
	const struct slot_parts *slot_parts;
	const struct status_parts *status_parts;
	struct pool *pool;
	struct queue *queue;
	struct gate *gate;
	struct sizer *sizer;
	struct run_state *state;
	struct memory_budget *budget; /* for what jobs print */
	struct progress *progress;
	struct time_limit *limit;
	struct events *events;
	struct run_notes *notes;     /* the server's */
	const struct strings *words; /* of the command that the run was started with */
};

/* What an answer goes on with. */
struct ctl_follow {
	/* nothing; what happens; a status; what a job prints, and its status */
	enum { CTL_ENDS, CTL_EVENTS, CTL_WAITS, CTL_TAILS } kind;
	uint64_t seq; /* of the job; 0: it is about the run */
};

/* Is this the name of a command? */
bool ctl_is_command(const char *word);

/* The names of all of them, with blanks between them, in a buffer of `size` bytes. Returns it. */
const char *ctl_command_names(char *text, size_t size);

/*
 * Does what a request says: a command and its argument, `length` bytes and a NUL. What is to be
 * answered is printed to `text`, and `follow` is what comes behind that. Returns false when that is
 * the reason why it was not done.
 */
bool ctl_obey(const struct ctl_parts *parts, char *bytes, size_t length, FILE *text,
    struct ctl_follow *follow);

/* Has the answer to this command no end until something has happened? */
bool ctl_command_follows(const char *word);

#endif
