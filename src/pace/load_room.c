#include "pace/load_room.h"

#include <stdio.h>

void load_room_judge(struct verdict *verdict, double running, double limit)
{
	char reason[VERDICT_REASON];

	snprintf(reason, sizeof reason, "load: %g of %g", running, limit);
	if (running >= limit)
		verdict_close(verdict, reason);
	/* The last one may take it over the limit. */
	else
		verdict_bound(verdict, limit - running + 0.999, reason);
}
