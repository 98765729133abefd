#include "base/timers.h"

#include <signal.h>

void timer_set(struct timer *timer, int64_t due_ms)
{
	atomic_store(&timer->due_ms, due_ms);
	pthread_kill(timer->supervisor, SIGURG);
}
