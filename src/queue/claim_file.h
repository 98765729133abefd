/*
 * claim_file: the file of --share, in which several runs of one queue write which jobs they take.
 *
 * A text, of lines that are only ever added:
 *
 *     pexec share 1      what the file is
 *     part ID K          a run has come, as part K; ID counts these lines from 0
 *     take ID A B        it takes jobs A to B, or takes them over from one that is dead
 *     end ID             all that it has taken is done
 *
 * Who adds to it has the lock of the file for that moment. Who has come has a lock of its own for
 * as long as it lives, and its guardian until its jobs are dead: so it is seen which runs are dead.
 * The kernel gives both back, on one machine as over NFS. Not safe to use from two threads at once.
 */
#ifndef PEXEC_QUEUE_CLAIM_FILE_H
#define PEXEC_QUEUE_CLAIM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Jobs by their numbers. */
struct claim_range {
	uint64_t first, last;
};

struct claim_file {
	const char *name; /* for messages */
	int fd;
	uint64_t part;  /* K: which part this run is */
	uint64_t id;    /* of this run */
	off_t seen;     /* bytes of the file that are taken into account below */
	uint64_t next;  /* the first job that none has taken */
	uint64_t ids;   /* runs that have come */
	uint64_t parts; /* more than the highest part that has come */
};

/* Any part that is free. */
#define CLAIM_ANY_PART UINT64_MAX

/*
 * Opens or makes the file, and adds this run as part `part`. When all others that are in it are
 * dead, and `resumes`, it is begun anew: what they had taken and not done is to be taken again.
 * Exits with status 1 and a message when it cannot be opened or locked, or is another file; when
 * the part is there already; and without `resumes`, when it is of a run that is over, or the part
 * was in it before: its journal would be lost.
 */
void claim_file_join(struct claim_file *file, const char *name, uint64_t part, bool resumes);

/*
 * Locks the file, and takes into account what others have added. Returns 0, or -1: it cannot be
 * locked or read, or is damaged; that has been said, and it is not locked.
 */
int claim_file_begin(struct claim_file *file);

/* Takes the jobs, with the lock. Returns 0, or -1: that has been said, and nothing was added. */
int claim_file_take(struct claim_file *file, struct claim_range range);

/* Gives the lock back. */
void claim_file_finish(struct claim_file *file);

/* What dead runs had taken. */
struct claim_lost {
	struct claim_range *ranges; /* in the order of the queue */
	size_t count;
	uint64_t *parts; /* the parts that these runs were */
	size_t part_count;
};

/*
 * Finds, with the lock, what runs that are dead had taken, unless all of it is done. With `enters`
 * it is this run's from now on. Returns 0, or -1: that has been said.
 */
int claim_file_find_lost(struct claim_file *file, struct claim_lost *lost, bool enters);
void claim_lost_free(struct claim_lost *lost);

/* Closes the file; `done`: all that this run had taken is done. */
void claim_file_leave(struct claim_file *file, bool done);

#endif
