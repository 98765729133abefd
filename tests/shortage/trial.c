#include "trial.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What processes that are about to end may take, in ms. */
enum { LAST_MOMENTS_MS = 3000 };

/* --- folders --- */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status, (void)type;
	return place->level == 0 ? 0 : remove(path);
}

void trial_clear(const char *folder, bool whole)
{
	nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	if (whole)
		rmdir(folder);
}

/* The path of a file, in a buffer of TRIAL_PATH + 64. */
static const char *in_folder(char *path, const char *folder, const char *name)
{
	snprintf(path, TRIAL_PATH + 64, "%s/%s", folder, name);
	return path;
}

static int open_in(const char *folder, const char *name, int flags)
{
	char path[TRIAL_PATH + 64];
	int fd = open(in_folder(path, folder, name), flags | O_CLOEXEC, 0666);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	int fd = open_in(folder, name, O_WRONLY | O_CREAT | O_TRUNC);

	/* Jobs of another user write to it, too. */
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, 0666) != 0)
		err(1, "%s/%s", folder, name);
	close(fd);
}

char *trial_read(const char *folder, const char *name)
{
	char path[TRIAL_PATH + 64];
	struct stat status;
	ssize_t got = 0;
	int fd = open(in_folder(path, folder, name), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) != 0)
		status.st_size = 0;
	char *text = malloc((size_t)status.st_size + 1);
	if (!text)
		err(1, "%s", path);
	if (status.st_size > 0)
		got = read(fd, text, (size_t)status.st_size);
	text[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* Items FIRST to LAST, a line each. */
static void list_items(char *text, int first, int last)
{
	*text = '\0';
	for (int item = first; item <= last; item++)
		text += sprintf(text, "%d\n", item);
}

void trial_open_place(struct trial_place *place, const char *folder, const char *work)
{
	snprintf(place->notes, sizeof place->notes, "%.200s/notes", folder);
	if (work)
		snprintf(place->work, sizeof place->work, "%.200s", work);
	else
		snprintf(place->work, sizeof place->work, "%.200s/work", folder);
	if (mkdir(place->notes, 0777) != 0 || (!work && mkdir(place->work, 0777) != 0))
		err(1, "%s", folder);
	chmod(place->notes, 0777);
	chmod(place->work, 0777);
}

static void link_job(const struct trial_place *place, const char *name)
{
	char path[TRIAL_PATH + 64];

	if (symlink(place->job, in_folder(path, place->work, name)) != 0)
		err(1, "%s", path);
}

static void make_folder(const struct trial_place *place, const char *name)
{
	char path[TRIAL_PATH + 64];

	if (mkdir(in_folder(path, place->work, name), 0777) != 0 || chmod(path, 0777) != 0)
		err(1, "%s", path);
}

/* The journal of an earlier run, in which the last item took longest. */
static const char times[] =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
    "1\t:\t1700000000.000\t1.000\t0\t0\t0\t0\t./job 1\n"
    "12\t:\t1700000000.000\t9.000\t0\t0\t0\t0\t./job 12\n";

static void lay_out(const struct trial_place *place, const struct mode *mode)
{
	char text[ITEMS * 12];

	trial_clear(place->work, false);
	trial_clear(place->notes, false);
	list_items(text, 1, mode->stdin_items > 0 ? mode->stdin_items : ITEMS);
	write_file(place->notes, "items", mode->own_items ? "" : text);
	list_items(text, 1, mode->duties.appends > 0 ? ITEMS / 2 : ITEMS);
	for (int i = 0; i < MODE_FILES && mode->keeps[i]; i++)
		if (strcmp(mode->keeps[i], "F") == 0)
			write_file(place->work, "F", text);
		else if (strcmp(mode->keeps[i], "slots") == 0)
			write_file(place->work, "slots", "3\n");
		else if (strcmp(mode->keeps[i], "times") == 0)
			write_file(place->work, "times", times);
	link_job(place, "job");
	if (mode->acknowledges) {
		link_job(place, "next");
		link_job(place, "done");
	}
	make_folder(place, "tmp");
}

/* --- what is left --- */

static bool is_expected(const struct trial *trial, const char *name)
{
	const struct mode *mode = trial->mode;
	bool killed = trial->traced.hung ||
		      (trial->fault->kind == FAULT_SIGNAL && trial->fault->signal == SIGKILL);

	if (strcmp(name, "job") == 0 || strcmp(name, "tmp") == 0 ||
	    (mode->acknowledges && (strcmp(name, "next") == 0 || strcmp(name, "done") == 0)))
		return true;
	for (int i = 0; i < MODE_FILES; i++)
		if ((mode->keeps[i] && strcmp(name, mode->keeps[i]) == 0) ||
		    (killed && mode->loses[i] && strcmp(name, mode->loses[i]) == 0))
			return true;
	return false;
}

static void find_files(struct trial *trial, const char *folder, bool is_temporary)
{
	DIR *directory = opendir(folder);
	size_t used = strlen(trial->files);

	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    (is_temporary || !is_expected(trial, entry->d_name)) && used < TRIAL_LEFT)
			used += (size_t)snprintf(trial->files + used, TRIAL_LEFT - used, " %s%s",
			    is_temporary ? "tmp/" : "", entry->d_name);
	if (directory)
		closedir(directory);
}

