/*
 * colour: the tags of each job in a colour of their own, which is readable on light and on dark; or
 * the lines of each job in a colour of their own, its tag with them, or those of failed
 * jobs in red: as GNU parallel does it, for a terminal of 256 colours.
 */
#ifndef PEXEC_OUTPUT_COLOUR_H
#define PEXEC_OUTPUT_COLOUR_H

#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"
#include "output/job_output.h"

/* Gives the output of job number `seq` its colour: jobs that follow each other differ much. */
void colour_set(struct job_output *output, uint64_t seq);

/*
 * Puts the colour of job number `seq` around a tag that has been made: COLOUR_BEGIN bytes before
 * it, COLOUR_END behind it. Check strlist_failed(tag) afterwards.
 */
enum { COLOUR_BEGIN = 11, COLOUR_END = 3 };
void colour_tag(struct strlist *tag, uint64_t seq);

/* White on red, for the output of a job that has failed. */
void colour_set_failed(struct job_output *output);

/* As tag_write, with the colour around each line, where the output has one. */
int colour_write(void *target, const char *bytes, size_t length);

#endif
