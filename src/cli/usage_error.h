/*
 * usage_error: what pexec says, under its own name, about an option that cannot be read.
 */
#ifndef PEXEC_CLI_USAGE_ERROR_H
#define PEXEC_CLI_USAGE_ERROR_H

#include "cli/option_row.h"

/*
 * getopt_long has returned `found`, '?' or ':', as it could not read an option of `argv`, which
 * has those of `table`; its optopt and optind tell which. Says what is wrong: an argument is
 * missing, or one too many; a long name is the beginning of several; or the option is unknown, with
 * the nearest one that is known. Ends pexec with status 1.
 */
_Noreturn void usage_error(const struct option_table *table, int found, char *argv[]);

#endif
