/* Types of arguments that say how much room a job needs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/system_limits.h"
#include "cli/option_types.h"

/* As GNU parallel has it: no process at all may run, which a load of 0 is never below. */
#define LEAST_LOAD 0.01

/* Reads a number without a sign, as 1.5, and what stands behind it. Returns false when there is
 * none. */
static bool read_decimal(const char *text, double *value, const char **rest)
{
	size_t digits = strspn(text, "0123456789.");
	char copy[32], *end;

	if (digits == 0 || digits >= sizeof copy)
		return false;
	memcpy(copy, text, digits);
	copy[digits] = '\0';
	*value = strtod(copy, &end);
	*rest = text + digits;
	return *end == '\0';
}

void parse_load(const struct given_option *given, struct options *options)
{
	const char *rest;
	double load;

	if (!read_decimal(given->text, &load, &rest) || (*rest && strcmp(rest, "%") != 0))
		bad_argument(given, "not a number of processes, or N% of the CPUs");
	if (*rest)
		load *= system_cpus() / 100.0;
	*(double *)option_field_of(given->row, options) = load > LEAST_LOAD ? load : LEAST_LOAD;
}

void parse_pressure(const struct given_option *given, struct options *options)
{
	double *limits = option_field_of(given->row, options), percent;
	const char *rest;

	for (size_t i = 0; i < SYSTEM_RESOURCES; i++) {
		size_t length = strlen(system_resource_names[i]);
		const char *text = given->text;
		if (strncmp(text, system_resource_names[i], length) != 0 || text[length] != ':')
			continue;
		if (!read_decimal(text + length + 1, &percent, &rest) ||
		    (*rest && strcmp(rest, "%") != 0) || percent <= 0 || percent > 100)
			break;
		limits[i] = percent;
		return;
	}
	bad_argument(given, "not cpu:N, memory:N or io:N, N a percentage above 0");
}
