/*
 * journal: the file of --joblog, a line for every finished job, and what it says of earlier runs.
 *
 * A line is one write(2) at the end of the file, made once the job's output has been delivered: so
 * the journal never claims work whose result was lost. The last line of a job is the one that
 * counts. journal_add may be called by several slots at once, and journal_is_lost by any thread;
 * what decides which jobs are run is for the slot that has the queue, the rest for the main thread.
 */
#ifndef PEXEC_RECORD_JOURNAL_H
#define PEXEC_RECORD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/shard.h"
#include "base/strlist.h"
#include "base/timers.h"
#include "record/job_record.h"

struct journal;

/* Which of the jobs that the journal has are run. */
enum resume {
	RESUME_NO,         /* all: the journal is only written */
	RESUME_NEW,        /* --resume: none, only those that it does not have */
	RESUME_FAILED,     /* --resume-failed: those that failed, and those that it does not have */
	RESUME_FAILED_ONLY /* --retry-failed: those that failed, and no others */
};

struct journal_options {
	const char *path;   /* --joblog; NULL: there is none */
	const char *parts;  /* the name as typed, which stands for the journals of all parts
			     * (shard_name.h), by which a run resumes; NULL: there is this one */
	struct shard shard; /* of the jobs, those that this run has */
	bool usage;         /* --joblog-usage: lines have processor times and memory */
	bool sync;          /* --sync: lines are kept safe from a power cut */
	bool dry_run;       /* the journal is only read */
	bool by_numbers;    /* an earlier run had the same jobs, whatever their commands were */
	bool appends;       /* what is in it stays, whatever it is about */
	enum resume resume;
};

/*
 * Opens the journal that `options` names, for this pexec alone, and reads it when the run resumes
 * an earlier one. What is in it stays as it is. With --dry-run it is only read; returns NULL when
 * there is none. Exits with status 1 and a message when it cannot be opened, is in use, is damaged
 * or is no journal.
 */
struct journal *journal_open(const struct journal_options *options);

/* As journal_open, with a file that is open already. For tests of damaged journals. */
struct journal *journal_read(const struct journal_options *options, int fd);

/*
 * The run begins: empties the journal, or where the run resumes an earlier one, takes off a last
 * line that a crash has torn, and says so. Writes the names of the columns where the journal is
 * empty. Exits with status 1 and a message on failure.
 */
void journal_begin(struct journal *journal);

/*
 * Makes the file safe from a power cut (--sync), and starts the thread that keeps safe what is
 * added. When that fails later the thread says so; journal_is_lost is true from then on, and
 * `lost_timer` is set, so that the supervisor looks. Exits with status 1 and a message on failure.
 */
void journal_start_sync(struct journal *journal, struct timer *lost_timer);

/* The last line has been added: returns when all are safe, or the journal is lost. */
void journal_stop_sync(struct journal *journal);

/* Has --sync failed? Lines may get lost in a power cut: no more jobs may be started. */
bool journal_is_lost(const struct journal *journal);

/*
 * Takes in what the journals of all other parts have by now, as journal_read_parts. Exits with
 * status 1 when one cannot be read; that has been said.
 */
void journal_read_others(struct journal *journal, double since_s);

/* Are there journals of other parts of the queue, by the options? */
bool journal_has_parts(const struct journal *journal);

/*
 * Takes in what the journals of these parts have by now, of our own queue; others are not read, as
 * they may be left from another run. What has failed since `since_s`, in seconds since 1970, has
 * failed in this run, and is not run again. By the thread that asks which jobs are run. Returns
 * false when one cannot be read; that has been said.
 */
bool journal_read_parts(
    struct journal *journal, const uint64_t *parts, size_t count, double since_s);

/* The highest number of a job that the journal has; 0: it has none. */
uint64_t journal_last(const struct journal *journal);

/* The number of the first job that is to be run, as far as the journal knows. */
uint64_t journal_first(const struct journal *journal);

enum journal_verdict {
	JOURNAL_RUN,     /* the job is to be run */
	JOURNAL_SKIP,    /* it is not to be run */
	JOURNAL_HOLD,    /* to be run, once a later job has proved to be the journal's */
	JOURNAL_COMPARE, /* the journal has the job: journal_compare says whether it is run */
	JOURNAL_OTHER    /* it is not the one that the journal has: nothing may be run */
};

/* Is job number `seq` to be run? */
enum journal_verdict journal_ask(const struct journal *journal, uint64_t seq);

/*
 * Is job number `seq` to be run, which the journal has? `command` is its command in print, one
 * string. When the journal has another command, says how they differ, or why that cannot be read,
 * and returns JOURNAL_OTHER.
 */
enum journal_verdict journal_compare(
    struct journal *journal, uint64_t seq, const struct strlist *command);

/*
 * Finds the first job from number `from` on that earlier runs have recorded: sets `seq` to its
 * number and `command` to its command in print, one string. False when there is none, or it cannot
 * be read.
 */
bool journal_recall(struct journal *journal, uint64_t from, uint64_t *seq, struct strlist *command);

/* Says that jobs `first` to `last`, which the journal does not have, are too many to be held back
 * until a later one has proved to be the journal's. */
void journal_say_gap(const struct journal *journal, uint64_t first, uint64_t last);

/*
 * The queue is at its end, and had `jobs` jobs. When the journal knows of more, says so and returns
 * false.
 */
bool journal_end_of_queue(const struct journal *journal, uint64_t jobs);

/*
 * Adds the line of a job. Returns 0, or -1 with errno; the journal is then as it was before, or it
 * was said that half a line could not be taken off.
 */
int journal_add(struct journal *journal, const struct job_record *record);

/* The last line has been added: closes the file. Returns 0, or -1 when that fails and lines may be
 * lost; that has been said. */
int journal_end(struct journal *journal);

/* Frees the journal. */
void journal_close(struct journal *journal);

#endif
