#include "follow/fs_watch.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#if HAVE_INOTIFY
#include <sys/inotify.h>
#include <sys/vfs.h>
#endif

#include "base/io.h"

#if HAVE_INOTIFY

/*
 * Is the directory on a file system that other machines write to? inotify(7) does not tell what
 * they change. The numbers, of statfs(2), are NFS, SMB, CIFS, SMB2, AFS twice, Coda, Ceph, FUSE,
 * 9P, Lustre, GPFS.
 */
static bool is_remote(const char *directory)
{
	static const unsigned long kinds[] = {0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f,
	    0x6b414653, 0x73757245, 0x00c36400, 0x65735546, 0x01021997, 0x0bd00bd0, 0x47504653};
	struct statfs status;

	if (statfs(directory, &status) != 0)
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (((unsigned long)status.f_type & 0xffffffff) == kinds[i])
			return true;
	return false;
}

void fs_watch_open(struct fs_watch *watch, const char *directory)
{
	*watch = (struct fs_watch){.names = -1, .growth = -1, .all_growth = true};
	if (directory && is_remote(directory))
		return;
	/*
	 * Two descriptors, as each has a queue of bounded length: events of files that grow must
	 * not push out those of names, which the caller needs one by one.
	 */
	watch->growth = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (directory)
		watch->names = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->names >= 0 && inotify_add_watch(watch->names, directory,
				     IN_ONLYDIR | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO |
					 IN_DELETE | IN_MOVE_SELF | IN_DELETE_SELF) < 0) {
		close(watch->names);
		watch->names = -1;
	}
}

int fs_watch_file(struct fs_watch *watch, int fd, bool writers)
{
	char path[64];

	/* This name leads to the open file even after a rename. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int file = inotify_add_watch(
	    watch->growth, path, (uint32_t)IN_MODIFY | (writers ? (uint32_t)IN_CLOSE_WRITE : 0));
	if (file < 0)
		watch->all_growth = false;
	return file;
}

void fs_watch_forget(struct fs_watch *watch, int file)
{
	if (file >= 0)
		inotify_rm_watch(watch->growth, file);
}

bool fs_watch_next_change(struct fs_watch *watch, struct change *change)
{
	while (watch->names >= 0) {
		if (watch->begin == watch->end) {
			ssize_t got = read(watch->names, watch->buffer, sizeof watch->buffer);
			if (got <= 0)
				return false;
			watch->begin = 0;
			watch->end = (size_t)got;
		}
		const struct inotify_event *event = (const void *)&watch->buffer[watch->begin];
		watch->begin += sizeof *event + event->len;
		*change = (struct change){
		    .cookie = event->cookie,
		    .name = event->len > 0 ? event->name : "",
		    .kind = event->mask & IN_CREATE       ? NAME_CREATED
			    : event->mask & IN_MOVED_FROM ? NAME_LEFT
			    : event->mask & IN_MOVED_TO   ? NAME_ARRIVED
			    : event->mask & IN_DELETE     ? NAME_DELETED
							  : NAMES_LOST,
		};
		if (event->mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED)) {
			/* The directory is no longer the one of that name. */
			close(watch->names);
			watch->names = -1;
		}
		return true;
	}
	return false;
}

#else

void fs_watch_open(struct fs_watch *watch, const char *directory)
{
	(void)directory;
	*watch = (struct fs_watch){.names = -1, .growth = -1};
}

int fs_watch_file(struct fs_watch *watch, int fd, bool writers)
{
	(void)watch, (void)fd, (void)writers;
	return -1;
}

void fs_watch_forget(struct fs_watch *watch, int file)
{
	(void)watch, (void)file;
}

bool fs_watch_next_change(struct fs_watch *watch, struct change *change)
{
	(void)watch, (void)change;
	return false;
}

#endif

#if HAVE_LEASES
int fs_watch_has_writers(int fd)
{
	/*
	 * The kernel grants a lease for reading only when no process has the file open for writing.
	 * It is given back at once. A process that opens the file in between waits for that, and
	 * the kernel tells us so by a signal: SIGURG, which is ignored by default.
	 */
	fcntl(fd, F_SETSIG, SIGURG);
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return 0;
	}
	return errno == EAGAIN ? 1 : -1;
}
#else
int fs_watch_has_writers(int fd)
{
	(void)fd;
	return -1;
}
#endif

void fs_watch_close(struct fs_watch *watch)
{
	if (watch->names >= 0)
		close(watch->names);
	if (watch->growth >= 0)
		close(watch->growth);
	watch->names = watch->growth = -1;
}

bool fs_watch_tells_names(const struct fs_watch *watch)
{
	return watch->names >= 0;
}

enum fs_event fs_watch_wait(struct fs_watch *watch, int interrupt_fd, int timeout_ms)
{
	struct pollfd fds[] = {
	    {.fd = interrupt_fd, .events = POLLIN},
	    {.fd = watch->names, .events = POLLIN},
	    {.fd = watch->growth, .events = POLLIN},
	};
	_Alignas(8) char events[4096], byte;

	io_await(fds, 3, timeout_ms);
	/* The events are discarded, as the caller looks at all files. */
	while (fds[2].revents && read(watch->growth, events, sizeof events) > 0)
		;
	if (fds[0].revents && read(interrupt_fd, &byte, 1) >= 0)
		return WATCH_INTERRUPTED;
	return fds[1].revents || fds[2].revents ? WATCH_CHANGED : WATCH_TIMEOUT;
}
