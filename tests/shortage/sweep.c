/* clang-format off: the table of options */
/*
 * Makes calls of pexec fail, one in each run, and judges what becomes of the run.
 *
 * usage: sweep [OPTION...] [-- COMMAND...]
 *
 *   -p FILE     the program (./pexec)
 *   -j FILE     the job (where the sweep is)
 *   -k KIND     what happens to a call, one of
 *                 error    it fails
 *                 lasting  it fails, and some later ones as well
 *                 short    it moves half of what it was asked to
 *                 stop     it fails, and SIGTERM comes a moment later
 *                 KILL     that signal comes just before it; also TERM
 *                 none     nothing
 *   -m MODE,... the modes (all)
 *   -c CALL,... the calls (all that a mode makes)
 *   -e ERROR,...  by number (all that the call may give)
 *   -n N        the Nth call alone (1, 2, ... until it is not reached any more)
 *   -s STEP     each so many'th
 *   -o N        so many of each call, and no more, with one error each; the seed says which ones
 *   -S SEED     of that choice (0)
 *   -w N        runs at a time (1)
 *   -l MS       how long each job takes (0)
 *   -t FOLDER   where runs work, one at a time (a temporary one)
 *   -K          the first run that is wrong ends the sweep, and its folder is kept
 *
 * With COMMAND no call fails: the run has less of something than it wants, as the command makes it.
 *
 * A line for each run that is wrong: mode, call, error, N, and what is wrong. Then a line for each
 * mode, and in the last line how many faults were tried, and how many runs held. Status 1 when one
 * did not, 77 where programs cannot be traced.
 */
/* clang-format on */
#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "judge.h"
#include "modes.h"
#include "trial.h"

enum { MOST_MODES = 64, MOST_UNITS = 100000, CANNOT_TRACE = 77 };

/* A run may take so many times as long as one without a fault, and so many ms more: others may use
 * the processors, a shortage is looked at again after a second, and a client has its patience. */
enum { RUNTIME_FACTOR = 20, RUNTIME_MORE_MS = 20000 };

/* When SIGTERM comes after a fault, in ms. */
enum { TERM_MS = 30 };

/* What one worker does at a time: faults of one kind at the nth call, for one n after the other. */
struct unit {
	int mode;
	const struct call *call; /* NULL: any */
	int error;
	long first, step, last;
};

/* What workers share. */
struct shared {
	_Atomic int next; /* unit */
	_Atomic bool ends;
	_Atomic long tried[MOST_MODES];
	_Atomic long held[MOST_MODES];
	long counts[MOST_MODES][TRACE_CALLS];
	int64_t runtime_ms[MOST_MODES];
	int descriptors[MOST_MODES];
};

struct sweep {
	const char *pexec, *job, *modes, *calls, *errors, *work;
	const char *const *under;
	enum fault_kind kind;
	int signal;
	bool stops, keeps, is_plain;
	long nth, step, only;
	unsigned seed;
	int workers, lasts_ms;
	char folder[TRIAL_PATH];
	struct shared *shared;
	struct unit *units;
	int count;
};

/* --- what is swept --- */

