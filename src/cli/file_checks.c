#include "cli/file_checks.h"

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "record/results_table.h"

/* What the run does with a file. */
enum use {
	USE_READS = 1,
	USE_WRITES = 2, /* empties, adds to, replaces or removes it */
	USE_LOCKS = 4,  /* has it for this run alone */
	USE_OUTPUT = 8  /* is given it as an output: stdout and stderr may be one file */
};

/* One file of the run. */
struct run_file {
	const char *option; /* for messages, with a blank behind it; "": the name says enough */
	const char *name;   /* that is looked for; for messages where it is open already */
	char *target;       /* where links at the end of the name lead; NULL: there are none */
	int fd;             /* open already; -1: it is not */
	unsigned uses;

	/* which file that is; `device` and `inode` of its folder, where it is not there yet */
	bool is_known; /* two of these can be compared */
	bool is_there;
	dev_t device;
	ino_t inode;
};

/* The most files that a run writes or locks, and links that lead to one. */
enum { MOST_WRITTEN = 14, MOST_LINKS = 8 };

struct written_files {
	struct run_file at[MOST_WRITTEN];
	size_t count;
};

/* --- which file a name stands for --- */

/* Where the links at the end of a name lead, which may be nowhere yet. NULL: it is no link. */
static char *link_target(const char *name)
{
	char link[PATH_MAX], *target = NULL;
	ssize_t length;

	for (int i = 0; i < MOST_LINKS && (length = readlink(name, link, sizeof link - 1)) > 0;
	     i++) {
		char *folder = path_folder(name), *next;

		link[length] = '\0';
		if (!folder || !(next = path_resolve(folder, link)))
			err(1, "reading the command line");
		free(folder);
		free(target);
		name = target = next;
	}
	return target;
}

/* Finds out which file it is. What is neither a file nor a folder may be shared. */
static void identify(struct run_file *file)
{
	struct stat status;
	const char *name = file->name;

	file->is_there = file->fd >= 0 ? fstat(file->fd, &status) == 0 : stat(name, &status) == 0;
	if (!file->is_there && file->fd < 0 && (file->target = link_target(name)))
		name = file->target;
	file->is_known = file->is_there ? S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)
					: file->fd < 0 && path_stat_folder(name, &status) == 0;
	if (!file->is_known)
		return;
	file->device = status.st_dev;
	file->inode = status.st_ino;
}

static bool are_same(const struct run_file *a, const struct run_file *b)
{
	size_t length_a, length_b;

	if (!a->is_known || !b->is_known || a->is_there != b->is_there || a->device != b->device ||
	    a->inode != b->inode)
		return false;
	if (a->is_there)
		return true;
	const char *last_a = path_last(a->target ? a->target : a->name, &length_a);
	const char *last_b = path_last(b->target ? b->target : b->name, &length_b);
	return length_a == length_b && memcmp(last_a, last_b, length_a) == 0;
}

/* --- what is said --- */

static bool conflict(const struct run_file *a, const struct run_file *b)
{
	unsigned both = a->uses & b->uses, either = a->uses | b->uses;

	if (both & USE_OUTPUT)
		return false;
	return (both & (USE_WRITES | USE_LOCKS)) || ((either & USE_WRITES) && (either & USE_READS));
}

/* Ends pexec when the two cannot be one file, and are. */
static void compare(const struct run_file *file, const struct run_file *written)
{
	char name[ESCAPED_NAME], other[ESCAPED_NAME];

	if (!conflict(file, written) || !are_same(file, written))
		return;
	escape_name(name, file->name);
	escape_name(other, written->name);
	if (file->uses & USE_READS)
		errx(1, "%s%s: input file is output file: %s%s", file->option, name,
		    written->option, other);
	errx(
	    1, "%s%s and %s%s: they are the same file", file->option, name, written->option, other);
}

/* --- what the run writes --- */

/* Adds a file, unless its name is NULL: no option names it. */
static void add(struct written_files *files, struct run_file file)
{
	if (!file.name)
		return;
	identify(&file);
	for (size_t i = 0; i < files->count; i++)
		compare(&files->at[i], &file);
	files->at[files->count++] = file;
}

/*
 * Our own outputs, where the run keeps them. With --follow what is added to the queue is part of
 * it, as with tail(1): then a job may add to its own queue.
 */
static void add_outputs(struct written_files *files, const struct options *options)
{
	static const char *const names[] = {"standard output", "standard error"};

	if (options->log.path || options->log.syslog || options->daemon)
		return;
	for (int i = 0; i < 2; i++) {
		int fd = STDOUT_FILENO + i, flags = fcntl(fd, F_GETFL);
		bool grows = options->queue.follow && flags >= 0 && (flags & O_APPEND);
		add(files, (struct run_file){.option = "",
			       .name = grows ? NULL : names[i],
			       .fd = fd,
			       .uses = USE_WRITES | USE_OUTPUT});
	}
}

