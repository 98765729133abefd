/*
 * xargs_types: the types of arguments of the options of xargs, with what it says of wrong ones.
 *
 * Those that say how many items a command has exclude each other: the last one holds, with a
 * warning.
 */
#ifndef PEXEC_CLI_XARGS_XARGS_TYPES_H
#define PEXEC_CLI_XARGS_XARGS_TYPES_H

#include "cli/option_row.h"

/* -0, and -d: a byte, or its escape as \n, \0101 or \x41. */
option_parse parse_null, parse_delimiter;

/* -I and -i, -L and -l, -n. */
option_parse parse_replace, parse_max_lines, parse_max_args;

/* -s, of which more than there can be is as much as there can be; -P. */
option_parse parse_max_chars, parse_max_procs;

/* What is said of an option that cannot be read, behind the reason. Ends pexec with status 1. */
_Noreturn void xargs_refer_to_help(void);

#endif
