#include "base/system_cgroups.h"
#include "base/features.h"

#if HAVE_CGROUPS

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads one line of a small file. Returns false when the file is not there. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool read = false;

	if (file) {
		read = fgets(line, (int)size, file) != NULL;
		fclose(file);
	}
	return read;
}

/* A file of a control group, and how its first line is understood; a value of 0: no limit. */
struct cgroup_limit {
	const char *name;
	double (*value)(const char *folder, const char *line);
};

/* Visits a control group and every one above it. Returns the least of their limits and `most`. */
static double least_upwards(char *folder, const struct cgroup_limit *limit, double most)
{
	char path[PATH_MAX + 64], line[128];

	for (;;) {
		snprintf(path, sizeof path, "%s/%s", folder, limit->name);
		if (read_line(path, line, sizeof line)) {
			double found = limit->value(folder, line);
			if (found > 0 && found < most)
				most = found;
		}
		char *slash = strrchr(folder, '/');
		if (!slash || strcmp(folder, "/sys/fs/cgroup") == 0)
			return most;
		*slash = '\0';
	}
}

/*
 * Where this process is: a line "ID:controller,controller:/path" of /proc/self/cgroup. That of
 * version 2 is "0::/path".
 */
struct membership {
	char line[PATH_MAX];
	char *controllers; /* with commas between them; "": the group is one of version 2 */
	const char *path;  /* of the group, below the folder of its controller; "": the root */
};

/* Reads the next line that is one. Returns false behind the last. */
static bool next_membership(FILE *file, struct membership *in)
{
	while (fgets(in->line, sizeof in->line, file)) {
		char *names = strchr(in->line, ':');
		char *path = names ? strchr(names + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		in->controllers = names + 1;
		/* "/" would be the same folder by another name. */
		in->path = strcmp(path, "/") == 0 ? "" : path;
		return true;
	}
	return false;
}

/* The least limit of this process, in both versions of control groups. */
static double cgroup_least(const char *controller, const struct cgroup_limit *version_1,
    const struct cgroup_limit *version_2, double most)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char folder[PATH_MAX];
	struct membership in;

	if (!file)
		return most;
	while (next_membership(file, &in)) {
		if (!*in.controllers &&
		    snprintf(folder, sizeof folder, "/sys/fs/cgroup%s", in.path) < PATH_MAX)
			most = least_upwards(folder, version_2, most);
		for (char *rest = in.controllers, *name; (name = strsep(&rest, ","));)
			if (strcmp(name, controller) == 0 &&
			    snprintf(folder, sizeof folder, "/sys/fs/cgroup/%s%s", controller,
				in.path) < PATH_MAX)
				most = least_upwards(folder, version_1, most);
	}
	fclose(file);
	return most;
}

/* cpu.max of version 2: "QUOTA PERIOD", or "max PERIOD". */
static double quota_v2(const char *folder, const char *line)
{
	double quota, period;

	(void)folder;
	return sscanf(line, "%lf %lf", &quota, &period) == 2 && period > 0 ? quota / period : 0;
}

/* cpu.cfs_quota_us of version 1, where -1 is no quota; the period is in a file beside it. */
static double quota_v1(const char *folder, const char *line)
{
	char path[PATH_MAX + 64], period[64];

	if (atof(line) <= 0)
		return 0;
	snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
	if (!read_line(path, period, sizeof period) || atof(period) <= 0)
		return 0;
	return atof(line) / atof(period);
}

/* pids.max of both versions: a number, or "max", which becomes 0: no limit. */
static double number(const char *folder, const char *line)
{
	(void)folder;
	return atof(line);
}

double system_cgroup_cpus(double most)
{
	static const struct cgroup_limit version_1 = {"cpu.cfs_quota_us", quota_v1},
					 version_2 = {"cpu.max", quota_v2};

	return cgroup_least("cpu", &version_1, &version_2, most);
}

double system_cgroup_processes(double most)
{
	static const struct cgroup_limit limit = {"pids.max", number};

	return cgroup_least("pids", &limit, &limit, most);
}

/* Reads the first line of a file of a control group as a number; 0: it is not there, or is none. */
static double read_number(const char *folder, const char *name)
{
	char path[PATH_MAX + 64], line[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return read_line(path, line, sizeof line) ? atof(line) : 0;
}

/*
 * The sum of some lines "NAME VALUE" of memory.stat: what the kernel takes back before it kills.
 * `names` ends with NULL.
 */
static double reclaimable(const char *folder, const char *const *names)
{
	char path[PATH_MAX + 64], line[128], name[64];
	double value, sum = 0;

	snprintf(path, sizeof path, "%s/memory.stat", folder);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof line, file))
		for (size_t i = 0; names[i]; i++)
			if (sscanf(line, "%63s %lf", name, &value) == 2 &&
			    strcmp(name, names[i]) == 0)
				sum += value;
	fclose(file);
	return sum;
}

/* What is left of a limit; at least one byte, as 0 is no limit. */
static double left_of(double limit, double used, double taken_back)
{
	double left = limit - used + taken_back;

	return left > 1 ? left : 1;
}

/* memory.max of version 2, and memory.high, above which the kernel holds processes up. */
static double memory_v2(const char *folder, const char *line)
{
	static const char *const names[] = {
	    "active_file", "inactive_file", "slab_reclaimable", NULL};
	double limit = atof(line), high = read_number(folder, "memory.high");

	if (high > 0 && (limit == 0 || high < limit))
		limit = high;
	if (limit == 0)
		return 0;
	return left_of(limit, read_number(folder, "memory.current"), reclaimable(folder, names));
}

/* memory.limit_in_bytes of version 1: without a limit it is more than any machine has. */
static double memory_v1(const char *folder, const char *line)
{
	static const char *const names[] = {"total_active_file", "total_inactive_file", NULL};

	return left_of(
	    atof(line), read_number(folder, "memory.usage_in_bytes"), reclaimable(folder, names));
}

double system_cgroup_memory(double most)
{
	static const struct cgroup_limit version_1 = {"memory.limit_in_bytes", memory_v1},
					 version_2 = {"memory.max", memory_v2};

	return cgroup_least("memory", &version_1, &version_2, most);
}

bool system_cgroup_line(const char *name, char *line, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char path[PATH_MAX + 64];
	struct membership in;
	bool found = false;

	if (!file)
		return false;
	while (!found && next_membership(file, &in)) {
		if (*in.controllers)
			continue;
		snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", in.path, name);
		found = read_line(path, line, size);
	}
	fclose(file);
	return found;
}

#else

double system_cgroup_cpus(double most)
{
	return most;
}

double system_cgroup_processes(double most)
{
	return most;
}

double system_cgroup_memory(double most)
{
	return most;
}

bool system_cgroup_line(const char *name, char *line, size_t size)
{
	(void)name, (void)line, (void)size;
	return false;
}

#endif
