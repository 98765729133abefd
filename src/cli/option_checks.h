/*
 * option_checks: what only the whole command line can tell: which options need others, and which
 * cannot be combined.
 */
#ifndef PEXEC_CLI_OPTION_CHECKS_H
#define PEXEC_CLI_OPTION_CHECKS_H

#include "cli/option_row.h"

/*
 * Checks the options of a table and the operands together, as they were typed. Exits with status 1
 * and a message when they contradict each other.
 */
void check_options(const struct option_table *table, const struct options *options);

#endif
