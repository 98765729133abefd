#include "pool/orphans.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/system_processes.h"

void orphans_init(struct orphans *orphans, struct pool *pool, struct queue *queue,
    const struct guardian *guardian)
{
	*orphans = (struct orphans){.pool = pool, .queue = queue, .guardian = guardian};
	system_adopt_orphans();
	orphans->own_count = system_children(getpid(), orphans->own, MOST_OWN);
}

/* Reaps those that the system tells of behind one that is not ours to reap. */
static void reap_others(const struct orphans *orphans)
{
	pid_t children[MOST_OWN + MOST_ORPHANS];
	size_t count = system_children(getpid(), children, MOST_OWN + MOST_ORPHANS);

	for (size_t i = 0; i < count; i++)
		if (!queue_is_process(orphans->queue, children[i]))
			waitpid(children[i], NULL, WNOHANG);
}

void orphans_reap(const struct orphans *orphans)
{
	pid_t ended;

	while ((ended = system_ended_child()) > 0 && !queue_is_process(orphans->queue, ended))
		waitpid(ended, NULL, 0);
	if (ended > 0)
		reap_others(orphans);
}

/* From now on this child is left alone. */
static void leave_alone(struct orphans *orphans, pid_t child)
{
	if (orphans->own_count < MOST_OWN)
		orphans->own[orphans->own_count++] = child;
}

static bool is_of_job(const struct orphans *orphans, pid_t child)
{
	pid_t group = getpgid(child);

	return pool_find(orphans->pool, group, 0) || queue_is_process(orphans->queue, group) ||
	       pool_has_descendant(orphans->pool, child);
}

/* The end begins: those of jobs that were over before are left alone. */
static void spare_earlier(struct orphans *orphans)
{
	pid_t children[MOST_OWN];
	size_t count = system_children(getpid(), children, MOST_OWN);

	for (size_t i = 0; i < count; i++)
		if (!is_of_job(orphans, children[i]))
			leave_alone(orphans, children[i]);
}

void orphans_end_by(struct orphans *orphans, int signal)
{
	if (orphans->ending == 0)
		spare_earlier(orphans);
	orphans->ending = signal;
	orphans->told_count = 0;
}

static bool is_among(pid_t process, const pid_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == process)
			return true;
	return false;
}

/* Is this child ours for another reason than that its parent has died? */
static bool is_own(const struct orphans *orphans, pid_t child, pid_t group)
{

	return guardian_is(orphans->guardian, child) ||
	       is_among(child, orphans->own, orphans->own_count) ||
	       pool_find(orphans->pool, group, 0) || pool_find(orphans->pool, child, 0) ||
	       queue_is_process(orphans->queue, group);
}

/* Has this orphan been told already? Remembers it. */
static bool was_told(struct orphans *orphans, pid_t orphan)
{
	if (is_among(orphan, orphans->told, orphans->told_count))
		return true;
	if (orphans->told_count < MOST_ORPHANS)
		orphans->told[orphans->told_count++] = orphan;
	return false;
}

bool orphans_look(struct orphans *orphans)
{
	pid_t children[MOST_OWN + MOST_ORPHANS];
	size_t count = orphans->ending
			   ? system_children(getpid(), children, orphans->own_count + MOST_ORPHANS)
			   : 0;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		pid_t orphan = children[i], group = getpgid(orphan);
		siginfo_t info = {0};
		if (is_own(orphans, orphan, group) ||
		    waitid(P_PID, (id_t)orphan, &info, WEXITED | WNOHANG) != 0 || info.si_pid)
			continue;
		any = true;
		if (was_told(orphans, orphan))
			continue;
		pid_t target = group > 0 && group != getpgrp() ? -group : orphan;
		if (kill(target, orphans->ending) != 0 && errno == EPERM)
			leave_alone(orphans, orphan);
		kill(target, SIGCONT);
	}
	return any;
}