/* Whether it is our child. Then its command line stands in `text`. */
static bool is_child(const char *pid, char *text, size_t size)
{
	char path[64], status[512];
	ssize_t got;

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, status, sizeof status - 1);
	if (fd >= 0)
		close(fd);
	status[got > 0 ? got : 0] = '\0';
	const char *name_end = strrchr(status, ')');
	if (!name_end || strlen(name_end) < 5 || atol(name_end + 4) != getpid())
		return false;
	snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	for (ssize_t i = 0; i + 1 < got; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return true;
}

/* Names our children, and kills them. */
static void end_children(struct trial *trial)
{
	DIR *directory = opendir("/proc");
	char command[100];
	size_t used = strlen(trial->processes);

	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (*entry->d_name >= '0' && *entry->d_name <= '9' &&
		    is_child(entry->d_name, command, sizeof command)) {
			if (used < TRIAL_LEFT)
				used += (size_t)snprintf(trial->processes + used, TRIAL_LEFT - used,
				    " %s (%s)", entry->d_name, command);
			kill((pid_t)atol(entry->d_name), SIGKILL);
		}
	if (directory)
		closedir(directory);
}

/* We are the reaper of all that the run has started: what is left of it is our child. */
static void find_processes(struct trial *trial)
{
	for (int waited_ms = 0;; waited_ms++) {
		pid_t pid = trace_reap();
		if (pid < 0)
			return;
		if (pid > 0)
			continue;
		/* A run that hung is a violation already, and its jobs are the guardian's. */
		if (waited_ms >= LAST_MOMENTS_MS)
			end_children(trial);
		poll(NULL, 0, 1);
	}
}

/* --- the slow reader --- */

struct reader {
	int in, out;
	_Atomic bool ends; /* all is over, whatever still holds the other end */
};

static void *read_slowly(void *argument)
{
	struct reader *reader = argument;
	char part[1000];
	struct pollfd wait = {.fd = reader->in, .events = POLLIN};

	while (!atomic_load(&reader->ends)) {
		if (poll(&wait, 1, 50) <= 0)
			continue;
		ssize_t got = read(reader->in, part, sizeof part);
		if (got <= 0 || write(reader->out, part, (size_t)got) != got)
			break;
		poll(NULL, 0, 1);
	}
	return NULL;
}

/* Returns the descriptor to write to. */
static int start_reader(struct reader *reader, pthread_t *thread, int out)
{
	int ends[2];
	sigset_t all, before;

	if (pipe2(ends, O_CLOEXEC) != 0)
		err(1, "pipe");
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	*reader = (struct reader){.in = ends[0], .out = out};
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(thread, NULL, read_slowly, reader) != 0)
		errx(1, "no thread for the reader");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ends[1];
}

/* --- the run --- */

/* "NAME=VALUE" strings of a run; they stay until the next one begins. */
struct environment {
	char text[16][TRIAL_PATH + 96];
	char *strings[20];
	int count;
};

static void set(struct environment *environment, const char *name, const char *value)
{
	char *text = environment->text[environment->count];

	snprintf(text, sizeof environment->text[0], "%s=%s", name, value);
	environment->strings[environment->count++] = text;
	environment->strings[environment->count] = NULL;
}

static void set_number(struct environment *environment, const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof text, "%d", value);
	set(environment, name, text);
}

