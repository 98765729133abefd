#include "pace/pressure_room.h"

#include <stdio.h>

void pressure_room_judge(
    struct verdict *verdict, enum system_resource resource, double percent, double limit)
{
	char reason[VERDICT_REASON];

	snprintf(reason, sizeof reason, "%s pressure: %g%% of %g%%",
	    system_resource_names[resource], percent, limit);
	if (percent >= limit)
		verdict_close(verdict, reason);
	verdict_bound(verdict, 1, reason);
}
