/*
 * xargs_help: what xargs --help and --version print.
 */
#ifndef PEXEC_CLI_XARGS_XARGS_HELP_H
#define PEXEC_CLI_XARGS_XARGS_HELP_H

#include "cli/option_row.h"

/* As types of options: print to standard output, and end pexec. */
option_parse print_xargs_help, print_xargs_version;

#endif
