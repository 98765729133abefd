/*
 * queue_options: where the items come from, and how many of them make a job.
 */
#ifndef PEXEC_QUEUE_QUEUE_OPTIONS_H
#define PEXEC_QUEUE_QUEUE_OPTIONS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/reader.h"
#include "base/shard.h"
#include "base/strlist.h"
#include "follow/follow_options.h"
#include "queue/block_ends.h"
#include "queue/block_header.h"

struct claims;

/* One ::: or :::: on the command line; with a + behind it the list is side by side with the one
 * before it. */
struct input {
	bool linked;           /* :::+, ::::+ */
	const char *file;      /* ::::, the name of the file of items; NULL for ::: */
	struct strings values; /* :::, the items themselves */
};

/* --trim: the ends of a value that lose their white space. */
enum trim { TRIM_NONE = 0, TRIM_LEFT = 1, TRIM_RIGHT = 2, TRIM_BOTH = 3, TRIM_DEFAULT };

/* What separates the items of a file. */
enum separation {
	SEPARATE_DELIMITER,   /* the delimiter alone */
	SEPARATE_BLANKS,      /* blanks and newlines; quotes and backslashes protect them */
	SEPARATE_QUOTED_LINES /* newlines, without blanks before a line; the same protect them */
};

/* What becomes of an item that fits into no command line. */
enum misfit {
	MISFIT_FAILS,          /* its job fails, and the queue goes on */
	MISFIT_ALONE_ENDS_RUN, /* it ends the run with status 255 */
	MISFIT_ENDS_RUN        /* it ends the run with status 1, behind the items before it */
};

/* In which order jobs are run (--order). */
enum order_kind { ORDER_QUEUE, ORDER_LONGEST, ORDER_SHORTEST };

/* -n was not typed: one item a job, or with --pipe as many records as fit into a block. */
#define BATCH_DEFAULT ((size_t)-1)

struct queue_options {
	/* the items */
	struct strings files; /* -a; "-" is standard input */
	struct input *inputs; /* ::: and :::: */
	size_t input_count;   /* of `inputs` */
	bool link;            /* lists side by side, not every combination */
	bool fills_lists;     /* one without values has an empty one, where another one has some */
	enum separation separation;
	char delimiter;               /* ends an item, where nothing else separates them */
	struct record_ends ends;      /* what else ends an item there, and what does not */
	bool cuts_at_nul;             /* an item with a NUL in it ends there; that is said once */
	const char *end_of_items;     /* -E; NULL: no item ends the queue */
	regex_t *column_separator;    /* --colsep, compiled; NULL: items have no columns */
	const char *separator_text;   /* the same as typed */
	bool csv;                     /* --csv: items are records of CSV */
	char csv_separator;           /* between their fields */
	bool header;                  /* the first line names the columns */
	enum trim trim;               /* of columns where there are any, else of items */
	bool shuffle;                 /* in random order */
	enum order_kind order;        /* longest or shortest first */
	const char *order_journal;    /* by the run times that it has; NULL: in queue order */
	unsigned long long skip;      /* so many items are left out at the beginning */
	struct shard shard;           /* of all jobs those that this run has (--shard) */
	struct claims *claims;        /* or those that it takes (--share); NULL: it takes all */
	bool no_empty;                /* empty items are left out */
	bool counts_ahead;            /* those of files are counted while the first jobs run */
	bool follow;                  /* --follow: the queue has no end */
	struct follow_options growth; /* what --follow follows */

	/* the input as blocks of records, which are the standard input of jobs */
	bool pipe; /* --pipe */
	bool tees; /* each job has all of the input of tee_files */
	struct strings tee_files;
	bool by_record;                      /* --stdin: one record a block */
	bool spreads;                        /* --spread: a job gets one block after the other */
	size_t block_bytes;                  /* --block */
	bool exceeds_block;                  /* a block ends behind these bytes, not before */
	unsigned blocks_each;                /* files are cut into so many a slot; 0: by size */
	unsigned long long block_records;    /* -n: so many records a block; 0: as many as fit */
	unsigned long long records_together; /* and then so many are not parted; 0, 1: any are */
	const char
	    *block_file; /* what the name of a block begins with, a file's; NULL: its place */
	struct block_ends record_ends;         /* --recend, --recstart; else the delimiter is one */
	struct block_header_rule block_header; /* --header */
	size_t block_memory;                   /* larger blocks go to a file in $TMPDIR */
	bool moves_blocks;  /* they may have wide pipes, of which there are not too many */
	bool hashes_blocks; /* a journal knows them by their bytes */
	bool hides_blocks;  /* their names are not shown with commands */

	/* commands that give the items */
	const char *source;        /* --source: prints the queue; NULL: there is none */
	const char *next;          /* --next: prints items; NULL: there is none */
	bool gives_back;           /* those that no job has begun with go back when the run ends */
	long long every_ms;        /* from one round to the next; 0: there is one round alone */
	unsigned long long rounds; /* end the run; 0: none do */
	long long grace_ms; /* a command that is told to end has this time, then it is killed */

	/* items -> jobs */
	size_t batch;        /* -n: items of a job; 0: as many as fit (-X) */
	size_t shares;       /* -X: what is left at the end is shared out to as many slots */
	bool keeps_together; /* -X: but it is not */
	size_t batch_lines;  /* so many lines of items end a job; 0: lines do not count */
	size_t batch_bytes;  /* -s; 0: the system's limit alone */
	bool even_columns;   /* a table has as many columns for each job */
	unsigned per_key;    /* jobs with the same key at a time */
	bool exit_on_size;   /* -x: an item that does not fit ends the run */
	enum misfit misfit;
	bool runs_without_items; /* a queue without items is one job, that has none */
};

#endif
