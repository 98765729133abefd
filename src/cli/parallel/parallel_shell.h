/*
 * parallel_shell: which shell reads the commands of parallel.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_SHELL_H
#define PEXEC_CLI_PARALLEL_PARALLEL_SHELL_H

/*
 * $PARALLEL_SHELL, else the shell that parallel was started by, directly or not, else $SHELL, else
 * sh. Ends pexec with status 255 and a message where commands cannot be prepared for it.
 */
const char *parallel_shell_choose(void);

#endif
