/*
 * table: records of jobs with their output, as CSV, TSV or JSON lines, in a file.
 *
 * Every byte can be got back. CSV doubles quotes; TSV writes tab, newline, carriage return and
 * backslash as \t \n \r \\; JSON is UTF-8, and a byte that is not becomes \udcXX, as in Python's
 * surrogateescape. Safe from any thread.
 */
#ifndef PEXEC_TABLE_H
#define PEXEC_TABLE_H

#include <stdbool.h>

#include "job.h"

struct table;

/* Is this the name of a table, by its ending? */
bool table_is_name(const char *name);

/*
 * Opens the table; a name like -.csv stands for our standard output. When a resumed run goes on
 * with it half a record, which a crash has left at its end, is taken off, and that is said. Exits
 * with status 1 and a message on failure.
 */
struct table *table_open(const char *name, bool goes_on);

/* The run begins: empties the table unless it is gone on with. Exits with 1 on failure. */
void table_begin(struct table *table);

/*
 * Adds the record of a job that has ended, and forgets its output. Returns 0, or -1 with errno;
 * then the table is as it was before.
 */
int table_add(struct table *table, struct job *job);

void table_close(struct table *table);

#endif
