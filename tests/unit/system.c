/* system: the limits of control groups, read from files that are made up here. */
#undef NDEBUG
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file and what is in it, for as long as a case takes. */
static const struct file {
	const char *path, *content;
} * files;

static FILE *made_up_fopen(const char *path, const char *mode)
{
	for (const struct file *file = files; file->path; file++)
		if (strcmp(file->path, path) == 0)
			return fmemopen(
			    (void *)file->content, strlen(file->content), *mode == 'r' ? "r" : "w");
	return NULL;
}

#define fopen made_up_fopen
#include "../../src/base/system_cgroups.c"

#include "base/features.h"
#include "base/system_limits.h"

#define FILES(...)                                                                                 \
	files = (const struct file[])                                                              \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			NULL, NULL                                                                 \
		}                                                                                  \
	}
#define SELF "/proc/self/cgroup"
#define ROOT "/sys/fs/cgroup"

/* Is it `expected` processors that a machine of 64 may use? */
static bool cpus(double expected)
{
	return fabs(system_cgroup_cpus(64) - expected) < 1e-9;
}

/* Are `expected` bytes free, on a machine with 1e12? */
static bool memory(double expected)
{
	return fabs(system_cgroup_memory(1e12) - expected) < 1e-3;
}

#if HAVE_CGROUPS

static void memory_version_2(void)
{
	FILES({SELF, "0::/a/b\n"}, {ROOT "/a/b/memory.max", "1000000\n"},
	    {ROOT "/a/b/memory.current", "700000\n"}, {ROOT "/a/b/memory.high", "max\n"},
	    {ROOT "/a/b/memory.stat",
		"anon 500000\nactive_file 60000\ninactive_file 40000\nslab_reclaimable 5000\n"});
	assert(memory(405000));
	/* What holds processes up counts like what kills them, and so does each level. */
	FILES({SELF, "0::/a/b\n"}, {ROOT "/a/b/memory.max", "max\n"},
	    {ROOT "/a/b/memory.current", "700000\n"}, {ROOT "/a/b/memory.high", "900000\n"});
	assert(memory(200000));
	FILES({SELF, "0::/a/b\n"}, {ROOT "/a/b/memory.max", "max\n"},
	    {ROOT "/a/memory.max", "800000\n"}, {ROOT "/a/memory.current", "700000\n"});
	assert(memory(100000));
	/* More than the limit is used: next to nothing is free. */
	FILES({SELF, "0::/a\n"}, {ROOT "/a/memory.max", "1000\n"},
	    {ROOT "/a/memory.current", "2000\n"});
	assert(memory(1));
	FILES({SELF, "0::/a\n"}, {ROOT "/a/memory.max", "max\n"},
	    {ROOT "/a/memory.current", "2000\n"});
	assert(memory(1e12));
}

static void memory_version_1(void)
{
	FILES({SELF, "4:memory:/a\n0::/\n"}, {ROOT "/memory/a/memory.limit_in_bytes", "1000000\n"},
	    {ROOT "/memory/a/memory.usage_in_bytes", "700000\n"},
	    {ROOT "/memory/a/memory.stat",
		"cache 9\nactive_file 7\ntotal_active_file 60000\ntotal_inactive_file 40000\n"});
	assert(memory(400000));
	FILES({SELF, "4:memory:/a\n"},
	    {ROOT "/memory/a/memory.limit_in_bytes", "9223372036854771712\n"},
	    {ROOT "/memory/a/memory.usage_in_bytes", "700000\n"});
	assert(memory(1e12));
}

static void pressure(void)
{
	char line[64];

	FILES({SELF, "4:cpu:/x\n0::/a\n"}, {ROOT "/a/cpu.pressure", "some avg10=1.50 avg60=0\n"});
	assert(system_cgroup_line("cpu.pressure", line, sizeof line));
	assert(strcmp(line, "some avg10=1.50 avg60=0\n") == 0);
	assert(!system_cgroup_line("io.pressure", line, sizeof line));
}

