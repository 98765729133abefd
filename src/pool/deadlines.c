#include "pool/deadlines.h"

void deadlines_init(struct deadlines *deadlines)
{
	struct timers *list = &deadlines->list;

	timers_init(list);
	timers_add(list, &deadlines->status);
	timers_add(list, &deadlines->line);
	timers_add(list, &deadlines->children);
	timers_add(list, &deadlines->linger);
	timers_add(list, &deadlines->expiry);
	timers_add(list, &deadlines->grace);
	timers_add(list, &deadlines->retry);
	timers_add(list, &deadlines->shortage);
	timers_add(list, &deadlines->sizing);
	timers_add(list, &deadlines->unit);
	timers_add(list, &deadlines->room);
	timers_add(list, &deadlines->waiting);
	timers_add(list, &deadlines->stuck);
	timers_add(list, &deadlines->messages);
	timers_add(list, &deadlines->report);
	timers_add(list, &deadlines->journal);
	timers_add(list, &deadlines->guardian);
	timers_add(list, &deadlines->watchdog);
}
