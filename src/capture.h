/*
 * capture: collects the output of one job through pipes: in memory first, then in unlinked files.
 *
 * Never through a file that the job writes to: one that opens /dev/stderr anew would truncate it,
 * and on a full disk it would lose data. Behind a pipe it just waits.
 */
#ifndef PEXEC_CAPTURE_H
#define PEXEC_CAPTURE_H

#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

/* One output of a job, stdout or stderr. */
struct stream {
	int fd; /* the read end of its pipe; -1 at EOF */
	char *memory;
	size_t used, room;
	int spill; /* an unlinked file with what did not fit into memory; -1: none */
	off_t spilled;
};

struct capture {
	struct stream streams[2]; /* stdout, stderr */
	atomic_size_t *budget;    /* bytes of memory that all captures together may still take */
};

void capture_init(struct capture *capture, atomic_size_t *budget);

/*
 * Makes the pipes. `write_ends` get the descriptors for the job, to be closed once it is started.
 * Returns 0, or -1 with errno and nothing left open.
 */
int capture_open(struct capture *capture, int write_ends[2]);

/*
 * Collects until both pipes have reached EOF. Returns 0, or -1 with errno when something could not
 * be kept; then the pipes are closed, and what was kept until then is there.
 */
int capture_collect(struct capture *capture);

/* Forgets what was collected, closes what is open, and keeps a little memory for the next job. */
void capture_clear(struct capture *capture);

void capture_free(struct capture *capture);

#endif
