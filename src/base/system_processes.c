#include "base/system_processes.h"
#include "base/features.h"

#include <errno.h>
#include <signal.h>
#if HAVE_SUBREAPER
#include <sys/prctl.h>
#include <sys/wait.h>
#endif
#if HAVE_CHILDREN
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#endif
#if HAVE_PIDFD || HAVE_CHILDREN
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if HAVE_SUBREAPER
void system_adopt_orphans(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

pid_t system_ended_child(void)
{
	siginfo_t info = {0};

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD) == 0 ? info.si_pid
										       : 0;
}
#else
void system_adopt_orphans(void)
{
}

pid_t system_ended_child(void)
{
	return 0;
}
#endif

#if HAVE_CHILDREN

/* Adds the children of a thread. Returns how many there are now. */
static size_t add_children(pid_t process, pid_t thread, pid_t *children, size_t count, size_t most)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process, (int)thread);
	FILE *file = fopen(path, "re");
	while (file && count < most && fscanf(file, "%d", &children[count]) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

size_t system_children(pid_t process, pid_t *children, size_t most)
{
	return add_children(process, process, children, 0, most);
}

size_t system_children_of(pid_t process, pid_t *children, size_t most)
{
	const struct dirent *entry;
	size_t count = 0;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/task", (int)process);
	DIR *threads = opendir(path);
	while (threads && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			count = add_children(process, atoi(entry->d_name), children, count, most);
	if (threads)
		closedir(threads);
	return count;
}

/*
 * Reads /proc/PID/stat into `text`, and returns its third field and those behind it; an empty text:
 * there is none. The second field is a name in parentheses, of any bytes.
 */
enum { STAT_ROOM = 1024 };
static const char *read_stat(pid_t pid, char text[STAT_ROOM])
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, STAT_ROOM - 1, file) : 0;
	if (file)
		fclose(file);
	text[length] = '\0';
	const char *name_end = strrchr(text, ')');
	return name_end ? name_end + 1 : "";
}

bool system_look_at_process(pid_t pid, struct system_process *process)
{
	char text[STAT_ROOM], state = 'Z';
	int group = 0;

	*process = (struct system_process){.pid = pid};
	/* The 22nd field is when it was born. */
	int fields = sscanf(read_stat(pid, text),
	    " %c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
	    &state, &group, &process->born);
	process->group = group;
	return fields == 3 && state != 'Z' && state != 'X';
}

bool system_process_lives(const struct system_process *process)
{
	struct system_process now;

	return system_look_at_process(process->pid, &now) && now.born == process->born;
}

int system_signal_process(const struct system_process *process, int signal)
{
	int result = -1, fd = (int)syscall(SYS_pidfd_open, process->pid, 0);

	if (fd < 0)
		return -1;
	/* The descriptor stays with the process that it was opened for: so it is looked at now. */
	errno = ESRCH;
	if (system_process_lives(process))
		result = (int)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
	if (result == 0 && signal != SIGCONT)
		syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0);
	int error = errno;
	close(fd);
	errno = error;
	return result;
}

/* How far a variable has been compared, byte by byte, and what it is. */
struct comparison {
	const char *name;
	char *variable;
	size_t size, length;
	bool differs;
};

/* Takes in so many bytes of an environment. Returns whether the variable is complete. */
static bool compare(struct comparison *comparison, const char *bytes, size_t count)
{
	size_t length = strlen(comparison->name);

	for (size_t i = 0; i < count; i++) {
		size_t at = comparison->length;
		if (bytes[i] == '\0' && !comparison->differs && at >= length)
			return true;
		if (bytes[i] == '\0') {
			comparison->length = 0;
			comparison->differs = false;
			continue;
		}
		comparison->differs |=
		    at + 1 >= comparison->size || (at < length && comparison->name[at] != bytes[i]);
		if (!comparison->differs)
			comparison->variable[comparison->length++] = bytes[i];
	}
	return false;
}

