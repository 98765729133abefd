/*
 * limit_command: a command of the user tells whether another job may start (--limit).
 */
#ifndef PEXEC_PACE_LIMIT_COMMAND_H
#define PEXEC_PACE_LIMIT_COMMAND_H

#include "pace/verdict.h"
#include "process/side_process.h"

/*
 * Runs the command and judges by its exit status, as GNU parallel does: 0 lets one more job start
 * than before, 1 none; 2 none, and the youngest is to be put back: then returns true. A command
 * that fails in another way lets none start, and the reason says so.
 */
bool limit_command_judge(
    struct verdict *verdict, const char *command, const struct side_process *by);

#endif
