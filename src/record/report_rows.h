/*
 * report_rows: what the page of --report knows of the attempts of a run, in memory that is bounded.
 *
 * Of each attempt a row is kept, which takes 64 bytes beside its name, and of that REPORT_NAME
 * bytes. When there are more than REPORT_ROWS every second one is dropped, and from then on only
 * every second one is added, then every fourth, and so on (`step`): what is kept is an even sample.
 * The counts are of all attempts; so is which were the slowest, and which jobs failed, and these
 * have their command and the end of their stderr. Not safe from two threads at once.
 */
#ifndef PEXEC_RECORD_REPORT_ROWS_H
#define PEXEC_RECORD_REPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strlist.h"

/* How the attempt of a job ended. */
enum report_end {
	REPORT_DONE,
	REPORT_FAILED,
	REPORT_TIMED_OUT, /* and failed by that */
	REPORT_RETRIED,   /* failed, and another attempt followed */
	REPORT_LEFT,      /* ended with the run: the job is left for another one */
	REPORT_ENDS,
	REPORT_RUNS = REPORT_ENDS /* it has not ended: of a job at work, on the timeline */
};

/* A processor time, or memory, that is not known. */
#define REPORT_UNKNOWN (-1)

struct report_row {
	uint64_t seq;      /* the job's number */
	double started_s;  /* seconds since 1970; 0: no process was started */
	double runtime_s;  /* seconds */
	float user_s;      /* processor time in user mode: seconds, or REPORT_UNKNOWN */
	float system_s;    /* the same in the kernel */
	int64_t rss_bytes; /* the most memory that was resident at a time, or REPORT_UNKNOWN */
	unsigned slot;     /* from 1; 0: not known */
	uint16_t attempt;  /* from 1 */
	int16_t exit_value;
	uint8_t signal; /* that ended it; 0: none did */
	uint8_t end;    /* enum report_end */
};

/* How many rows and details are kept, and how many bytes of each text. */
enum {
	REPORT_ROWS = 100000,
	REPORT_SLOWEST = 50,
	REPORT_FAILURES = 100, /* the first ones, and as many of the last ones */
	REPORT_NAME = 120,
	REPORT_COMMAND = 4096, /* a longer one is not kept: a part of it cannot be run */
	REPORT_STDERR = 2048
};

/* The texts of an attempt. None has to end with a NUL. */
struct report_texts {
	const char *name;    /* of the job: its item */
	const char *command; /* that runs it again; NULL: it is longer than is kept */
	const char *error;   /* the end of what it said on stderr */
	size_t name_bytes, command_bytes, error_bytes;
};

/* An attempt with all of its texts. */
struct report_detail {
	struct report_row row;
	struct report_texts texts; /* in `memory` */
	char *memory;              /* NULL: there was none */
};

/* A job at work. */
struct report_running {
	struct report_row row;
	pid_t pid;
	size_t name_bytes;
	char name[REPORT_NAME];
};

struct report_rows {
	struct report_row *all;
	size_t count, room;
	struct strlist names; /* of them, by index */
	uint64_t seen;        /* attempts */
	uint64_t step;        /* every `step`-th of them has a row */
	uint64_t lost;        /* rows for which there was no memory */
	uint64_t ends[REPORT_ENDS];
	double first_s, last_s; /* the first start and the last end; 0: there was none */
	struct report_detail slowest[REPORT_SLOWEST]; /* the slowest first */
	size_t slowest_count;
	struct report_detail failures[2 * REPORT_FAILURES]; /* of jobs, by report_failure */
	uint64_t failure_count;                             /* of all */
};

void report_rows_init(struct report_rows *rows);

/* Adds an attempt. Without memory it is counted, and `lost`. */
void report_rows_add(
    struct report_rows *rows, const struct report_row *row, const struct report_texts *texts);

/* Makes `copy` a copy, of memory of its own. Returns false without memory. */
bool report_rows_copy(struct report_rows *copy, const struct report_rows *rows);

/* How many failures are kept, and the one with an index, in their order. */
size_t report_failures_kept(const struct report_rows *rows);
const struct report_detail *report_failure(const struct report_rows *rows, size_t index);

void report_rows_free(struct report_rows *rows);

#endif
