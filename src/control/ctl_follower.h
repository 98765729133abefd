/*
 * ctl_follower: a client of --ctl whose answer goes on: with what happens in the run, with what a
 * job prints, or until a job or the run is over.
 */
#ifndef PEXEC_CONTROL_CTL_FOLLOWER_H
#define PEXEC_CONTROL_CTL_FOLLOWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/interrupt.h"
#include "control/ctl_commands.h"

struct ctl_follower;

/* Begins to follow the run; `wake` is raised when there is something to take. NULL without memory.
 */
struct ctl_follower *ctl_follower_begin(
    const struct ctl_parts *parts, const struct ctl_follow *follow, struct interrupt *wake);

/*
 * Takes what is to be sent next: `*bytes` becomes a text of the caller's. Returns its length; 0:
 * nothing is there. `*ends`: that is the last of it; without a text, what follows is lost.
 */
size_t ctl_follower_take(struct ctl_follower *follower, char **bytes, bool *ends);

/* Writes the end of what follows: the status of a job that was over before. */
void ctl_follower_put_end(const struct ctl_follow *follow, FILE *to, int status);

void ctl_follower_end(struct ctl_follower *follower);

#endif
