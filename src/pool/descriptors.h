/*
 * descriptors: for how many slots there can be open files.
 */
#ifndef PEXEC_POOL_DESCRIPTORS_H
#define PEXEC_POOL_DESCRIPTORS_H

#include <stdbool.h>

/* A job that runs takes so many fewer than while it is started. */
enum { START_DESCRIPTORS = 2 };

struct descriptor_needs {
	unsigned long each; /* descriptors that a slot takes */
	unsigned long base; /* that there are beside those of the slots */
	unsigned long soon; /* that the first job waits for, beside its own */
};

/* What of a run takes descriptors. */
struct descriptor_uses {
	bool ungroup, lingers, acknowledges, ordered, has_folder, has_socket, has_slots_file,
	    follows, fetches, counts_ahead, has_events, is_fed;
};

struct descriptor_needs descriptors_needed(const struct descriptor_uses *uses);

/*
 * Lifts the limit of open files for so many slots, as far as it goes. Returns for how many of them
 * that is enough, at least 1. `granted` is how many open files there may be now.
 */
unsigned descriptors_lift(
    const struct descriptor_needs *needs, unsigned slots, unsigned long *granted);

/*
 * Looks whether so many more files can be opened now. Exits with status 1 and a message where they
 * cannot: no job has begun.
 */
void descriptors_require(unsigned long count);

#endif
