#include "base/system_load.h"
#include "base/features.h"

#if HAVE_LOAD
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/system_cgroups.h"
#include "base/system_processes.h"
#endif

const char *const system_resource_names[SYSTEM_RESOURCES] = {
    [SYSTEM_CPU] = "cpu", [SYSTEM_MEMORY] = "memory", [SYSTEM_IO] = "io"};

#if HAVE_LOAD

/* The children of a process are looked at so deep, and so many on each level. */
enum { DEPTH = 16, BREADTH = 64 };

/* The number behind `name` at the beginning of a line of a file. */
static double named_number(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	double value = SYSTEM_UNKNOWN;
	size_t length = strlen(name);
	char line[256];

	if (!file)
		return SYSTEM_UNKNOWN;
	while (value < 0 && fgets(line, sizeof line, file))
		if (strncmp(line, name, length) == 0 && sscanf(line + length, "%lf", &value) != 1)
			value = SYSTEM_UNKNOWN;
	fclose(file);
	return value;
}

double system_memory_free(void)
{
	double kib = named_number("/proc/meminfo", "MemAvailable:");

	return kib < 0 ? SYSTEM_UNKNOWN : system_cgroup_memory(kib * 1024);
}

/* The memory of one process; see system_process_memory. */
static double own_memory(pid_t process)
{
	unsigned long size, resident = 0, shared = 0;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/statm", (int)process);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	bool read = fscanf(file, "%lu %lu %lu", &size, &resident, &shared) == 3;
	fclose(file);
	return read && resident > shared
		   ? (double)(resident - shared) * (double)sysconf(_SC_PAGESIZE)
		   : 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH bounds it */
static double family_memory(pid_t process, unsigned depth)
{
	pid_t children[BREADTH];
	double sum = own_memory(process);
	size_t count = depth < DEPTH ? system_children(process, children, BREADTH) : 0;

	for (size_t i = 0; i < count; i++)
		sum += family_memory(children[i], depth + 1);
	return sum;
}

double system_process_memory(pid_t process)
{
	return family_memory(process, 0);
}

double system_running(void)
{
	double running = named_number("/proc/stat", "procs_running ");
	double blocked = named_number("/proc/stat", "procs_blocked ");

	if (running < 0)
		return SYSTEM_UNKNOWN;
	running -= 1; /* who reads this */
	return (running > 0 ? running : 0) + (blocked > 0 ? blocked : 0);
}

double system_pressure(enum system_resource resource)
{
	char name[64], line[256];
	double percent;

	snprintf(name, sizeof name, "%s.pressure", system_resource_names[resource]);
	if (system_cgroup_line(name, line, sizeof line) &&
	    sscanf(line, "some avg10=%lf", &percent) == 1)
		return percent;
	snprintf(name, sizeof name, "/proc/pressure/%s", system_resource_names[resource]);
	return named_number(name, "some avg10=");
}

#else

double system_memory_free(void)
{
	return SYSTEM_UNKNOWN;
}

double system_process_memory(pid_t process)
{
	(void)process;
	return 0;
}

double system_running(void)
{
	return SYSTEM_UNKNOWN;
}

double system_pressure(enum system_resource resource)
{
	(void)resource;
	return SYSTEM_UNKNOWN;
}

#endif
