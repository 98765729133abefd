/*
 * file_checks: no file that the run writes is one that it reads, or one that it writes otherwise.
 */
#ifndef PEXEC_CLI_FILE_CHECKS_H
#define PEXEC_CLI_FILE_CHECKS_H

#include "cli/options.h"

/*
 * Looks at all files that the run is going to open, those that it reads against those that it
 * writes or locks, by device and inode. Exits with status 1 and a message when two are the same.
 * Call it in the directory where the names were typed, before any of them is opened.
 */
void check_files(const struct options *options);

#endif
