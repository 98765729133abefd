#include "base/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/io.h"

int interrupt_open(struct interrupt *interrupt)
{
	atomic_init(&interrupt->count, 0);
	return pipe2(interrupt->ends, O_CLOEXEC | O_NONBLOCK);
}

void interrupt_close(struct interrupt *interrupt)
{
	close(interrupt->ends[0]);
	close(interrupt->ends[1]);
}

void interrupt_raise(struct interrupt *interrupt)
{
	atomic_fetch_add(&interrupt->count, 1);
	io_wake(interrupt->ends[1]);
}

unsigned interrupt_count(const struct interrupt *interrupt)
{
	return atomic_load(&interrupt->count);
}

int interrupt_descriptor(const struct interrupt *interrupt)
{
	return interrupt->ends[0];
}

bool interrupt_take(int descriptor)
{
	struct pollfd interrupt = {.fd = descriptor, .events = POLLIN};
	char byte;

	return poll(&interrupt, 1, 0) == 1 && read(descriptor, &byte, 1) >= 0;
}
