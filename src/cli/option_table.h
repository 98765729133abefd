/*
 * option_table: every option of pexec under its own name, each in one row.
 *
 * A row says all that is particular to an option: its names, the type of its argument and the
 * bounds of it, the field that it sets, which other options it needs and which it excludes, and
 * its line in --help. Reading the command line, the checks, --help and the messages about unknown
 * options all go by the table. To add an option, add a row, the field that it sets, the place
 * where it acts, and a paragraph in the manual.
 */
#ifndef PEXEC_CLI_OPTION_TABLE_H
#define PEXEC_CLI_OPTION_TABLE_H

#include "cli/option_row.h"

/* All options, in the order of --help. */
extern const struct option_table option_table;

/* What holds where no option says otherwise. */
extern const struct options option_defaults;

#endif
