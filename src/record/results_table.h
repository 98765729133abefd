/*
 * table: records of jobs with their output, as CSV, TSV or JSON lines, in a file.
 *
 * Every byte can be got back. CSV doubles quotes; TSV writes tab, newline, carriage return and
 * backslash as \t \n \r \\; JSON is UTF-8, and a byte that is not becomes \udcXX, as in Python's
 * surrogateescape. Safe from any thread.
 */
#ifndef PEXEC_RECORD_RESULTS_TABLE_H
#define PEXEC_RECORD_RESULTS_TABLE_H

#include <stdbool.h>

#include "queue/job.h"

struct results_table;

/* Is this the name of a table, by its ending? */
bool results_table_is_name(const char *name);

/*
 * Opens the table; a name like -.csv stands for our standard output. When a resumed run goes on
 * with it half a record, which a crash has left at its end, is taken off, and that is said. Exits
 * with status 1 and a message on failure.
 */
struct results_table *results_table_open(const char *name, bool goes_on);

/* The run begins: empties the table unless it is gone on with. Exits with 1 on failure. */
void results_table_begin(struct results_table *table);

/*
 * Adds the record of a job that has ended, and forgets its output. Returns 0, or -1 with errno;
 * then the table is as it was before.
 */
int results_table_add(struct results_table *table, struct job *job);

void results_table_close(struct results_table *table);

#endif