/* Whether a list with commas has a word; NULL has all. */
static bool has(const char *list, const char *word)
{
	size_t length = strlen(word);

	if (!list)
		return true;
	for (const char *at = list; (at = strstr(at, word)); at++)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

static bool has_number(const char *list, int number)
{
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	return has(list, text);
}

/* A number that looks random, and is the same in each sweep with the same seed. */
static unsigned mixed(unsigned seed, unsigned a, unsigned b, unsigned c)
{
	unsigned values[] = {seed, a, b, c}, hash = 2166136261U;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		for (unsigned shift = 0; shift < 32; shift += 8)
			hash = (hash ^ (values[i] >> shift & 0xff)) * 16777619U;
	return hash ^ hash >> 15;
}

/* A mode keeps its sample when others are added. */
static unsigned name_hash(const char *name)
{
	unsigned hash = 0;

	while (*name)
		hash = mixed(hash, (unsigned char)*name++, 0, 0);
	return hash;
}

/* A file that is not there, however often it is looked for, is what --follow waits for. So it does
 * for what a job appends that could not be started. */
static bool is_no_fault(const struct sweep *sweep, const struct unit *unit)
{
	static const char job_calls[] = "execve,setpgid,dup2,chdir";
	bool ends_job = (sweep->kind == FAULT_ERROR || sweep->kind == FAULT_LASTING) &&
			unit->call && has(job_calls, unit->call->name);

	return strcmp(modes[unit->mode].name, "follow") == 0 &&
	       (ends_job || (sweep->kind == FAULT_LASTING && unit->error == ENOENT));
}

static void add_unit(struct sweep *sweep, const struct unit *unit)
{
	if (is_no_fault(sweep, unit))
		return;
	if (sweep->count == MOST_UNITS)
		errx(1, "too many units");
	sweep->units[sweep->count++] = *unit;
}

static int count_errors(const struct call *call)
{
	int count = 0;

	while (call->errors[count] != 0)
		count++;
	return count;
}

/* Few of a call: its errors and its places alternate. */
static void add_sample(struct sweep *sweep, int mode, const struct call *call, bool has_errors)
{
	long count = sweep->shared->counts[mode][call->number];

	for (unsigned i = 0; count > 0 && (long)i < sweep->only; i++) {
		unsigned number = (unsigned)call->number, at = name_hash(modes[mode].name);
		if (mixed(sweep->seed + 2, at, number, i) % (unsigned long)sweep->step != 0)
			continue;
		unsigned chosen = mixed(sweep->seed, at, number, i);
		long nth = 1 + (long)(mixed(sweep->seed + 1, at, number, i) % (unsigned long)count);
		add_unit(sweep,
		    &(struct unit){.mode = mode,
			.call = call,
			.error =
			    has_errors ? call->errors[chosen % (unsigned)count_errors(call)] : 0,
			.first = nth,
			.step = 1,
			.last = nth});
	}
}

static void add_range(struct sweep *sweep, int mode, const struct call *call, int error)
{
	add_unit(sweep, &(struct unit){.mode = mode,
			    .call = call,
			    .error = error,
			    .first = sweep->nth > 0 ? sweep->nth : 1,
			    .step = sweep->step,
			    .last = sweep->nth > 0 ? sweep->nth : LONG_MAX});
}

static void add_call(struct sweep *sweep, int mode, const struct call *call)
{
	bool has_errors = sweep->kind == FAULT_ERROR || sweep->kind == FAULT_LASTING;

	if (sweep->shared->counts[mode][call->number] == 0 || !has(sweep->calls, call->name) ||
	    (sweep->kind == FAULT_SHORT && !call->may_be_short))
		return;
	if (sweep->only > 0)
		add_sample(sweep, mode, call, has_errors);
	else if (!has_errors)
		add_range(sweep, mode, call, 0);
	else
		for (int i = 0; call->errors[i] != 0; i++)
			if (has_number(sweep->errors, call->errors[i]))
				add_range(sweep, mode, call, call->errors[i]);
}

/* A signal comes at each call, of whatever kind; each unit has some of them. */
static void add_signals(struct sweep *sweep, int mode)
{
	enum { PARTS = 16 };
	long all = 0, chosen;

	for (int call = 0; call < TRACE_CALLS; call++)
		all += sweep->shared->counts[mode][call];
	if (all == 0)
		return;
	for (unsigned i = 0; sweep->only > 0 && (long)i < sweep->only; i++) {
		chosen = 1 + (long)(mixed(sweep->seed, name_hash(modes[mode].name), 0, i) %
				    (unsigned long)all);
		add_unit(sweep,
		    &(struct unit){.mode = mode, .first = chosen, .step = 1, .last = chosen});
	}
	for (int i = 0; sweep->only == 0 && i < PARTS; i++)
		add_unit(sweep, &(struct unit){.mode = mode,
				    .first = sweep->nth > 0 ? sweep->nth : 1 + i * sweep->step,
				    .step = PARTS * sweep->step,
				    .last = sweep->nth > 0 ? (i == 0 ? sweep->nth : 0) : LONG_MAX});
}

static void add_mode(struct sweep *sweep, int mode)
{
	/* Nobody can resume what goes on in the background, nor tell it from a folder's name. */
	if (sweep->kind == FAULT_SIGNAL && modes[mode].detached)
		return;
	if (sweep->kind == FAULT_SIGNAL && !sweep->calls)
		add_signals(sweep, mode);
	else
		for (const struct call *call = calls; call->name; call++)
			add_call(sweep, mode, call);
}

/* --- runs --- */

static void open_place(struct sweep *sweep, struct trial_place *place, int worker)
{
	char folder[TRIAL_PATH + 16];

	snprintf(folder, sizeof folder, "%s/%d", sweep->folder, worker);
	if (mkdir(folder, 0777) != 0)
		err(1, "%s", folder);
	*place = (struct trial_place){.pexec = sweep->pexec,
	    .job = sweep->job,
	    .under = sweep->under,
	    .lasts_ms = sweep->lasts_ms};
	trial_open_place(place, folder, sweep->work);
}

/* One line in one write, whoever else writes. */
static void report(const struct sweep *sweep, const struct unit *unit, long nth,
    const struct verdict *verdict, const struct trial_place *place)
{
	static const char *const kinds[] = {"none", "error", "lasting", "short", "signal"};
	char line[4000], error[40];
	char *message = judge_message(place, &modes[unit->mode]);

	if (unit->error)
		snprintf(error, sizeof error, "%s", strerrorname_np(unit->error));
	else
		snprintf(error, sizeof error, "%s",
		    sweep->signal ? strsignal(sweep->signal) : kinds[sweep->kind]);
	int length = snprintf(line, sizeof line, "%s, %s, %s%s, %ld: %spexec said: %.300s\n",
	    modes[unit->mode].name, unit->call ? unit->call->name : "any call", error,
	    sweep->stops ? " and SIGTERM" : "", nth, verdict->text, message);
	if (write(STDOUT_FILENO, line, (size_t)length) < 0)
		_exit(1);
	free(message);
}

/* Returns false when there is no such call any more. */
static bool try(struct sweep *sweep, struct trial_place *place, const struct unit *unit, long nth)
{
	struct shared *shared = sweep->shared;
	struct trial trial;
	struct verdict verdict;
	const struct fault fault = {.kind = sweep->kind,
	    .call = unit->call ? unit->call->number : TRACE_ANY_CALL,
	    .nth = nth,
	    .error = unit->error,
	    .signal = sweep->signal,
	    .term_ms = sweep->stops ? TERM_MS : 0};

	place->most_ms = RUNTIME_FACTOR * shared->runtime_ms[unit->mode] + RUNTIME_MORE_MS;
	trial_run(&trial, place, &modes[unit->mode], &fault);
	if (trial.traced.hits == 0 && sweep->kind != FAULT_NONE)
		return false;
	judge(&verdict, &trial, place, shared->descriptors[unit->mode]);
	shared->tried[unit->mode]++;
	if (verdict.length == 0)
		shared->held[unit->mode]++;
	else
		report(sweep, unit, nth, &verdict, place);
	if (verdict.length > 0 && sweep->keeps) {
		shared->ends = true;
		printf("kept: %s and %s\n", place->work, place->notes);
	}
	return true;
}

static _Noreturn void work(struct sweep *sweep, int worker)
{
	struct trial_place place;
	int next;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	open_place(sweep, &place, worker);
	while (!sweep->shared->ends && (next = sweep->shared->next++) < sweep->count) {
		const struct unit *unit = &sweep->units[next];
		for (long nth = unit->first; nth <= unit->last; nth += unit->step)
			if (sweep->shared->ends || !try(sweep, &place, unit, nth))
				break;
	}
	fflush(stdout);
	_exit(0);
}

/* How long a mode takes, and which calls it makes, when nothing fails: then it must hold as well.
 */
static void measure(struct sweep *sweep, struct trial_place *place, int mode)
{
	static const struct fault none = {.kind = FAULT_NONE, .call = TRACE_ANY_CALL};
	struct shared *shared = sweep->shared;
	struct trial trial;
	struct verdict verdict;

	place->most_ms = RUNTIME_MORE_MS;
	trial_run(&trial, place, &modes[mode], &none);
	memcpy(shared->counts[mode], trial.traced.counts, sizeof shared->counts[mode]);
	shared->runtime_ms[mode] = trial.traced.runtime_ms;
	shared->descriptors[mode] = trial.traced.descriptors;
	judge(&verdict, &trial, place, -1);
	if (verdict.length > 0) {
		printf("%s, no fault: %s\n", modes[mode].name, verdict.text);
		shared->tried[mode]++;
		memset(shared->counts[mode], 0, sizeof shared->counts[mode]);
	}
}

static _Noreturn void measure_all(struct sweep *sweep)
{
	struct trial_place place;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	open_place(sweep, &place, 0);
	for (int mode = 0; modes[mode].name; mode++)
		if (has(sweep->modes, modes[mode].name))
			measure(sweep, &place, mode);
	fflush(stdout);
	_exit(0);
}

/* Waits for as many of our children. */
static void await(int count)
{
	int status;

	while (count-- > 0)
		if (wait(&status) < 0 || status != 0)
			errx(1, "a worker has ended with wait status %x", (unsigned)status);
}

static pid_t fork_here(void)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0)
		err(1, "fork");
	return pid;
}

