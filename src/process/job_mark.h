/*
 * job_mark: the variable PEXEC_JOB=RUN.SEQ, by which processes of a job are known that have left
 * its group. RUN differs from run to run: what another run has left behind is not meant.
 */
#ifndef PEXEC_PROCESS_JOB_MARK_H
#define PEXEC_PROCESS_JOB_MARK_H

#include <stdint.h>

/* Room for the name, the run, a dot and the number of a job. */
enum { JOB_MARK_ROOM = 56 };

/* Makes what the marks of a run begin with, up to the dot. */
void job_mark_make_run(char mark[JOB_MARK_ROOM]);

/* Makes the mark of a job. */
void job_mark_make(char mark[JOB_MARK_ROOM], const char *run, uint64_t seq);

/* The number of the job whose mark this is; 0: it is no mark of this run. Async-signal-safe. */
uint64_t job_mark_seq(const char *mark, const char *run);

#endif