static void fill_environment(struct environment *environment, const struct trial_place *place,
    const struct job_duties *duties)
{
	char path[TRIAL_PATH + 64];

	environment->count = 0;
	set(environment, "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
	set(environment, "LC_ALL", "C");
	set(environment, "HOME", "/");
	set(environment, "PEXEC", place->pexec);
	set(environment, "TMPDIR", in_folder(path, place->work, "tmp"));
	set(environment, "NOTES", in_folder(path, place->notes, "ran"));
	set(environment, "COUNTER", in_folder(path, place->notes, "counter"));
	set_number(environment, "PRINTS", duties->prints);
	set_number(environment, "FAILS", duties->fails);
	set_number(environment, "SLEEPS", duties->sleeps);
	set_number(environment, "ASKS", duties->asks);
	set_number(environment, "LISTENS", duties->listens);
	set_number(environment, "APPENDS", duties->appends);
	set_number(environment, "REWRITES", duties->rewrites);
	set_number(environment, "LASTS_MS", place->lasts_ms);
}

bool trial_has_term(const struct fault *fault)
{
	return fault->term_ms > 0 || (fault->kind == FAULT_SIGNAL && fault->signal == SIGTERM);
}

/* The command line; with SIGTERM to come, jobs get a second to end. */
static void fill_words(const char *words[], const struct trial_place *place,
    const struct mode *mode, const struct fault *fault)
{
	int count = 0;

	for (const char *const *word = place->under; word && *word; word++)
		words[count++] = *word;
	words[count++] = place->pexec;
	if (trial_has_term(fault)) {
		words[count++] = "--grace";
		words[count++] = TRIAL_GRACE;
	}
	for (int i = 0; i < MODE_WORDS && mode->words[i]; i++)
		words[count++] = mode->words[i];
	words[count] = NULL;
}

/* Runs it once; outputs are added to the files that there are. */
static void run(struct trial *trial, const struct trial_place *place)
{
	const char *words[64];
	struct environment environment;
	struct job_duties duties = trial->mode->duties;
	int out = open_in(place->notes, "out", O_WRONLY | O_CREAT | O_APPEND), given = out;
	struct reader reader = {.in = -1};
	pthread_t thread;

	/* One that lasts, so that SIGTERM has something to end. */
	if (trial->fault->term_ms > 0 && duties.sleeps == 0)
		duties.sleeps = ITEMS / 3;
	fill_words(words, place, trial->mode, trial->fault);
	fill_environment(&environment, place, &duties);
	if (trial->mode->slow)
		given = start_reader(&reader, &thread, out);
	struct trace_program program = {.argv = (char *const *)words,
	    .environment = environment.strings,
	    .directory = place->work,
	    .in = open_in(place->notes, "items", O_RDONLY),
	    .out = given,
	    .err = open_in(place->notes, "messages", O_WRONLY | O_CREAT | O_APPEND),
	    .untraced = place->under != NULL,
	    .most_ms = place->most_ms};
	trace_run(&program, trial->fault, &trial->traced);
	close(program.in);
	close(program.err);
	if (given != out)
		close(given);
	find_processes(trial);
	find_files(trial, place->work, false);
	char path[TRIAL_PATH + 64];
	find_files(trial, in_folder(path, place->work, "tmp"), true);
	if (given != out) {
		atomic_store(&reader.ends, trial->processes[0] != '\0');
		pthread_join(thread, NULL);
		close(reader.in);
	}
	close(out);
}

void trial_run(struct trial *trial, const struct trial_place *place, const struct mode *mode,
    const struct fault *fault)
{
	*trial = (struct trial){.mode = mode, .fault = fault};
	lay_out(place, mode);
	run(trial, place);
}

void trial_resume(struct trial *trial, const struct trial_place *place, const struct mode *mode)
{
	static const struct fault none = {.kind = FAULT_NONE, .call = TRACE_ANY_CALL};
	char from[TRIAL_PATH + 64], to[TRIAL_PATH + 64];
	struct trial_place plain = *place;

	*trial = (struct trial){.mode = mode, .fault = &none};
	rename(in_folder(from, place->notes, "ran"), in_folder(to, place->notes, "ran.1"));
	rename(
	    in_folder(from, place->notes, "messages"), in_folder(to, place->notes, "messages.1"));
	rename(in_folder(from, place->notes, "out"), in_folder(to, place->notes, "out.1"));
	plain.under = NULL;
	run(trial, &plain);
}
