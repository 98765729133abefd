/*
 * ctl_client: asks a pexec that runs, by the socket of its --ctl.
 */
#ifndef PEXEC_CONTROL_CTL_CLIENT_H
#define PEXEC_CONTROL_CTL_CLIENT_H

#include "base/strlist.h"

/*
 * Gives `command` to the run that listens on `socket` and prints its answer to stdout. Returns the
 * exit status of pexec: 0, or 1 with a message when no run answers or the answer is a refusal.
 */
int ctl_client_call(const char *socket, const struct strings *command);

#endif
