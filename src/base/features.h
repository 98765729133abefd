/*
 * features: what this system has beside POSIX and libbsd, said in this one place.
 *
 * Each HAVE_ macro is 1 or 0. Where it is 1 the code takes the system's own way; where it is 0 it
 * takes the portable one that stands beside it. All of them come from Linux. `make PORTABLE=1`
 * defines PEXEC_PORTABLE, and every macro is 0: then the portable ways are compiled and tested on
 * Linux too.
 *
 * A .c file that asks for a feature includes it right behind its own header: the answer decides on
 * headers of the system. -Wundef warns where that was forgotten.
 */
#ifndef PEXEC_BASE_FEATURES_H
#define PEXEC_BASE_FEATURES_H

/* glibc, or another C library, says here which one it is. */
#include <limits.h>

#if defined __linux__ && !defined PEXEC_PORTABLE
#define PEXEC_LINUX 1
#else
#define PEXEC_LINUX 0
#endif

#if PEXEC_LINUX && defined __GLIBC__
#define PEXEC_GLIBC 1
#else
#define PEXEC_GLIBC 0
#endif

/* Limits of this process: sched_getaffinity(2), control groups, the length of one argument. */
#define HAVE_AFFINITY       PEXEC_LINUX
#define HAVE_CGROUPS        PEXEC_LINUX
#define HAVE_ARGUMENT_LIMIT PEXEC_LINUX

/* What is free and how busy the machine is: /proc/meminfo, /proc/stat, /proc/pressure. */
#define HAVE_LOAD PEXEC_LINUX

/* Bytes: splice(2), sendfile(2) to any file, F_SETPIPE_SZ of fcntl(2), O_TMPFILE of open(2). */
#define HAVE_SPLICE    PEXEC_LINUX
#define HAVE_SENDFILE  PEXEC_LINUX
#define HAVE_PIPE_SIZE PEXEC_LINUX
#define HAVE_TMPFILE   PEXEC_LINUX

/* Memory: memfd_create(2), MADV_HUGEPAGE of madvise(2), M_ARENA_MAX of mallopt(3). */
#define HAVE_MEMFD      PEXEC_LINUX
#define HAVE_HUGE_PAGES PEXEC_LINUX
#define HAVE_ARENAS     PEXEC_GLIBC

/*
 * Processes: PR_SET_CHILD_SUBREAPER of prctl(2), /proc/PID/task/TID/children of proc(5),
 * pidfd_open(2); for the guardian PR_SET_PDEATHSIG, clone(2) and close_range(2).
 */
#define HAVE_SUBREAPER PEXEC_LINUX
#define HAVE_CHILDREN  PEXEC_LINUX
#define HAVE_PIDFD     PEXEC_LINUX
#define HAVE_COMPANION PEXEC_LINUX

/* Terminals: TIOCGPTPEER of ioctl(2). */
#define HAVE_PTY_PEER PEXEC_LINUX

/* Semaphores: semtimedop(2). */
#define HAVE_SEMTIMEDOP PEXEC_LINUX

/* Signals: signalfd(2), sigabbrev_np(3). */
#define HAVE_SIGNALFD  PEXEC_LINUX
#define HAVE_SIGABBREV PEXEC_GLIBC

/* Files that change: inotify(7), F_SETLEASE of fcntl(2). */
#define HAVE_INOTIFY PEXEC_LINUX
#define HAVE_LEASES  PEXEC_LINUX

/* Locks that belong to an open file: F_OFD_SETLK of fcntl(2). */
#define HAVE_OFD_LOCKS PEXEC_LINUX

/* Locks of flock(2): /proc/locks and /proc/PID/fdinfo of proc(5). */
#define HAVE_LOCK_OWNERS PEXEC_LINUX

#endif
