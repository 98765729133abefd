#include "base/system_idle.h"

#include "base/features.h"

#if HAVE_LOAD
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The beginning of a file of /proc; empty where it cannot be read. */
static void read_beginning(const char *name, char *text, size_t size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
}

struct system_idle system_idle_now(void)
{
	struct system_idle load = {0};
	double ticks[8] = {0};
	long long wait_us;
	char text[512];

	/* user, nice, system, idle, waiting for disks, interrupts twice, stolen by other machines
	 */
	read_beginning("/proc/stat", text, sizeof text);
	load.is_known = sscanf(text, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &ticks[0], &ticks[1],
			    &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) >= 5;
	load.idle_ticks = ticks[3] + ticks[4];
	for (int i = 0; i < 8; i++)
		load.all_ticks += ticks[i];
	read_beginning("/proc/pressure/memory", text, sizeof text);
	const char *total = strstr(text, "total=");
	if (total && sscanf(total, "total=%lld", &wait_us) == 1)
		load.memory_wait_s = (double)wait_us / 1e6;
	return load;
}
#else
struct system_idle system_idle_now(void)
{
	return (struct system_idle){.is_known = false};
}
#endif

double system_idle_share(const struct system_idle *from, const struct system_idle *to)
{
	enum { FEWEST_TICKS = 10 }; /* of a hundredth of a second each */
	double all = to->all_ticks - from->all_ticks;

	if (!from->is_known || !to->is_known || all < FEWEST_TICKS)
		return -1;
	return (to->idle_ticks - from->idle_ticks) / all;
}
