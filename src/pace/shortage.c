#include "pace/shortage.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"

void shortage_init(struct shortage *shortage, struct timer *retry)
{
	shortage->retry = retry;
	atomic_init(&shortage->waits, false);
	atomic_flag_clear(&shortage->said);
}

bool shortage_may_pass(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE ||
	       error == EUSERS;
}

static const char *name_of(int error)
{
	/* As system_open_pty() has it. */
	return error == EUSERS ? "No more terminals (--pty)" : strerror(error);
}

void shortage_begin(struct shortage *shortage)
{
	timer_set(shortage->retry, clock_ms() + SHORTAGE_RETRY);
}

bool shortage_holds(const struct shortage *shortage)
{
	return timer_due(shortage->retry) != TIMER_NEVER;
}

void shortage_say(struct shortage *shortage, int error)
{
	if (!atomic_flag_test_and_set(&shortage->said))
		message("no room for another job at the moment: %s; trying again as jobs end, and "
			"every second",
		    name_of(error));
}

bool shortage_enter(struct shortage *shortage)
{
	return !atomic_exchange(&shortage->waits, true);
}

void shortage_leave(struct shortage *shortage)
{
	atomic_store(&shortage->waits, false);
}

bool shortage_is_felt(const struct shortage *shortage)
{
	return atomic_load(&shortage->waits);
}
