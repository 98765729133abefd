/*
 * parallel_help: what parallel prints where it runs nothing. As types of options these print to
 * standard output, and end pexec.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_HELP_H
#define PEXEC_CLI_PARALLEL_PARALLEL_HELP_H

#include "cli/option_row.h"

/* --help, --version; --minversion N: is the version at least N? */
option_parse print_parallel_help, print_parallel_version, print_minimal_version;

/* --number-of-cores (which --number-of-cpus means as well), -sockets, -threads. */
option_parse print_cores, print_sockets, print_threads;

/* --max-line-length-allowed, --show-limits. */
option_parse print_line_length, print_limits;

/* --record-env: the names of the variables that there are, into ~/.parallel/ignored_vars. */
option_parse record_environment;

/* What is said of an option that cannot be read. Ends pexec with status 255. */
_Noreturn void parallel_refer_to_help(void);

#endif
