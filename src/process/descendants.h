/*
 * descendants: the processes of a job that have left its group, as those of timeout(1), setsid(1)
 * and shells with job control have.
 *
 * They are looked for only when the job is to end: in the tree of children below its first process,
 * and among the orphans that pexec has adopted, which are known by a variable of their environment
 * or because they were seen in the tree before. A process that has neither is not found.
 */
#ifndef PEXEC_PROCESS_DESCENDANTS_H
#define PEXEC_PROCESS_DESCENDANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/lock.h"
#include "base/system_processes.h"
#include "process/job_mark.h"

/* A tree of more processes is not searched to its end. */
enum { MOST_FOUND = 512 };

/*
 * The orphans that pexec has adopted, and for which job each was started. When all jobs are
 * signalled they are listed once, not for each of them: all processes of a run share one list.
 */
struct orphan_list {
	struct lock lock; /* guards what follows */
	int64_t until_ms; /* of clock_ms(): they are listed anew then */
	size_t count;
	struct {
		pid_t pid, group;
		char mark[JOB_MARK_ROOM];
	} found[MOST_FOUND];
};

void orphan_list_init(struct orphan_list *list);

/* Those that are remembered. More are found as long as their parents live. */
enum { MOST_REMEMBERED = 32 };

struct descendants {
	struct orphan_list *orphans;
	struct system_process seen[MOST_REMEMBERED];
	size_t count;
	pid_t refused; /* one that may not be signalled, also in the group; 0: none was found */
};

/*
 * Finds those of the process `root` (0: it has been reaped), and of orphans whose environment has
 * `mark` (job_mark.h; NULL: none has). Those outside of `group` are remembered; they get
 * `signal` unless they were remembered before and `again` is false. Returns whether there was a new
 * one.
 */
bool descendants_signal(struct descendants *descendants, pid_t root, pid_t group, const char *mark,
    int signal, bool again);

/* Does one that is remembered live? Those that have ended are forgotten. */
bool descendants_live(struct descendants *descendants);

/*
 * Which of the orphans of this group, or with this mark, and of their children holds a pipe that we
 * read from? 0: none was found.
 */
pid_t descendants_holder(struct descendants *descendants, pid_t group, const char *mark);

/* Was a process started with this mark? */
bool descendants_has_mark(pid_t pid, const char *mark);

/* Is this a process that is remembered? */
bool descendants_has(const struct descendants *descendants, pid_t pid);

#endif
