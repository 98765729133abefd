/*
 * results_table: records of jobs with their output, as CSV, TSV or JSON lines, in a file
 * (--results FILE). The columns are GNU parallel's; how they are written table_format says.
 */
#ifndef PEXEC_RECORD_RESULTS_TABLE_H
#define PEXEC_RECORD_RESULTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "output/job_output.h"
#include "record/job_record.h"

struct results_table;

/* Is this the name of a table, by its ending (.csv .tsv .json)? Otherwise it names a folder. */
bool results_table_is_name(const char *name);

/* Have all records of such a table as many columns? */
bool results_table_is_even(const char *name);

/* Does the name, like -.csv, stand for a table on our standard output? */
bool results_table_is_stdout(const char *name);

/*
 * Opens the table; a name like -.csv stands for our standard output. `name` is kept. With
 * `as_parallel` it is written as by GNU parallel. With `continues` the run resumes an earlier one
 * and adds to its table. What is in it stays as it is.
 * Exits with status 1 and a message when it is no table of this kind, and on failure.
 */
struct results_table *results_table_open(const char *name, bool as_parallel, bool continues);

/* How many columns of values the table has, that an earlier run has begun; 0: there are none yet.
 */
size_t results_table_width(const struct results_table *table);

/* The run begins: empties the table, or takes half a record, which a crash has left, off the one
 * that it adds to, and says so. Exits with status 1 and a message on failure. */
void results_table_begin(struct results_table *table);

/*
 * Adds the record of a job that has ended, with its output, which is then forgotten. Any slot may
 * call it. Returns 0, or -1 with errno; the table is then as it was before, or it was said that
 * half a record could not be taken off.
 */
int results_table_add(
    struct results_table *table, const struct job_record *record, struct job_output *output);

/* The last record has been added: closes the file. Returns 0, or -1 when that fails and records may
 * be lost; that has been said. */
int results_table_end(struct results_table *table);

/* Frees the table. */
void results_table_close(struct results_table *table);

#endif
