/*
 * record: what is kept of the jobs: a line in the journal, a record in a table or a folder, and an
 * acknowledgement.
 */
#ifndef PEXEC_RECORD_RECORD_H
#define PEXEC_RECORD_RECORD_H

#include <stdbool.h>

#include "base/escape.h"
#include "base/timers.h"
#include "output/job_output.h"
#include "record/acknowledge.h"
#include "record/job_record.h"
#include "record/journal.h"
#include "record/report.h"
#include "record/results_files.h"
#include "record/results_table.h"

struct record_options {
	struct journal_options journal;
	const char *report;     /* --report: a page about the run; NULL: there is none */
	const char *results;    /* --results: a folder or a table; NULL: neither */
	bool results_are_table; /* `results` names a table (.csv .tsv .json), not a folder */
	bool table_as_parallel; /* it has the quotes that GNU parallel writes */
	bool results_by_value;  /* it names files that have the names of values, not of jobs */
	bool results_go_on;     /* jobs that have such files already are not run */
	bool stdout_alone;      /* only what jobs print to their stdout is kept there */
	struct acknowledge_options acknowledge;
};

struct records {
	const struct record_options *options;
	struct journal *journal;     /* NULL: there is none */
	struct results_table *table; /* NULL: there is none */
	struct report *report;       /* NULL: there is none */
	struct results_files files;  /* of results_by_value */
	int folder;                  /* -1: there is none */
	bool writes;                 /* the journal is added to; with --dry-run it is only read */
	bool is_lost;                /* what was written may not be there */
};

/* The run has no records yet. */
void records_init(struct records *records, const struct record_options *options);

/*
 * Opens the journal. What is only printed (--dry-run) is not recorded; but what a run would leave
 * out is not printed, either. Exits with status 1 and a message on failure, as what follows.
 */
void records_open_journal(struct records *records);

/* Opens the table or the folder, and the report. */
void records_open_results(struct records *records);

/* The columns have these names, and the name of files has placeholders, or none: then it is a
 * folder. */
void records_set_names(struct records *records, const struct strlist *names, bool has_placeholder);

/* Has an earlier run done the job, by the files that it has left? */
bool records_are_there(const struct records *records, const struct job_record *record);

/* How many columns of values the table has from an earlier run; 0: there are none. */
size_t records_width(const struct records *records);

/*
 * All has been opened, and nothing else can be wrong: what earlier runs have left is emptied.
 * `lost_timer` is set when --sync cannot be kept later (records_are_lost).
 */
void records_begin(struct records *records, struct timer *lost_timer);

/* Is the command of a job recorded? */
bool records_have_command(const struct records *records);

/* Is it no longer certain that what was recorded is safe? */
bool records_are_lost(const struct records *records);

/*
 * A job is about to start: prepares its folder. What an earlier attempt printed is kept when it is
 * run `again`. Returns 0, or -1 with errno.
 */
int records_begin_job(const struct records *records, const struct job_record *record,
    struct job_output *output, bool again);

/* Writes where the results of a job are, as messages name it: its folder, its files, or the table.
 */
const char *records_place(
    const struct records *records, const struct job_record *record, char text[ESCAPED_NAME]);

/* Adds the name of the file with what a job prints to its stdout, where files have values' names.
 */
void records_name_stdout(
    const struct records *records, const struct job_record *record, struct strlist *name);

/* The job is over: completes its record or folder. Returns 0, or -1 with errno. */
int records_add_results(
    const struct records *records, const struct job_record *record, struct job_output *output);

/* The job's output is out: adds its line to the journal. Returns 0, or -1 with errno. */
int records_add_line(const struct records *records, const struct job_record *record);

/* An attempt has ended so, which is over for good or tried again: adds it to the report. */
void records_note_attempt(const struct records *records, const struct job_record *record,
    enum report_end end, const struct job_output *output);

/* As the one above, of a job that is over; `completed`: it is not left for another run. */
void records_note_end(const struct records *records, const struct job_record *record,
    bool completed, const struct job_output *output);

/* All jobs are recorded: what --sync has not made safe yet becomes safe, and the files are closed.
 * Where one of these fails, that is said, and records_are_lost tells it. */
void records_make_safe(struct records *records);

void records_close(struct records *records);

#endif
