/*
 * One run of pexec in a mode: its folder and what is in it, the run with its fault, and what is
 * left of it when it has ended.
 *
 * A run has two folders: in one of them it works, and finds what its mode needs; in the other one
 * the sweep keeps what it has to know: items, notes, output, messages.
 */
#ifndef SHORTAGE_TRIAL_H
#define SHORTAGE_TRIAL_H

#include "modes.h"
#include "trace.h"

enum { TRIAL_PATH = 256, TRIAL_LEFT = 300 };

/* --grace of a run that SIGTERM ends, in seconds. */
#define TRIAL_GRACE "1"

/* What is the same in all runs of a worker. */
struct trial_place {
	const char *pexec;
	const char *job;
	char work[TRIAL_PATH];
	char notes[TRIAL_PATH];
	const char *const
	    *under;      /* a command that runs another one with less than it wants; or NULL */
	int lasts_ms;    /* how long each job takes */
	int64_t most_ms; /* how long a run may take */
};

struct trial {
	const struct mode *mode;
	const struct fault *fault;
	struct traced traced;
	char processes[TRIAL_LEFT]; /* what it has left running; empty: nothing */
	char files[TRIAL_LEFT];     /* what it has left in its folder */
};

/* Makes the folders of a place, under another folder. `work` may be NULL, or where all runs work.
 */
void trial_open_place(struct trial_place *place, const char *folder, const char *work);

/* Does SIGTERM come, with or after the fault? */
bool trial_has_term(const struct fault *fault);

/* Runs pexec with a fault, in a folder that is new. */
void trial_run(struct trial *trial, const struct trial_place *place, const struct mode *mode,
    const struct fault *fault);

/* Runs pexec again in the same folder, without a fault; the notes of the first run stay in
 * "notes.1". */
void trial_resume(struct trial *trial, const struct trial_place *place, const struct mode *mode);

/* The text of a file in a folder, as a string to be freed; an empty one if there is none. */
char *trial_read(const char *folder, const char *name);

/* Removes what is in a folder, and with `whole` the folder, too. */
void trial_clear(const char *folder, bool whole);

#endif
