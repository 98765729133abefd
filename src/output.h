/*
 * output: hands what jobs have written to our stdout and stderr, each job's whole.
 */
#ifndef PEXEC_OUTPUT_H
#define PEXEC_OUTPUT_H

#include <pthread.h>
#include <stdbool.h>

#include "capture.h"
#include "words.h"

struct output {
	pthread_mutex_t lock; /* held while somebody writes */
	bool failed;          /* a write has failed: nothing more is written */
};

void output_init(struct output *output);

/*
 * Writes a job's stdout, then its stderr, and nothing of anybody else in between. Returns 0, or -1
 * with errno the first time that it fails and 0 in errno afterwards.
 */
int output_deliver(struct output *output, const struct capture *capture);

/* Writes a line of pexec's own to `fd`, whole. Returns as output_deliver. */
int output_line(struct output *output, int fd, const struct words *line);

/* Has the reader of our stdout or stderr gone away? */
bool output_reader_gone(void);

#endif
