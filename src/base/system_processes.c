#include "base/system_processes.h"
#include "base/features.h"

#if HAVE_SUBREAPER
#include <sys/prctl.h>
#endif
#if HAVE_CHILDREN
#include <stdio.h>
#include <unistd.h>
#endif
#if HAVE_PIDFD
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if HAVE_SUBREAPER
void system_adopt_orphans(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}
#else
void system_adopt_orphans(void)
{
}
#endif

#if HAVE_CHILDREN
size_t system_children(pid_t *children, size_t most)
{
	char path[64];
	size_t count = 0;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "re");
	while (file && count < most && fscanf(file, "%d", &children[count]) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}
#else
size_t system_children(pid_t *children, size_t most)
{
	(void)children, (void)most;
	return 0;
}
#endif

#if HAVE_PIDFD
int system_process_descriptor(pid_t child)
{
	return (int)syscall(SYS_pidfd_open, child, 0);
}
#else
int system_process_descriptor(pid_t child)
{
	(void)child;
	return -1;
}
#endif
