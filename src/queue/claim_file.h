/*
 * claim_file: the file of --share, in which several runs of one queue write which jobs they take.
 *
 * A text, of lines that are only ever added:
 *
 *     pexec share 1      what the file is
 *     begun T            when the first run came, in seconds since 1970
 *     part ID K          a run has come, as part K; ID counts these lines from 0
 *     take ID A B        it takes jobs A to B, or takes them over from one that is dead
 *     end ID             all that it has taken is done
 *
 * Who adds to it has the lock of the file for that moment. Two more locks tell who is alive. The
 * place of a part is locked for as long as its run or its guardian is there: so its jobs may live,
 * and no other can be that part. The run itself has another lock from when its line is written,
 * which its guardian lets go of as soon as it has something to do: where that is gone and the place
 * still locked, the run is dead and its jobs are being killed. The kernel gives all of these back,
 * on one machine as over NFS. Not safe to use from two threads at once.
 */
#ifndef PEXEC_QUEUE_CLAIM_FILE_H
#define PEXEC_QUEUE_CLAIM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/system_range_lock.h"
#include "queue/claim_line.h"

/* A run that has come. */
struct claim_run {
	uint64_t part;
	bool ended; /* all that it had taken is done */

	/* as it was found when it was last looked at */
	bool is_dead;  /* its jobs are dead, too */
	bool is_dying; /* it is dead, and its jobs are being killed */
};

struct claim_file {
	const char *name; /* for messages */
	int fd;
	uint64_t part;          /* K: which part this run is */
	uint64_t id;            /* of this run */
	bool resumes, is_in;    /* it resumes an earlier one; its line is written */
	int64_t begun_s;        /* when the first run came, in seconds since 1970 */
	off_t seen;             /* bytes of the file that are taken into account below */
	uint64_t next;          /* the first job that none has taken */
	uint64_t ids;           /* runs that have come */
	struct claim_run *runs; /* by their ids */
	char *path;             /* `name` from any folder */
};

/* Makes room for one more of the `count` elements, where that is a power of two. False without
 * memory. */
bool claim_has_room(void **elements, size_t count, size_t size);

/* Any part that is free. */
#define CLAIM_ANY_PART UINT64_MAX

/*
 * Opens or makes the file, and takes the place of part `part` in it; nothing is written. Exits with
 * status 1 and a message when it cannot be opened or locked, or is another file; when the part is
 * there already; and without `resumes`, when it is of a run that is over, or the part was in it
 * before: its journal would be lost.
 */
void claim_file_join(struct claim_file *file, const char *name, uint64_t part, bool resumes);

/*
 * The run begins, in the process that stays, and its journal is as it is to be: adds its line. When
 * no other is alive, and it resumes, the file is begun anew: what was taken and not done is to be
 * taken again. Exits with status 1 and a message on failure, or where the file is of a run that is
 * over by now.
 */
void claim_file_enter(struct claim_file *file);

/*
 * Locks the file, and takes into account what others have added. Returns 0, or -1: it cannot be
 * locked or read, or is damaged; that has been said, and it is not locked.
 */
int claim_file_begin(struct claim_file *file);

/* Takes the jobs, with the lock. Returns 0, or -1: that has been said, and nothing was added. */
int claim_file_take(struct claim_file *file, struct claim_range range);

/*
 * Adds a line of a word and numbers, with the lock; or nothing. Returns 0, or -1 with errno.
 */
int claim_file_add(struct claim_file *file, const char *word, const uint64_t *numbers, int count);

/* How many of the runs that have come have not ended. */
uint64_t claim_file_active(const struct claim_file *file);

/* Is another run by now the part that this one was? */
bool claim_file_is_replaced(const struct claim_file *file, uint64_t id);

/* Finds out whether a run but ours is dead or dying, and notes that. Returns 0, or -1 with errno.
 */
int claim_file_look_at(struct claim_file *file, uint64_t id);

/* Where the first line behind the heading begins. */
off_t claim_file_first_line(void);

/* Says what cannot be done to the file, for the reason in errno. */
void claim_file_complain(const struct claim_file *file, const char *doing);

/* Gives the lock back. */
void claim_file_finish(struct claim_file *file);

/* Closes the file; `done`: all that this run had taken is done. */
void claim_file_leave(struct claim_file *file, bool done);

#endif
