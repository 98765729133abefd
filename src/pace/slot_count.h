/*
 * slot_count: how many slots a number stands for: N, +N, -N, N% of the CPUs, or 0.
 */
#ifndef PEXEC_PACE_SLOT_COUNT_H
#define PEXEC_PACE_SLOT_COUNT_H

#include <stdbool.h>

/* The most slots that -j takes: more than a process can have children on any system of today. */
enum { MAX_SLOTS = 65536 };

/* The most of -j auto for each CPU: what waits for a network or a disk uses little of one. */
enum { AUTO_SLOTS_PER_CPU = 64 };

/* The room that a reason takes. */
enum { SLOT_COUNT_REASON = 512 };

/* What `text` comes to on this machine. Returns false with the reason when it has no such form. */
bool slot_count_parse(const char *text, unsigned *slots, char reason[SLOT_COUNT_REASON]);

/* -j auto: between which numbers the pool finds its own. */
struct slot_range {
	unsigned least, most; /* slots; 0: it does not */
};

/* Is this "auto", with or without a range behind it? */
bool slot_range_is_asked(const char *text);

/*
 * What "auto" or "auto:MIN-MAX" comes to on this machine: from 1 to 64 for each CPU, or the range
 * that is given; never more than there may be processes. Returns false with the reason when it has
 * no such form.
 */
bool slot_range_parse(const char *text, struct slot_range *range, char reason[SLOT_COUNT_REASON]);

/* As slot_count_parse, for a file that has the number as its only word. */
bool slot_count_read(const char *name, unsigned *slots, char reason[SLOT_COUNT_REASON]);

/* What the user may say of the slots. */
struct slot_setting {
	unsigned slots;          /* so many; of -j auto the most of its range */
	struct slot_range range; /* of -j auto; its most is 0 without */
};

/*
 * As slot_count_read, where the word may be that of -j auto. `empty` is set when there is nothing
 * in the file, as while it is being written.
 */
bool slot_setting_read(
    const char *name, struct slot_setting *setting, char reason[SLOT_COUNT_REASON], bool *empty);

#endif
