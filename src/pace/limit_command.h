/*
 * limit_command: a command of the user tells whether another job may start (--limit).
 *
 * A slot runs it, one at a time, and waits for it. The supervisor breaks that off when the answer
 * does not matter any more.
 */
#ifndef PEXEC_PACE_LIMIT_COMMAND_H
#define PEXEC_PACE_LIMIT_COMMAND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/lock.h"
#include "pace/verdict.h"
#include "process/side_process.h"

struct limit_command {
	const char *command;     /* NULL: there is none */
	atomic_bool is_asked;    /* a slot runs it */
	atomic_bool dropped;     /* its answer does not matter any more */
	struct lock lock;        /* guards what follows; held while the process is signalled */
	struct process *process; /* runs it; NULL: none does */
};

void limit_command_init(struct limit_command *limit, const char *command);
void limit_command_destroy(struct limit_command *limit);

enum limit_answer {
	LIMIT_JUDGED,  /* the verdict says what follows */
	LIMIT_DEMANDS, /* so it does, and the youngest job is to be put back */
	LIMIT_DROPPED  /* the command was ended before it had answered */
};

/* May the caller run it? Not while another slot does. If so, limit_command_judge follows. */
bool limit_command_claim(struct limit_command *limit);

/*
 * Runs the command and judges by its exit status, as GNU parallel does: 0 lets one more job start
 * than before, 1 none; 2 none, and the youngest is to be put back. A command that fails in another
 * way lets none start, and the reason says so.
 */
enum limit_answer limit_command_judge(
    struct limit_command *limit, struct verdict *verdict, const struct side_process *by);

/* Does a slot run it? */
bool limit_command_is_asked(const struct limit_command *limit);

/* Its answer does not matter any more: kills it with its group, where a slot runs it. */
void limit_command_drop(struct limit_command *limit);

#endif
