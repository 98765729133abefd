/*
 * tag: what stands before each line of a job's output (--tag, --tagstring).
 */
#ifndef PEXEC_OUTPUT_TAG_H
#define PEXEC_OUTPUT_TAG_H

#include <stddef.h>

#include "output/job_output.h"

/* Where a job's bytes go, for tag_write. */
struct tag_target {
	const struct job_output *job;
	struct stream *stream;
};

/* Writes bytes to the stream's target with the tag before each line. Returns 0, or -1 with errno.
 */
int tag_write(void *target, const char *bytes, size_t length);

#endif