static void plan(struct sweep *sweep)
{
	sweep->units = calloc(MOST_UNITS, sizeof *sweep->units);
	if (!sweep->units)
		err(1, "units");
	for (int mode = 0; modes[mode].name; mode++) {
		if (!has(sweep->modes, modes[mode].name))
			continue;
		if (sweep->is_plain)
			add_unit(sweep, &(struct unit){.mode = mode,
					    .first = 1,
					    .step = 1,
					    .last = sweep->nth > 0 ? sweep->nth : 1});
		else
			add_mode(sweep, mode);
	}
}

/* Returns whether all has held. */
static bool sum_up(const struct sweep *sweep)
{
	long tried = 0, held = 0;

	for (int mode = 0; modes[mode].name; mode++) {
		long of_mode = sweep->shared->tried[mode];
		if (of_mode == 0)
			continue;
		tried += of_mode;
		held += sweep->shared->held[mode];
		printf("%s: %ld tried, %ld held\n", modes[mode].name, of_mode,
		    sweep->shared->held[mode]);
	}
	printf("%ld tried, %ld held\n", tried, held);
	return tried > 0 && held == tried;
}

/* --- the command line --- */

static void set_kind(struct sweep *sweep, const char *name)
{
	static const struct {
		const char *name;
		enum fault_kind kind;
		int signal;
		bool stops;
	} kinds[] = {{"error", FAULT_ERROR, 0, false}, {"lasting", FAULT_LASTING, 0, false},
	    {"short", FAULT_SHORT, 0, false}, {"stop", FAULT_ERROR, 0, true},
	    {"KILL", FAULT_SIGNAL, SIGKILL, false}, {"TERM", FAULT_SIGNAL, SIGTERM, false},
	    {"none", FAULT_NONE, 0, false}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			sweep->kind = kinds[i].kind;
			sweep->signal = kinds[i].signal;
			sweep->stops = kinds[i].stops;
			return;
		}
	errx(2, "-k %s: there is no such kind", name);
}