static void version_2(void)
{
	FILES({SELF, "0::/a/b\n"}, {ROOT "/a/b/cpu.max", "150000 100000\n"});
	assert(cpus(1.5));
	/* The least of all levels counts, the root's too. */
	FILES({SELF, "0::/a/b\n"}, {ROOT "/a/b/cpu.max", "max 100000\n"},
	    {ROOT "/a/cpu.max", "20000 10000\n"}, {ROOT "/cpu.max", "300000 100000\n"});
	assert(cpus(2));
	FILES({SELF, "0::/a/b\n"}, {ROOT "/cpu.max", "300000 100000\n"});
	assert(cpus(3));
	/* A container sees its own group as the root. */
	FILES({SELF, "0::/\n"}, {ROOT "/cpu.max", "50000 100000\n"});
	assert(cpus(0.5) && system_cpus() == 1);
	FILES({SELF, "0::/a:b\n"}, {ROOT "/a:b/cpu.max", "400000 100000\n"});
	assert(cpus(4));
}

static void version_1(void)
{
	FILES({SELF, "12:pids:/p\n4:cpu,cpuacct:/a/b\n1:name=systemd:/s\n0::/u\n"},
	    {ROOT "/cpu/a/b/cpu.cfs_quota_us", "-1\n"},
	    {ROOT "/cpu/a/b/cpu.cfs_period_us", "100000\n"},
	    {ROOT "/cpu/a/cpu.cfs_quota_us", "250000\n"},
	    {ROOT "/cpu/a/cpu.cfs_period_us", "100000\n"}, {ROOT "/pids/p/pids.max", "77\n"},
	    {ROOT "/pids/pids.max", "max\n"});
	assert(cpus(2.5));
	assert(system_cgroup_processes(1e9) == 77);
	/* Controllers whose names only begin like it are others. */
	FILES({SELF, "4:cpuacct,cpuset:/a\n"}, {ROOT "/cpu/a/cpu.cfs_quota_us", "250000\n"},
	    {ROOT "/cpu/a/cpu.cfs_period_us", "100000\n"});
	assert(cpus(64));
	/* A quota without its period is none. */
	FILES({SELF, "4:cpu:/a\n"}, {ROOT "/cpu/a/cpu.cfs_quota_us", "250000\n"});
	assert(cpus(64));
}

static void no_limit(void)
{
	FILES({"/nothing", ""});
	assert(cpus(64) && system_cgroup_processes(1e9) == 1e9);
	FILES({SELF, "0::/a\n"});
	assert(cpus(64) && system_cgroup_processes(1e9) == 1e9);
	FILES({SELF, "\n0\n0:\n:cpu\nno line"}, {ROOT "/cpu.max", "1 1\n"});
	assert(cpus(64));
	FILES(
	    {SELF, "0::/a\n"}, {ROOT "/a/cpu.max", "max 100000\n"}, {ROOT "/a/pids.max", "max\n"});
	assert(cpus(64) && system_cgroup_processes(1e9) == 1e9);
	FILES({SELF, "0::/a\n"}, {ROOT "/a/cpu.max", "100000\n"}, {ROOT "/cpu.max", "1 0\n"});
	assert(cpus(64));
}

static void processes(void)
{
	FILES({SELF, "0::/a/b\n"}, {ROOT "/a/b/pids.max", "100\n"}, {ROOT "/a/pids.max", "10\n"});
	assert(system_cgroup_processes(1e9) == 10);
	assert(system_processes() <= 10);
}

int main(void)
{
	version_2();
	version_1();
	no_limit();
	processes();
	memory_version_2();
	memory_version_1();
	pressure();
}

#else

int main(void)
{
	FILES({SELF, "0::/a\n"}, {ROOT "/a/cpu.max", "1 1\n"}, {ROOT "/a/pids.max", "1\n"});
	/* The files could be read, but nothing asks for them. */
	assert(fopen(SELF, "r"));
	assert(cpus(64) && system_cgroup_processes(1e9) == 1e9 && memory(1e12));
}

#endif
