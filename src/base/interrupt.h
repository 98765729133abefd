/*
 * interrupt: makes a thread that waits at descriptors look up.
 *
 * As with an eventcount, the thread reads a number before it looks at what it needs. Whatever waits
 * with poll(2) takes the descriptor in as well, and returns when it is readable.
 */
#ifndef PEXEC_BASE_INTERRUPT_H
#define PEXEC_BASE_INTERRUPT_H

#include <stdatomic.h>
#include <stdbool.h>

struct interrupt {
	int ends[2]; /* a pipe: a byte in it for an interrupt that no wait has seen yet */
	atomic_uint count;
};

/* Returns 0, or -1 with errno. */
int interrupt_open(struct interrupt *interrupt);
void interrupt_close(struct interrupt *interrupt);

/* Safe from any thread, whatever locks it holds; waits for nothing but a page of the kernel. */
void interrupt_raise(struct interrupt *interrupt);

/* How many there have been, to be read before the look. */
unsigned interrupt_count(const struct interrupt *interrupt);

/* Readable when there was one. Reading a byte of it takes it in. */
int interrupt_descriptor(const struct interrupt *interrupt);

/* Is there one that no wait has seen? Takes it in. `descriptor` is that of an interrupt, or -1. */
bool interrupt_take(int descriptor);

#endif
