/*
 * ctl_client: sends a command to a running pexec through the socket of its --ctl.
 */
#ifndef PEXEC_CONTROL_CTL_CLIENT_H
#define PEXEC_CONTROL_CTL_CLIENT_H

#include "base/strlist.h"

/*
 * Sends `command` to the run that listens on `socket`, and prints its answer to stdout. Returns 0,
 * or the status that was waited for; exits with status 1 and a message when the run does not
 * answer, or refuses the command.
 */
int ctl_client_call(const char *socket, const struct strings *command);

#endif
