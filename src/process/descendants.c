#include "process/descendants.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* A tree of more processes is not searched to its end. */
enum { MOST_FOUND = 512 };

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

/* Adds the orphans of the job. */
static void add_orphans(struct search *search, const char *mark)
{
	pid_t orphans[MOST_FOUND];
	size_t count = mark ? system_children(orphans, MOST_FOUND) : 0;

	for (size_t i = 0; i < count; i++)
		if (system_has_variable(orphans[i], mark))
			add(search, orphans[i]);
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
	add_orphans(&search, mark);
	add_children(&search);
	for (size_t i = 0; i < search.count; i++)
		if (search.found[i] != root)
			any_new |= reach(descendants, search.found[i], group, signal, again);
	return any_new && descendants->count < MOST_REMEMBERED;
}
