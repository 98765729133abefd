/*
 * batch: how many items make a job: one, N of them (-n), or as many as fit (-X, -s).
 *
 * Pure arithmetic: items are offered one after the other, and the batch takes each into the job, or
 * says that the job is complete without it.
 */
#ifndef PEXEC_QUEUE_BATCH_H
#define PEXEC_QUEUE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "command/template.h"
#include "queue/item.h"
#include "queue/job.h"
#include "queue/queue_options.h"

/* What a line comes to. */
struct line_size {
	size_t strings; /* bytes, without what columns take */
	size_t each;    /* bytes for each item, beside the item itself */
	size_t longest; /* bytes of its longest value */
};

/* What a batch comes to. */
struct batch_size {
	struct line_size passed, shown; /* as in struct template_cost */
	size_t words;
	size_t values;
};

/* What is too large: an item by itself, a word made of it, or a command line with it. */
enum misfit_kind { FITS, MISFIT_ITEM, MISFIT_WORD, MISFIT_LINE };

struct batch {
	size_t most;        /* items of a job; 0: as many as fit */
	bool system_judges; /* one item a job, and no limit but the system's: exec(2) tells */
	bool exit_on_size;  /* -x */
	char
	    csv_separator; /* items are records of CSV, with this between fields; 0: they are not */
	enum misfit misfit;        /* what becomes of an item that fits into no job */
	size_t most_lines;         /* of items of a job; 0: lines do not count */
	struct template_cost cost; /* of the command */
	size_t argument_bytes;     /* the system's limit for a command line, pointers included */
	size_t batch_bytes;        /* the user's, for the strings alone, or what is shown */
	size_t word_bytes;         /* the system's limit for one argument */
	size_t count;              /* items of the job that is being made */
	size_t lines;              /* that have ended among these */
	enum misfit_kind kind;     /* why an item was too large */
	struct batch_size size;    /* of that job */
	struct strlist aside;      /* its items, when an interrupt came while it was made */
	bool has_aside;
};

/* The system's limits are those of this process and its environment. */
void batch_init(struct batch *batch, const struct queue_options *options);

/* What the command costs. */
void batch_set_cost(struct batch *batch, const struct template_cost *cost);

/* Begins a job that gets number `seq`, or goes on with the one that was put aside. */
void batch_begin(struct batch *batch, struct job *job, uint64_t seq);

/* An interrupt has come: what the job has is for the next one. */
void batch_put_aside(struct batch *batch, struct job *job);

enum batch_verdict {
	BATCH_TAKEN,    /* and another one may follow */
	BATCH_COMPLETE, /* taken, and the job is complete */
	BATCH_KEPT,     /* the job is complete, and the item is the first of the next one */
	BATCH_TOO_LARGE /* it fits into no job, and ends the run; so do the items of this one */
};

/* Offers an item for a job. An item that cannot be an argument is a job alone, with its problem. */
enum batch_verdict batch_offer(struct batch *batch, struct job *job, const struct item *item);

/* The problem of a job that has this item already, and no other. */
void batch_judge_alone(const struct batch *batch, struct job *job, const struct item *item);

void batch_close(struct batch *batch);

#endif
