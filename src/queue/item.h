/*
 * item: one item of the queue as its source shows it: a value, or several where there are lists.
 *
 * Nothing is copied: the values lie where the source has them, and are valid until the source is
 * asked again.
 */
#ifndef PEXEC_QUEUE_ITEM_H
#define PEXEC_QUEUE_ITEM_H

#include <stdbool.h>
#include <stddef.h>

struct value {
	const char *bytes; /* not NUL-terminated */
	size_t length;
};

struct item {
	struct value *values;
	size_t count;
	size_t longest; /* the bytes of its longest value; more than are shown beyond the limit */
	bool without_room; /* memory had no room for it: it is not shown whole */
	bool line_goes_on; /* another one may be in the same line */
};

enum source_status {
	SOURCE_ITEM,        /* there is an item */
	SOURCE_END,         /* there are no more */
	SOURCE_LATER,       /* none until source_run_command is called (--source, --next) */
	SOURCE_INTERRUPTED, /* a thread has raised the interrupt; call again to go on */
	SOURCE_FAILED       /* a file could not be read; the reason has been said */
};

#endif
