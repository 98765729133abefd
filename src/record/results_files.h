/*
 * results_files: what jobs print in files that have the names of their values, as GNU parallel lays
 * them out (--results of parallel).
 *
 * Without a placeholder in it NAME is a folder: NAME/1/VALUE/2/VALUE has the files `stdout`,
 * `stderr` and `seq`; --header has names for 1 and 2. In VALUE a slash is \_, and so are other
 * bytes that a name cannot have or would hide; a name of more than 255 bytes is cut. With a
 * placeholder NAME is that of the first file, beside which are NAME.err and NAME.seq; or a folder,
 * where it ends in a slash.
 */
#ifndef PEXEC_RECORD_RESULTS_FILES_H
#define PEXEC_RECORD_RESULTS_FILES_H

#include <stdbool.h>

#include "output/job_output.h"
#include "record/job_record.h"

struct results_files {
	const char *folder;          /* without a placeholder; NULL: the record has the name */
	const struct strlist *names; /* of the columns */
	bool stdout_alone;           /* there is no other file */
};

/* Has an earlier run left the files of this job? */
bool results_files_are_there(const struct results_files *files, const struct job_record *record);

/*
 * Prepares the files of a job that is about to start, and opens them as copies of `output`. Returns
 * 0, or -1 with errno.
 */
int results_files_begin(
    const struct results_files *files, const struct job_record *record, struct job_output *output);

/* Adds the path of the file with what the job prints to its stdout. */
void results_files_name_stdout(
    const struct results_files *files, const struct job_record *record, struct strlist *path);

/* Adds what the paths of the job's files begin with. */
void results_files_place(
    const struct results_files *files, const struct job_record *record, struct strlist *path);

#endif
