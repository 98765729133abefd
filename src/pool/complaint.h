/*
 * complaint: what is said of a job that has gone wrong. Each message names the job, by its number
 * and its first item.
 */
#ifndef PEXEC_POOL_COMPLAINT_H
#define PEXEC_POOL_COMPLAINT_H

#include <stddef.h>

#include "base/escape.h"
#include "queue/job.h"

/* Writes the job as messages name it: "job 7 (item)". Returns `name`. */
enum { JOB_NAME = ESCAPED + 32 };
const char *job_name(const struct job *job, char name[JOB_NAME]);

/* Says what is wrong with the job. */
void complain(const struct job *job, const char *what);

/* As complain, with the reason behind it, an errno. */
void complain_why(const struct job *job, const char *what, int error);

/* An argument has so many `bytes`, and the system takes `limit`. */
void complain_too_long(const struct job *job, size_t bytes, size_t limit);

/* Says why the job cannot be run, by its `problem`. */
void complain_problem(const struct job *job);

#endif
