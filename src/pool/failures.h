/*
 * failures: which jobs have failed, for the line that a run ends with: the first few of them, by
 * their numbers.
 */
#ifndef PEXEC_POOL_FAILURES_H
#define PEXEC_POOL_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lock.h"
#include "pool/ranking.h"
#include "record/job_record.h"

struct failures {
	struct lock lock;     /* guards what follows */
	struct ranking first; /* the lowest numbers, with texts as "3 (b.png: exit 2)" */
	uint64_t unsaid; /* jobs that failed by their exit status, of which no message has told */
};

void failures_init(struct failures *failures);
void failures_free(struct failures *failures);

/* A job has failed; or it is left for another run after all. Safe from any thread. */
void failures_add(struct failures *failures, const struct job_record *record);
void failures_take_back(struct failures *failures, const struct job_record *record);

/* Has a job failed of which no message has told? */
bool failures_are_unsaid(const struct failures *failures);

/* Names the first of `count` jobs that failed, in a buffer of FAILURES_TEXT bytes. Returns it. */
enum { FAILURES_TEXT = 1024 };
const char *failures_text(
    const struct failures *failures, uint64_t count, char text[FAILURES_TEXT]);

#endif
