#include "pace/verdict.h"

#include <string.h>

struct verdict verdict_open(void)
{
	return (struct verdict){.more = VERDICT_ANY};
}

static void give_reason(struct verdict *verdict, const char *reason)
{
	if (!*verdict->reason)
		strlcpy(verdict->reason, reason, sizeof verdict->reason);
}

void verdict_bound(struct verdict *verdict, double more, const char *reason)
{
	if (more < 1)
		give_reason(verdict, reason);
	/* Below 1 it is how many have to end, and a part of one is a whole one. */
	if (more < verdict->more)
		verdict->more = more >= 0             ? (int)more
				: more > -VERDICT_ANY ? (int)more - 1
						      : -VERDICT_ANY;
}

void verdict_close(struct verdict *verdict, const char *reason)
{
	give_reason(verdict, reason);
	verdict->closed = true;
}