static void set_option(struct sweep *sweep, int option, const char *value)
{
	switch (option) {
	case 'p':
		sweep->pexec = value;
		break;
	case 'j':
		sweep->job = value;
		break;
	case 'k':
		set_kind(sweep, value);
		break;
	case 'm':
		sweep->modes = value;
		break;
	case 'c':
		sweep->calls = value;
		break;
	case 'e':
		sweep->errors = value;
		break;
	case 'n':
		sweep->nth = atol(value);
		break;
	case 's':
		sweep->step = atol(value);
		break;
	case 'o':
		sweep->only = atol(value);
		break;
	case 'S':
		sweep->seed = (unsigned)atol(value);
		break;
	case 'w':
		sweep->workers = atoi(value);
		break;
	case 'l':
		sweep->lasts_ms = atoi(value);
		break;
	case 't':
		sweep->work = value;
		break;
	case 'K':
		sweep->keeps = true;
		break;
	default:
		exit(2);
	}
}

static const char *whole_path(const char *name)
{
	const char *path = realpath(name, NULL);

	if (!path)
		err(2, "%s", name);
	return path;
}

static void take_options(struct sweep *sweep, int argc, char *argv[])
{
	static char job[TRIAL_PATH + 8];
	char self[TRIAL_PATH];
	int option;

	while ((option = getopt(argc, argv, "+p:j:k:m:c:e:n:s:o:S:w:l:t:K")) != -1)
		set_option(sweep, option, optarg);
	if (argv[optind])
		sweep->under = (const char *const *)argv + optind;
	sweep->is_plain = sweep->under || sweep->kind == FAULT_NONE;
	if (sweep->is_plain)
		sweep->kind = FAULT_NONE;
	if (!sweep->job) {
		snprintf(self, sizeof self, "%s", whole_path("/proc/self/exe"));
		snprintf(job, sizeof job, "%s/job", dirname(self));
		sweep->job = job;
	}
	sweep->pexec = whole_path(sweep->pexec);
	sweep->job = whole_path(sweep->job);
}

static void make_folder(struct sweep *sweep)
{
	const char *parent = getenv("TMPDIR");

	snprintf(sweep->folder, sizeof sweep->folder, "%.200s/pexec-sweep-XXXXXX",
	    parent ? parent : "/tmp");
	if (!mkdtemp(sweep->folder) || chmod(sweep->folder, 0777) != 0)
		err(1, "%s", sweep->folder);
}

int main(int argc, char *argv[])
{
	struct sweep sweep = {.pexec = "./pexec", .kind = FAULT_ERROR, .step = 1, .workers = 1};

	/* Jobs have no descriptors but pexec's. */
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	take_options(&sweep, argc, argv);
	if (!sweep.is_plain && !trace_is_possible()) {
		warnx("programs cannot be traced here");
		return CANNOT_TRACE;
	}
	make_folder(&sweep);
	sweep.shared = mmap(
	    NULL, sizeof *sweep.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sweep.shared == MAP_FAILED)
		err(1, "memory");
	if (sweep.is_plain)
		memset(sweep.shared->descriptors, 0xff, sizeof sweep.shared->descriptors);
	else if (fork_here() == 0)
		measure_all(&sweep);
	else
		await(1);
	plan(&sweep);
	for (int worker = 1; worker <= sweep.workers; worker++)
		if (fork_here() == 0)
			work(&sweep, worker);
	await(sweep.workers);
	if (!sweep.shared->ends)
		trial_clear(sweep.folder, true);
	return sum_up(&sweep) ? 0 : 1;
}
