/*
 * help: what --help and --version print.
 */
#ifndef PEXEC_CLI_HELP_H
#define PEXEC_CLI_HELP_H

#include "cli/option_row.h"

/*
 * --help and --version, as types of options: print to standard output, and end pexec with status 0,
 * or with 1 and a message when the output cannot be written.
 *
 * --help has no argument, or the name of a group or of an option: then it prints what the manual
 * says about these (cli/help_text.h). Another argument is an error.
 */
option_parse print_help, print_version;

/* What --help takes beside the names of options, one by one. NULL: there are no more. */
const char *help_topic(size_t index);

#endif
