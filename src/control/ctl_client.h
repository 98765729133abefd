/*
 * client: asks a pexec that runs, by the socket of its --ctl.
 */
#ifndef PEXEC_CONTROL_CTL_CLIENT_H
#define PEXEC_CONTROL_CTL_CLIENT_H

#include <stdbool.h>

#include "cli/options.h"

/*
 * Is the command line a call to another pexec? It is when --ctl is its only option, and the word
 * behind it one of the commands, without a -- before it.
 */
bool ctl_client_is_call(const struct options *options);

/*
 * Makes the call: prints the answer to stdout. Returns the exit status: 0, or 1 with a message when
 * nobody answers, or the answer is that it cannot be.
 */
int ctl_client_call(const struct options *options);

#endif
