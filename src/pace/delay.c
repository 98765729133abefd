#include "pace/delay.h"

#include "base/clock.h"

void delay_init(struct delay *delay, int64_t between_ms)
{
	*delay = (struct delay){.between_ms = between_ms};
	lock_init(&delay->lock, LOCK_PACE);
}

void delay_destroy(struct delay *delay)
{
	lock_destroy(&delay->lock);
}

int64_t delay_reserve(struct delay *delay)
{
	/* Without a delay a job costs no call for the time. */
	if (delay->between_ms == 0)
		return 0;
	lock_take(&delay->lock);
	int64_t start_ms = clock_ms();
	if (start_ms < delay->next_ms)
		start_ms = delay->next_ms;
	delay->next_ms = start_ms + delay->between_ms;
	lock_release(&delay->lock);
	return start_ms;
}
