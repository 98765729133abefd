#include "pace/memory_room.h"

#include <stdio.h>
#include <string.h>

/* A job that takes less than this, in bytes, takes it all the same: its process, and its pipes. */
#define LEAST_PROMISE (1024.0 * 1024.0)

double memory_room_wanted(const struct room_options *options)
{
	double start = (double)options->memfree, go_on = 2 * (double)options->memsuspend;

	return start > go_on ? start : go_on;
}

double memory_room_promise(const struct room_options *options, double largest)
{
	double most = memory_room_wanted(options);
	double each = largest > 0 && largest < most ? largest : most;

	return each > LEAST_PROMISE ? each : LEAST_PROMISE;
}

/* A number with one digit behind its point, unless that is 0. Returns `text`. */
static const char *number(char *text, size_t size, double value)
{
	snprintf(text, size, "%.1f", value);
	size_t length = strlen(text);
	if (strcmp(text + length - 2, ".0") == 0)
		text[length - 2] = '\0';
	return text;
}

/* "memory: 1.2 of 2 GiB", in the largest unit of which there is one in `wanted`; what would be 0
 * in that is in a smaller one. */
static void describe(char text[VERDICT_REASON], double left, double wanted)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double size = 1, left_size;
	size_t unit = 0, left_unit;
	char has[32], needs[32];

	for (; wanted >= size * 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
		size *= 1024;
	left = left > 0 ? left : 0;
	left_unit = unit;
	for (left_size = size; left_unit > 0 && left >= 1 && left / left_size < 0.05; left_unit--)
		left_size /= 1024;
	snprintf(text, VERDICT_REASON, "memory: %s%s%s of %s %s",
	    number(has, sizeof has, left / left_size), left_unit < unit ? " " : "",
	    left_unit < unit ? units[left_unit] : "", number(needs, sizeof needs, wanted / size),
	    units[unit]);
}

void memory_room_judge(
    struct verdict *verdict, double free, double promised, double wanted, double each)
{
	double left = free - promised;
	char reason[VERDICT_REASON];

	describe(reason, free < wanted ? free : left, wanted);
	if (free < wanted)
		verdict_close(verdict, reason);
	verdict_bound(verdict, (left - wanted) / each + 1, reason);
}
