/*
 * attempt_command: the command of an attempt: made, and shown as a user would type it.
 */
#ifndef PEXEC_POOL_ATTEMPT_COMMAND_H
#define PEXEC_POOL_ATTEMPT_COMMAND_H

#include <stdbool.h>

#include "pool/attempt.h"
#include "queue/job.h"

/* What the placeholders of a job's command stand for. */
struct template_values attempt_values(const struct attempt *attempt, const struct job *job);

/* Makes the command of the job. False when that cannot be; it has been said. */
bool attempt_fill_command(struct attempt *attempt, struct job *job);

/* Takes the command as it is, with the shell that was asked for: its path, and the argument vector.
 * False without memory. */
bool attempt_take_command(struct attempt *attempt);

/* Makes the line that shows the command, in `line` of the attempt. False without memory; that has
 * been said. */
bool attempt_quote_command(struct attempt *attempt, const struct job *job);

/* Prints the command to `fd`. False without memory; that has been said. */
bool attempt_print_command(struct attempt *attempt, const struct job *job, int fd);

/* Asks the user whether the command may run, where it has to be asked, or prints it under -t. */
bool attempt_announce(struct attempt *attempt, const struct job *job);

/* The command's name; argv may have a shell before it. */
const char *attempt_program(const struct attempt *attempt);

#endif
