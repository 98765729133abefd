/*
 * follow_resume: finds the files that an earlier run has read, and goes on where it was.
 *
 * The state beside the journal says which files these are; they are found again by inode, by
 * whatever name they have in the directory now. Files that have had the followed name since then
 * are found as well, where it can be told in which order they had it.
 */
#ifndef PEXEC_FOLLOW_FOLLOW_RESUME_H
#define PEXEC_FOLLOW_FOLLOW_RESUME_H

#include "follow/follow_options.h"
#include "follow/follow_parts.h"
#include "follow/followed_names.h"
#include "record/journal.h"

/*
 * Opens the files that the state of `parts`, which has rows, tells of, and those that came after
 * them, and goes to where the first job is that the journal does not have. Exits with status 1 and
 * a message when it cannot be known where that is, or what is missing.
 */
void follow_resume(struct followed_names *names, struct follow_parts *parts,
    const struct follow_options *options, const struct journal *journal);

#endif
