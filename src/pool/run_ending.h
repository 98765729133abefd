/*
 * run_ending: the failures that end a run under FAILURE_MAY_END_RUN, with what is said of them.
 */
#ifndef PEXEC_POOL_RUN_ENDING_H
#define PEXEC_POOL_RUN_ENDING_H

#include "pace/run_state.h"
#include "record/job_record.h"

/* The program `name` cannot be run: `error` is the errno of that. Ends the run with 126, or 127
 * where it is not there; with 1 where its arguments are too long. */
void run_ending_by_program(struct run_state *state, const char *name, int error);

/* The job of the program `name` has failed. Ends the run with 125 where a signal has killed it,
 * with 124 where it has exited with 255; else the run goes on. */
void run_ending_by_job(struct run_state *state, const char *name, const struct job_record *record);

/* A job cannot have the terminal: errno tells why. Ends the run with 125. */
void run_ending_by_terminal(struct run_state *state);

#endif
