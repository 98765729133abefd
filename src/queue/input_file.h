/*
 * input_file: opening the files that items come from, and what is said of those that cannot be
 * read.
 */
#ifndef PEXEC_QUEUE_INPUT_FILE_H
#define PEXEC_QUEUE_INPUT_FILE_H

#include <stdbool.h>

/*
 * Opens a file for reading; "-" is `standard_input`, of which the caller gets a copy. A FIFO that
 * has no writer yet opens at once. Returns a descriptor, or -1 with errno.
 */
int input_file_open(const char *name, int standard_input);

/*
 * Exits with status 1 and a message when a file is not there, is a folder or may not be read: jobs
 * of the files before it would have run by the time that this shows. `may_come`: it need not be
 * there yet.
 */
void input_file_check(const char *name, bool may_come);

/* "WHAT NAME: the reason in errno". */
void input_file_complain(const char *what, const char *name);

/* Opens the file at the start: when that fails, pexec ends with status 1. */
_Noreturn void input_file_fail(const char *what, const char *name);

#endif