/* The name of a file that a run keeps beside its journal, where it does. */
static char *beside_journal(const struct options *options, bool is_kept, const char *suffix)
{
	char *name = NULL;

	if (is_kept && options->record.journal.path &&
	    asprintf(&name, "%s%s", options->record.journal.path, suffix) < 0)
		err(1, "reading the command line");
	return name;
}

static void add_written(struct written_files *files, const struct options *options,
    const char *position, const char *slots)
{
	const struct record_options *record = &options->record;
	bool records = !options->attempt.dry_run;
	const char *results =
	    record->results && !results_table_is_stdout(record->results) ? record->results : NULL;
	const char *stream = options->events.stream;
	bool has_name = stream && !event_files_is_descriptor(stream);
	/* The table of what a run writes: each is compared with all others. */
	const struct run_file table[] = {
	    {"--lock ", options->lock.path, .uses = USE_LOCKS},
	    {"--share ", options->share, .uses = USE_WRITES | USE_LOCKS},
	    {"--pidfile ", options->lock.pidfile, .uses = USE_WRITES | USE_LOCKS},
	    {"--log ", options->log.path, .uses = USE_WRITES},
	    {"--joblog ", records ? record->journal.path : NULL, .uses = USE_WRITES | USE_LOCKS},
	    {"", records ? position : NULL, .uses = USE_WRITES},
	    {"", records ? slots : NULL, .uses = USE_WRITES},
	    {"--results ", records ? results : NULL, .uses = USE_WRITES},
	    {"--events ", records && has_name ? stream : NULL, .uses = USE_WRITES},
	    {"--report ", records ? record->report : NULL, .uses = USE_WRITES},
	    {"--report ", records ? options->events.report : NULL, .uses = USE_WRITES},
	    {"--ctl ", options->control.socket, .uses = USE_WRITES},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct run_file file = table[i];
		file.fd = -1;
		add(files, file);
	}
	add_outputs(files, options);
}

/* --- what the run reads --- */

/*
 * Is the file one of a job's in the folder of --results? They are DIR/SEQ/stdout and the like.
 * `folder` is what is known of DIR.
 */
static bool is_result(const char *name, const struct run_file *folder)
{
	static const char *const names[] = {"seq", "item", "stdout", "stderr", "exitval"};
	char *real = realpath(name, NULL), *last = real ? strrchr(real, '/') : NULL;
	bool is_named = false;
	struct stat status;

	for (size_t i = 0; last && i < sizeof names / sizeof *names; i++)
		is_named |= strcmp(last + 1, names[i]) == 0;
	if (is_named) {
		*last = '\0';
		char *seq = strrchr(real, '/');
		is_named = seq && seq[1] && strspn(seq + 1, "0123456789") == strlen(seq + 1);
		if (is_named)
			seq[1] = '\0';
	}
	bool found = is_named && stat(real, &status) == 0 && status.st_dev == folder->device &&
		     status.st_ino == folder->inode;
	free(real);
	return found;
}

/* Compares a file that is read with all that are written. "-" is standard input. */
static void check_read(const struct written_files *files, const char *option, const char *name)
{
	bool is_stdin = path_is_stdin(name);
	struct run_file file = {.option = is_stdin ? "" : option,
	    .name = is_stdin ? "standard input" : name,
	    .fd = is_stdin ? STDIN_FILENO : -1,
	    .uses = USE_READS};
	char shown[ESCAPED_NAME], folder[ESCAPED_NAME];

	identify(&file);
	for (size_t i = 0; i < files->count; i++) {
		const struct run_file *written = &files->at[i];
		compare(&file, written);
		if (!is_stdin && written->is_there && strcmp(written->option, "--results ") == 0 &&
		    is_result(name, written))
			errx(1, "%s%s: input file is output file: it is in --results %s", option,
			    escape_name(shown, name), escape_name(folder, written->name));
	}
	free(file.target);
}

void check_files(const struct options *options)
{
	const struct queue_options *queue = &options->queue;
	struct written_files files = {.count = 0};
	/* Where in the files of --follow a run was, and what -j auto has found. */
	char *position =
	    beside_journal(options, queue->follow && queue->growth.keeps_place, ".position");
	char *slots = beside_journal(options, options->pool.range.most > 0, ".slots");

	add_written(&files, options, position, slots);
	for (size_t i = 0; i < queue->files.count; i++)
		check_read(&files, "-a ", queue->files.at[i]);
	for (size_t i = 0; i < queue->input_count; i++)
		if (queue->inputs[i].file)
			check_read(&files, ":::: ", queue->inputs[i].file);
	if (options->control.slots_file)
		check_read(&files, "-j ", options->control.slots_file);
	for (size_t i = 0; i < files.count; i++)
		free(files.at[i].target);
	free(position);
	free(slots);
}
