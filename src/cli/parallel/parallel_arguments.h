/*
 * parallel_arguments: the command line of parallel before its options are read: what profiles and
 * $PARALLEL add to it, and what a #! line makes of it.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_ARGUMENTS_H
#define PEXEC_CLI_PARALLEL_PARALLEL_ARGUMENTS_H

/*
 * Puts what /etc/parallel/config, ~/.parallel/config or the profiles of -J have, and then the words
 * of $PARALLEL, before the first option, but not under --plain. Where the first option is
 * --shebang, the last word is a file of items, and its first line none. Ends pexec with status 255
 * and a message when a profile cannot be read.
 */
void parallel_arguments_prepare(int *argc, char **argv[]);

#endif