void system_variable(pid_t pid, const char *name, char *variable, size_t size)
{
	struct comparison comparison = {.name = name, .variable = variable, .size = size};
	char path[64], block[4096];
	bool found = false;
	ssize_t got;

	snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	while (file >= 0 && !found && (got = read(file, block, sizeof block)) > 0)
		found = compare(&comparison, block, (size_t)got);
	if (file >= 0)
		close(file);
	variable[found ? comparison.length : 0] = '\0';
}

/* What pipe a descriptor in the folder `path` is; false: it is none. */
static bool read_pipe(const char *path, const char *name, unsigned long long *pipe)
{
	char link[512], to[64];

	snprintf(link, sizeof link, "%s/%s", path, name);
	ssize_t length = readlink(link, to, sizeof to - 1);
	to[length > 0 ? length : 0] = '\0';
	return sscanf(to, "pipe:[%llu]", pipe) == 1;
}

/* Is a pipe open in the folder `path`, beyond stderr? */
static bool has_pipe(const char *path, unsigned long long pipe)
{
	const struct dirent *entry;
	unsigned long long other;
	bool found = false;

	DIR *all = opendir(path);
	while (all && !found && (entry = readdir(all)))
		found = atoi(entry->d_name) > STDERR_FILENO &&
			read_pipe(path, entry->d_name, &other) && other == pipe;
	if (all)
		closedir(all);
	return found;
}

bool system_shares_pipe(pid_t pid)
{
	const struct dirent *entry;
	unsigned long long pipe;
	bool found = false;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *all = opendir(path);
	while (all && !found && (entry = readdir(all)))
		found = read_pipe(path, entry->d_name, &pipe) && has_pipe("/proc/self/fd", pipe);
	if (all)
		closedir(all);
	return found;
}

bool system_process_name(pid_t pid, char *name, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	FILE *file = fopen(path, "re");
	bool found = file && fgets(name, (int)size, file);
	if (file)
		fclose(file);
	if (found)
		name[strcspn(name, "\n")] = '\0';
	return found;
}

pid_t system_parent(pid_t pid)
{
	char text[STAT_ROOM];
	int parent = 0;

	return sscanf(read_stat(pid, text), " %*c %d", &parent) == 1 ? parent : 0;
}

bool system_first_word(pid_t pid, char *word, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(word, 1, size - 1, file) : 0;
	if (file)
		fclose(file);
	word[length] = '\0';
	return length > 0;
}

#else

bool system_shares_pipe(pid_t pid)
{
	(void)pid;
	return false;
}

bool system_process_name(pid_t pid, char *name, size_t size)
{
	(void)pid, (void)name, (void)size;
	return false;
}

pid_t system_parent(pid_t pid)
{
	(void)pid;
	return 0;
}

bool system_first_word(pid_t pid, char *word, size_t size)
{
	(void)pid, (void)word, (void)size;
	return false;
}

size_t system_children(pid_t process, pid_t *children, size_t most)
{
	(void)process, (void)children, (void)most;
	return 0;
}

size_t system_children_of(pid_t process, pid_t *children, size_t most)
{
	(void)process, (void)children, (void)most;
	return 0;
}

bool system_look_at_process(pid_t pid, struct system_process *process)
{
	*process = (struct system_process){.pid = pid};
	return false;
}

bool system_process_lives(const struct system_process *process)
{
	(void)process;
	return false;
}

int system_signal_process(const struct system_process *process, int signal)
{
	(void)process, (void)signal;
	errno = ESRCH;
	return -1;
}

void system_variable(pid_t pid, const char *name, char *variable, size_t size)
{
	(void)pid, (void)name, (void)size;
	*variable = '\0';
}

#endif

#if HAVE_PIDFD
int system_process_descriptor(pid_t child)
{
	return (int)syscall(SYS_pidfd_open, child, 0);
}

int system_kill(int process)
{
	return (int)syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
}
#else
int system_process_descriptor(pid_t child)
{
	(void)child;
	return -1;
}

int system_kill(int process)
{
	(void)process;
	errno = ESRCH;
	return -1;
}
#endif
