/*
 * journal: the file of --joblog, a line for every finished job, and what it says of earlier runs.
 *
 * The columns are GNU parallel's. A line is one write(2) at the end of the file, made once the
 * job's output has been delivered: so the journal never claims work whose result was lost. The last
 * line of a job is the one that counts.
 */
#ifndef PEXEC_RECORD_JOURNAL_H
#define PEXEC_RECORD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strlist.h"
#include "queue/job.h"

struct journal;

/* Which of the jobs that the journal has are run. */
enum resume {
	RESUME_NO,         /* the journal is only written */
	RESUME_NEW,        /* --resume: those that it does not have */
	RESUME_FAILED,     /* --resume-failed: and those that failed */
	RESUME_FAILED_ONLY /* --retry-failed: only those that failed */
};

struct journal_options {
	const char *path; /* --joblog; NULL: there is none */
	bool usage;       /* lines have processor times and memory */
	bool sync;        /* --sync: lines are kept safe from a power cut */
	bool dry_run;     /* it is only read */
	enum resume resume;
};

/*
 * Opens the journal that `options` names, for this pexec alone, and reads it when the run resumes
 * an earlier one. A last line that a crash has torn is then taken off, and that is said. With
 * --dry-run it is only read; NULL when there is none. Exits with status 1 and a message when it
 * cannot be opened, is in use, or is damaged.
 */
struct journal *journal_open(const struct journal_options *options);

/* The same with a file that is open. For tests of damaged journals. */
struct journal *journal_read(const struct journal_options *options, int fd);

/*
 * The run begins: empties the journal unless it is gone on with, and writes the names of the
 * columns where it is empty. Exits with status 1 and a message on failure.
 */
void journal_begin(struct journal *journal);

/*
 * Makes the file safe from a power cut (--sync), and begins to keep safe what is written. When that
 * fails later it is said, and `lost(context)` is called, once, by another thread. Exits with status
 * 1 and a message on failure.
 */
void journal_start_sync(struct journal *journal, void (*lost)(void *context), void *context);

/* All has been written: returns when it is safe, or was lost. */
void journal_stop_sync(struct journal *journal);

/* The highest number of a job that it has; 0: it has none. */
uint64_t journal_last(const struct journal *journal);

/* The first job that is to be run. */
uint64_t journal_first(const struct journal *journal);

enum journal_verdict {
	JOURNAL_RUN,
	JOURNAL_SKIP,
	JOURNAL_HOLD,   /* to be run, once a later job has proved to be the journal's */
	JOURNAL_COMPARE /* as journal_compare says: the journal has the job */
};

/* Is job number `seq` to be run? */
enum journal_verdict journal_ask(const struct journal *journal, uint64_t seq);

/*
 * The same for a job that the journal has, by its command in print. When that is another one than
 * the journal's, says how they differ, and returns JOURNAL_COMPARE: nothing may be run.
 */
enum journal_verdict journal_compare(
    struct journal *journal, uint64_t seq, const struct strlist *command);

/*
 * The queue is at its end, behind `jobs` jobs. When the journal knows of more, says so and returns
 * false.
 */
bool journal_end_of_queue(const struct journal *journal, uint64_t jobs);

/* Adds the line of a job. Returns 0, or -1 with errno; then the journal is as it was before. */
int journal_add(struct journal *journal, const struct job *job);

void journal_close(struct journal *journal);

#endif
