#include "pool/descriptors.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/system_limits.h"
#include "follow/follow.h"
#include "queue/queue.h"

/* Descriptors that pexec has open itself; what it was started with comes on top. */
enum { OWN_DESCRIPTORS = 8, INHERITED_DESCRIPTORS = 8 };

/* And those of the control: the socket and its clients; the file of -j. */
enum { CONTROL_DESCRIPTORS = 20, FILE_DESCRIPTORS = 4 };

/* What is told of the run: --events and --report. */
enum { EVENT_DESCRIPTORS = 2 };

/* A command that gives items takes both ends of a pipe, and one that tells of its end. */
enum { FETCH_DESCRIPTORS = 3 };

/* What counts items has the standard input, and the file that it is in. */
enum { COUNT_DESCRIPTORS = 2 };

/*
 * Descriptors of a slot: while a job is started both ends of its two pipes; those of a terminal
 * (--pty) are fewer. (Files for output that exceeds the memory replace the write ends.) With -k
 * there is a pipe to wake it by; a folder of results gets a copy of both outputs. A command that
 * acknowledges takes one, and --linger one that tells of the end of the process. A block is in a
 * file, and goes through a pipe to the job; its feeder is woken by another one.
 */
enum { BLOCK_DESCRIPTORS = 5, SLOT_DESCRIPTORS = 4, WAKE_DESCRIPTORS = 2, COPY_DESCRIPTORS = 2 };

/* No job takes more. */
enum { MOST_REQUIRED = 16 };

struct descriptor_needs descriptors_needed(const struct descriptor_uses *uses)
{
	struct descriptor_needs needs = {.base = OWN_DESCRIPTORS + INHERITED_DESCRIPTORS};

	if (uses->has_socket)
		needs.base += CONTROL_DESCRIPTORS;
	if (uses->has_slots_file)
		needs.base += FILE_DESCRIPTORS;
	if (uses->has_events)
		needs.base += EVENT_DESCRIPTORS;
	if (uses->follows)
		needs.base += FOLLOW_DESCRIPTORS;
	if (uses->fetches)
		needs.base += FETCH_DESCRIPTORS;
	if (uses->counts_ahead)
		needs.base += COUNT_DESCRIPTORS;
	needs.soon = uses->fetches ? FETCH_DESCRIPTORS : 0;
	needs.each = uses->ungroup ? (uses->acknowledges ? 1 : 0) : SLOT_DESCRIPTORS;
	if (uses->lingers)
		needs.each++;
	if (uses->ordered)
		needs.each += WAKE_DESCRIPTORS;
	if (uses->has_folder)
		needs.each += COPY_DESCRIPTORS;
	if (uses->is_fed) {
		needs.base += QUEUE_MOST_BLOCKS;
		needs.each += BLOCK_DESCRIPTORS;
	}
	return needs;
}

unsigned descriptors_lift(
    const struct descriptor_needs *needs, unsigned slots, unsigned long *granted)
{
	unsigned long all = needs->base + needs->each * slots;

	*granted = system_descriptors(all);
	if (needs->each == 0 || *granted >= all)
		return slots;
	return *granted > needs->base + needs->each
		   ? (unsigned)((*granted - needs->base) / needs->each)
		   : 1;
}

void descriptors_require(unsigned long count)
{
	int opened[MOST_REQUIRED];
	unsigned long there = 0;

	while (there < count && there < MOST_REQUIRED &&
	       (opened[there] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
		there++;
	int error = errno;
	for (unsigned long i = 0; i < there; i++)
		close(opened[i]);
	if (there < count && there < MOST_REQUIRED)
		errx(1,
		    "no job can be started: %s: of %lu (ulimit -n) %lu are left, and it takes %lu",
		    strerror(error), system_descriptors(0), there, count);
}
