/*
 * slots_file: the file of -j FILE, which has the number of slots as its only word, or auto, and is
 * followed while the run goes on.
 */
#ifndef PEXEC_CONTROL_SLOTS_FILE_H
#define PEXEC_CONTROL_SLOTS_FILE_H

#include "control/file_watch.h"
#include "pool/pool.h"
#include "pool/slot.h"

struct slots_file {
	const char *typed; /* its name as it was typed, for messages */
	char *path;        /* where it is, wherever the run moves to */
	struct pool *pool;
	struct sizer *sizer;
	const struct slot_parts *slot_parts;
	struct file_watch watch;
};

/* Begins to follow the file, and has as many slots as it says from now on. Never fails. */
void slots_file_open(struct slots_file *file);

/* A descriptor that is readable when there may be something to see; -1: look every so often. */
int slots_file_descriptor(const struct slots_file *file);

/* Looks whether the file has another content, and has as many slots as it says. Never waits. */
void slots_file_look(struct slots_file *file);

void slots_file_close(struct slots_file *file);

#endif
