/*
 * usage_error: what is said about an option that cannot be read.
 */
#ifndef PEXEC_CLI_USAGE_ERROR_H
#define PEXEC_CLI_USAGE_ERROR_H

/*
 * getopt_long has returned `found`, '?' or ':', as it could not read an option of `argv`; its
 * optopt and optind tell which. Says what is wrong: an argument is missing, or one too many; a long
 * name is the beginning of several; or the option is unknown, with the nearest one that is known.
 * Ends pexec with status 1.
 */
_Noreturn void usage_error(int found, char *argv[]);

#endif
