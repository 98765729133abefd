#include "calls.h"

#include <errno.h>
#include <stddef.h>

#ifdef __linux__
#include <sys/syscall.h>

#define CALL(call, ...)                                                                            \
	{                                                                                          \
		.name = #call, .number = SYS_##call, .errors = { __VA_ARGS__ }                     \
	}
#define WAITING_CALL(call, ...)                                                                    \
	{                                                                                          \
		.name = #call, .number = SYS_##call, .errors = {__VA_ARGS__}, .waits = true        \
	}
#define SHORT_CALL(call, ...)                                                                      \
	{                                                                                          \
		.name = #call, .number = SYS_##call, .errors = {__VA_ARGS__}, .may_be_short = true \
	}

/*
 * futex(2) is not among them: it fails only when the program is wrong. What a call can only give
 * for a wrong argument, such as EBADF, is not either. ENOSYS is: an old kernel, or a container's
 * filter, has fewer calls.
 */
const struct call calls[] = {
    /* processes and threads */
    CALL(clone, EAGAIN, ENOMEM),
    CALL(clone3, EAGAIN, ENOMEM, ENOSYS),
    CALL(execve, EAGAIN, ENOMEM, E2BIG, ETXTBSY, EACCES),
    CALL(kill, ESRCH, EPERM),
    CALL(pidfd_open, ENOSYS, EMFILE),
    CALL(prctl, EINVAL),
    CALL(setpgid, EACCES, ESRCH),
    CALL(setsid, EPERM),
    CALL(tgkill, EAGAIN),
    WAITING_CALL(wait4, EINTR),
    WAITING_CALL(waitid, EINTR),
#ifdef SYS_vfork
    CALL(fork, EAGAIN, ENOMEM),
    CALL(vfork, EAGAIN, ENOMEM),
#endif
    /* memory */
    CALL(brk, ENOMEM),
    CALL(madvise, ENOMEM),
    CALL(mmap, ENOMEM),
    CALL(mprotect, ENOMEM),
    CALL(mremap, ENOMEM),
    CALL(munmap, ENOMEM),
    /* descriptors */
    CALL(close, EINTR, EIO, ENOSPC),
    CALL(dup2, EBUSY, EINTR, EMFILE),
    CALL(eventfd2, EMFILE, ENFILE, ENOMEM),
    CALL(fcntl, EMFILE, EINTR, EBUSY, EPERM),
    CALL(ioctl, ENOTTY, EMFILE, EIO),
    CALL(pipe2, EMFILE, ENFILE),
    CALL(prlimit64, EPERM),
    SHORT_CALL(read, EINTR, EAGAIN, EIO),
    SHORT_CALL(write, EINTR, EAGAIN, EIO, ENOSPC, EPIPE),
    SHORT_CALL(sendfile, EIO, EAGAIN, EINTR, ENOMEM, EINVAL),
    SHORT_CALL(splice, EAGAIN, ENOMEM, EINTR, EINVAL, EIO),
    /* waiting */
    WAITING_CALL(clock_nanosleep, EINTR),
    WAITING_CALL(poll, EINTR, ENOMEM, EAGAIN),
    WAITING_CALL(ppoll, EINTR, ENOMEM),
    WAITING_CALL(rt_sigtimedwait, EINTR, EAGAIN),
    CALL(signalfd4, EMFILE, ENFILE, ENOMEM),
    /* files */
    CALL(access, EACCES),
    CALL(chdir, EACCES),
    CALL(fdatasync, EIO, ENOSPC, EINTR),
    CALL(flock, EINTR, ENOLCK),
    CALL(fstat, EIO, ENOMEM),
    CALL(fstatfs, EIO),
    CALL(fsync, EIO, ENOSPC, EINTR),
    CALL(ftruncate, EIO, EINTR),
    CALL(getdents64, EIO),
    CALL(linkat, EIO, ENOSPC),
    CALL(lseek, EINVAL),
    CALL(mkdir, EACCES, ENOSPC),
    CALL(mkdirat, EACCES, ENOSPC, EIO),
    CALL(newfstatat, EIO, ENOMEM),
    CALL(open, EMFILE, ENFILE, ENOMEM, EACCES, EIO, ENOENT, ENOSPC, EINTR),
    CALL(openat, EMFILE, ENFILE, ENOMEM, EACCES, EIO, ENOENT, ENOSPC, EINTR),
    SHORT_CALL(pread64, EIO, EINTR),
    SHORT_CALL(pwrite64, EIO, ENOSPC, EINTR),
    CALL(readlink, EIO),
    CALL(rename, EIO, ENOSPC),
    CALL(renameat, EIO, ENOSPC),
    CALL(statfs, EIO),
    CALL(statx, EIO, ENOMEM),
    CALL(unlink, EACCES, EIO),
    CALL(unlinkat, EIO, EACCES),
    CALL(inotify_add_watch, ENOSPC, ENOMEM),
    CALL(inotify_init1, EMFILE, ENFILE, ENOMEM),
    /* sockets */
    WAITING_CALL(accept4, EMFILE, ENFILE, ECONNABORTED, ENOMEM),
    CALL(bind, EADDRINUSE, EACCES),
    CALL(connect, EACCES, EAGAIN),
    CALL(getsockopt, ENOMEM),
    CALL(listen, EADDRINUSE),
    SHORT_CALL(recvfrom, ECONNRESET, EINTR, EAGAIN),
    SHORT_CALL(sendto, EAGAIN, ECONNRESET, EINTR, ENOBUFS),
    CALL(setsockopt, ENOMEM),
    CALL(socket, EMFILE, ENFILE, ENOMEM),
    CALL(socketpair, EMFILE, ENFILE),
    /* the rest */
    CALL(semctl, EPERM),
    CALL(semget, ENOSPC, ENOMEM),
    CALL(semop, EAGAIN, EINTR),
    CALL(semtimedop, EAGAIN, EINTR),
    CALL(setpriority, EPERM),
    CALL(getrandom, EINTR, ENOSYS),
    CALL(sched_getaffinity, EINVAL),
    CALL(sysinfo, EINVAL),
    {0},
};
#else
const struct call calls[] = {{0}};
#endif

const struct call *calls_find(int number)
{
	for (const struct call *call = calls; call->name; call++)
		if (call->number == number)
			return call;
	return NULL;
}
