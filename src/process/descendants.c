#include "process/descendants.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "process/job_environment.h"
#include "process/job_mark.h"

/* For so many ms orphans are not listed anew. */
enum { LIST_HOLDS_MS = 20 };

/* Processes that were found; from `done` on their children have still to be looked for. */
struct search {
	pid_t found[MOST_FOUND];
	size_t count, done;
};

static void add(struct search *search, pid_t pid)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->found[i] == pid)
			return;
	if (search->count < MOST_FOUND)
		search->found[search->count++] = pid;
}

void orphan_list_init(struct orphan_list *list)
{
	*list = (struct orphan_list){.count = 0};
	lock_init(&list->lock, LOCK_ORPHANS);
}

/* With the lock held. */
static void list_orphans(struct orphan_list *orphans)
{
	pid_t children[MOST_FOUND];
	int64_t now_ms = clock_ms();

	if (now_ms < orphans->until_ms)
		return;
	orphans->count = system_children(getpid(), children, MOST_FOUND);
	for (size_t i = 0; i < orphans->count; i++) {
		orphans->found[i].pid = children[i];
		orphans->found[i].group = getpgid(children[i]);
		system_variable(children[i], variable_names[VARIABLE_JOB], orphans->found[i].mark,
		    sizeof orphans->found[i].mark);
	}
	orphans->until_ms = clock_ms() + LIST_HOLDS_MS;
}

/* Adds the orphans of the job: with this mark, or in this group; 0: in any that has the mark. */
static void add_orphans(
    struct search *search, struct orphan_list *orphans, pid_t group, const char *mark)
{
	if (!mark && group == 0)
		return;
	lock_take(&orphans->lock);
	list_orphans(orphans);
	for (size_t i = 0; i < orphans->count; i++)
		if ((group > 0 && orphans->found[i].group == group) ||
		    (mark && strcmp(orphans->found[i].mark, mark) == 0))
			add(search, orphans->found[i].pid);
	lock_release(&orphans->lock);
}

/* Does the orphan have this mark? */
bool descendants_has_mark(pid_t pid, const char *mark)
{
	char its[JOB_MARK_ROOM];

	system_variable(pid, variable_names[VARIABLE_JOB], its, sizeof its);
	return strcmp(its, mark) == 0;
}

/* Adds the children of all that were found. */
static void add_children(struct search *search)
{
	while (search->done < search->count) {
		pid_t children[MOST_FOUND];
		size_t count =
		    system_children_of(search->found[search->done++], children, MOST_FOUND);
		for (size_t i = 0; i < count; i++)
			add(search, children[i]);
	}
}

bool descendants_has(const struct descendants *descendants, pid_t pid)
{
	for (size_t i = 0; i < descendants->count; i++)
		if (descendants->seen[i].pid == pid)
			return true;
	return false;
}

bool descendants_live(struct descendants *descendants)
{
	size_t left = 0;

	for (size_t i = 0; i < descendants->count; i++)
		if (system_process_lives(&descendants->seen[i]))
			descendants->seen[left++] = descendants->seen[i];
	descendants->count = left;
	return left > 0;
}

/* Signals one that was found. Returns whether it is a new one. */
static bool reach(struct descendants *descendants, pid_t pid, pid_t group, int signal, bool again)
{
	struct system_process process;

	if (!system_look_at_process(pid, &process))
		return false;
	if (process.group == group) {
		if (kill(pid, 0) != 0 && errno == EPERM)
			descendants->refused = pid;
		return false;
	}
	bool is_new = !descendants_has(descendants, pid);
	if (is_new && descendants->count < MOST_REMEMBERED)
		descendants->seen[descendants->count++] = process;
	if ((is_new || again) && system_signal_process(&process, signal) != 0 && errno == EPERM)
		descendants->refused = pid;
	return is_new;
}

bool descendants_signal(struct descendants *descendants, pid_t root, pid_t group, const char *mark,
    int signal, bool again)
{
	struct search search = {.count = 0};
	bool any_new = false;

	descendants_live(descendants);
	for (size_t i = 0; i < descendants->count; i++)
		add(&search, descendants->seen[i].pid);
	if (root > 0)
		add(&search, root);
	add_orphans(&search, descendants->orphans, 0, mark);
	add_children(&search);
	for (size_t i = 0; i < search.count; i++)
		if (search.found[i] != root)
			any_new |= reach(descendants, search.found[i], group, signal, again);
	return any_new && descendants->count < MOST_REMEMBERED;
}

pid_t descendants_holder(struct descendants *descendants, pid_t group, const char *mark)
{
	struct search search = {.count = 0};

	add_orphans(&search, descendants->orphans, group, mark);
	add_children(&search);
	for (size_t i = 0; i < search.count; i++)
		if (system_shares_pipe(search.found[i]))
			return search.found[i];
	return 0;
}
