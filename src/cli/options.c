#include "cli/options.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "base/system.h"
#include "cli/operands.h"
#include "pace/slot_count.h"
#include "record/results_table.h"

#ifndef PEXEC_VERSION
#define PEXEC_VERSION "unknown"
#endif

/* One option: how it is spelled, what it takes, what reads its argument, and the field it sets. */
struct row {
	int letter;           /* 0: has only its long name */
	const char *name;     /* the long name */
	const char *argument; /* what --help calls its argument; NULL when it takes none */
	void (*parse)(const struct row *row, const char *text, struct options *options);
	size_t field;     /* offset in struct options */
	const char *help; /* NULL: another name for the row above */
};

/* How a row is spelled in messages: as the user has to type it. */
static const char *spelling(const struct row *row)
{
	static char text[64];

	if (row->letter)
		snprintf(text, sizeof text, "-%c", row->letter);
	else
		snprintf(text, sizeof text, "--%s", row->name);
	return text;
}

/* Says what is wrong with an option's argument. */
static _Noreturn void bad_value(const struct row *row, const char *text, const char *reason)
{
	char shown[ESCAPED_NAME];

	errx(1, "%s %s: %s", spelling(row), escape_name(shown, text), reason);
}

static void *field_of(const struct row *row, struct options *options)
{
	return (char *)options + row->field;
}

static void parse_flag(const struct row *row, const char *text, struct options *options)
{
	(void)text;
	*(bool *)field_of(row, options) = true;
}

static void parse_text(const struct row *row, const char *text, struct options *options)
{
	*(const char **)field_of(row, options) = text;
}

/* The name of a file: wherever the run moves to, it holds where it was typed. */
static void parse_path(const struct row *row, const char *text, struct options *options)
{
	if (*text == '\0')
		bad_value(row, text, "the name of a file is empty");
	parse_text(row, text, options);
}

/* A file, or the system's log. */
static void parse_log(const struct row *row, const char *text, struct options *options)
{
	options->log.syslog = strcmp(text, "syslog") == 0;
	options->log.path = NULL;
	if (!options->log.syslog)
		parse_path(row, text, options);
}

static long long number(const struct row *row, const char *text, long long least, long long most)
{
	const char *reason;
	long long value = strtonum(text, least, most, &reason);
	char told[128];

	if (reason) {
		snprintf(told, sizeof told, "%s (a number from %lld to %lld)", reason, least, most);
		bad_value(row, text, told);
	}
	return value;
}

static void parse_batch(const struct row *row, const char *text, struct options *options)
{
	*(size_t *)field_of(row, options) = (size_t)number(row, text, 1, INT_MAX);
}

static void parse_fill(const struct row *row, const char *text, struct options *options)
{
	(void)text;
	*(size_t *)field_of(row, options) = 0;
}

static void parse_skip(const struct row *row, const char *text, struct options *options)
{
	*(unsigned long long *)field_of(row, options) =
	    (unsigned long long)number(row, text, 0, LLONG_MAX);
}

static void parse_nice(const struct row *row, const char *text, struct options *options)
{
	*(int *)field_of(row, options) = (int)number(row, text, -20, 19);
}

static void parse_status(const struct row *row, const char *text, struct options *options)
{
	*(int *)field_of(row, options) = (int)number(row, text, 0, 255);
}

static void parse_bytes(const struct row *row, const char *text, struct options *options)
{
	uint64_t bytes;

	if (expand_number(text, &bytes) != 0 || bytes == 0 || bytes > SIZE_MAX / 2)
		bad_value(row, text, "not a size in bytes (like 131072, or 128k)");
	*(size_t *)field_of(row, options) = (size_t)bytes;
}

static void parse_socket(const struct row *row, const char *text, struct options *options)
{
	if (!*text)
		bad_value(row, text, "not the name of a socket");
	parse_text(row, text, options);
}

/* 1.5, 30s, 200ms, 5m, 2h, 1d: milliseconds. */
static void parse_time(const struct row *row, const char *text, struct options *options)
{
	static const struct {
		const char *name;
		double milliseconds;
	} units[] = {{"", 1e3}, {"s", 1e3}, {"ms", 1}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
	char *unit;
	double value = strtod(text, &unit);

	/* strtod would also take hexadecimal, exponents, infinity and signs. */
	if (unit != text && unit == text + strspn(text, "0123456789."))
		for (size_t i = 0; i < sizeof units / sizeof *units; i++)
			if (strcmp(unit, units[i].name) == 0 && value < 1e9) {
				*(long long *)field_of(row, options) =
				    (long long)(value * units[i].milliseconds);
				return;
			}
	bad_value(row, text, "not a time (like 1.5, 200ms, 30s, 5m, 2h or 1d)");
}

/* As a time; or N%, of the median run time. */
static void parse_timeout(const struct row *row, const char *text, struct options *options)
{
	size_t length = strlen(text);
	char digits[16];

	options->pool.timeout_percent = 0;
	if (length == 0 || text[length - 1] != '%') {
		parse_time(row, text, options);
		if (options->pool.timeout_ms == 0)
			bad_value(row, text, "a job needs some time");
		return;
	}
	if (length >= sizeof digits)
		bad_value(row, text, "too large");
	memcpy(digits, text, length);
	digits[length - 1] = '\0';
	options->pool.timeout_percent = (unsigned)number(row, digits, 1, 1000000);
}

/* The number of a signal by its name, with or without SIG, or number; 0: there is none. */
static int signal_number(const char *name)
{
	const char *reason;
	int found = (int)strtonum(name, 1, NSIG - 1, &reason);

	if (!reason)
		return found;
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int signal = 1; signal < NSIG; signal++) {
		const char *known = system_signal_name(signal);
		if (known && strcmp(known, name) == 0)
			return signal;
	}
	return 0;
}

/* SIGNAL,MS,SIGNAL,MS...: GNU parallel's --termseq. The last wait may be missing. */
static void parse_termination(const struct row *row, const char *text, struct options *options)
{
	struct termination *termination = field_of(row, options);
	char copy[256];
	const char *word;

	if (strlcpy(copy, text, sizeof copy) >= sizeof copy)
		bad_value(row, text, "too long");
	char *rest = copy;
	size_t count = 0;
	for (; count < TERMINATION_STEPS && (word = strsep(&rest, ",")); count++) {
		const char *wait = rest ? strsep(&rest, ",") : "0", *reason;
		termination->steps[count].signal = signal_number(word);
		if (termination->steps[count].signal == 0)
			bad_value(row, text, "not SIGNAL,MS,SIGNAL,MS... (like TERM,200,KILL,25)");
		termination->steps[count].wait_ms = strtonum(wait, 0, INT_MAX, &reason);
		if (reason)
			bad_value(row, text, "a time between two signals is in milliseconds");
	}
	if (rest)
		bad_value(row, text, "too many signals");
	termination->count = count;
}

/* N or N%. Returns false when it is neither. */
static bool read_share(const char *text, struct halt *halt)
{
	char digits[24];
	const char *reason;
	size_t length = strlcpy(digits, text, sizeof digits);

	if (length == 0 || length >= sizeof digits)
		return false;
	halt->percent = digits[length - 1] == '%';
	if (halt->percent)
		digits[length - 1] = '\0';
	halt->count =
	    (unsigned long long)strtonum(digits, 1, halt->percent ? 100 : LLONG_MAX, &reason);
	return reason == NULL;
}

/* WHEN,WHY or WHEN,WHY=N or N%. Returns false when it is none of them. */
static bool read_halt(const char *text, struct halt *halt)
{
	static const char *const whens[] = {
	    [HALT_NEVER] = "never,", [HALT_SOON] = "soon,", [HALT_NOW] = "now,"};
	static const char *const whys[] = {
	    [HALT_FAIL] = "fail", [HALT_SUCCESS] = "success", [HALT_DONE] = "done"};

	for (int when = HALT_NEVER; when <= HALT_NOW; when++)
		for (int why = HALT_FAIL; why <= HALT_DONE; why++) {
			size_t first = strlen(whens[when]), second = strlen(whys[why]);
			if (strncmp(text, whens[when], first) != 0 ||
			    strncmp(text + first, whys[why], second) != 0)
				continue;
			const char *rest = text + first + second;
			*halt = (struct halt){
			    .when = (enum halt_when)when, .why = (enum halt_why)why, .count = 1};
			return *rest == '\0' || (*rest == '=' && read_share(rest + 1, halt));
		}
	return false;
}

/* now|soon|never,fail|success|done=N|N%, and GNU parallel's older 0, 1, 2, -1, -2 and N%. */
static void parse_halt(const struct row *row, const char *text, struct options *options)
{
	static const struct {
		const char *name, *meaning;
	} older[] = {{"never", "never,fail"}, {"0", "never,fail"}, {"1", "soon,fail"},
	    {"2", "now,fail"}, {"-1", "soon,success"}, {"-2", "now,success"}};
	struct halt *halt = field_of(row, options);

	for (size_t i = 0; i < sizeof older / sizeof *older; i++)
		if (strcmp(text, older[i].name) == 0) {
			read_halt(older[i].meaning, halt);
			return;
		}
	*halt = (struct halt){.when = HALT_SOON, .why = HALT_FAIL};
	if (read_share(text, halt) && halt->percent)
		return;
	if (!read_halt(text, halt))
		bad_value(row, text,
		    "not never, or now|soon,fail|success|done=N or N%, or 0, 1, 2, -1, -2 or N%");
}

static void parse_fail_fast(const struct row *row, const char *text, struct options *options)
{
	(void)text;
	*(struct halt *)field_of(row, options) =
	    (struct halt){.when = HALT_NOW, .why = HALT_FAIL, .count = 1};
}

static void parse_retries(const struct row *row, const char *text, struct options *options)
{
	*(unsigned *)field_of(row, options) = (unsigned)number(row, text, 1, INT_MAX);
}

/* --resume and its relatives: the row's name tells which. */
static void parse_resume(const struct row *row, const char *text, struct options *options)
{
	(void)text;
	*(enum resume *)field_of(row, options) = strcmp(row->name, "resume") == 0 ? RESUME_NEW
						 : strcmp(row->name, "resume-failed") == 0
						     ? RESUME_FAILED
						     : RESUME_FAILED_ONLY;
}

static void parse_file(const struct row *row, const char *text, struct options *options)
{
	operands_add_word(field_of(row, options), text);
}

/*
 * Reads one escaped byte behind a backslash (n t r 0 \ xHH) and moves *text behind it. Returns
 * false and leaves *text when it is none of these.
 */
static bool escaped_byte(const char **text, char *byte)
{
	static const char names[] = "ntr0\\", values[] = "\n\t\r\0\\";
	const char *at = *text, *name = *at ? strchr(names, *at) : NULL;

	if (name) {
		*byte = values[name - names];
		*text = at + 1;
		return true;
	}
	if (*at == 'x' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
		char digits[] = {at[1], at[2], '\0'};
		*byte = (char)strtoul(digits, NULL, 16);
		*text = at + 3;
		return true;
	}
	return false;
}

static void parse_delimiter(const struct row *row, const char *text, struct options *options)
{
	const char *rest = text;
	char byte = *rest;

	if (*rest == '\\' && rest[1] != '\0') {
		rest++;
		if (!escaped_byte(&rest, &byte))
			rest = "not empty";
	} else if (*rest != '\0') {
		rest++;
	} else {
		rest = "not empty";
	}
	if (*rest != '\0')
		bad_value(row, text, "not a single byte (like , or \\t \\n \\0 \\x1f)");
	*(char *)field_of(row, options) = byte;
}

static void parse_null(const struct row *row, const char *text, struct options *options)
{
	(void)text;
	*(char *)field_of(row, options) = '\0';
}

/* An extended regular expression in which \t, \n, \r and \xHH stand for their bytes. */
static void parse_expression(const struct row *row, const char *text, struct options *options)
{
	const char *typed = text;
	char *expression = malloc(2 * strlen(text) + 1), *to = expression;

	if (!expression)
		err(1, "%s", spelling(row));
	while (*text) {
		const char *rest = text + 1;
		char byte;
		if (*text == '\\' && strchr("0\\", *rest) == NULL && escaped_byte(&rest, &byte)) {
			/* A byte given by its number is that byte, never an operator. */
			if (ispunct((unsigned char)byte))
				*to++ = '\\';
			*to++ = byte;
			text = rest;
		} else {
			if (*text == '\\' && text[1])
				*to++ = *text++;
			*to++ = *text++;
		}
	}
	*to = '\0';
	if (*expression == '\0') {
		free(expression);
		errx(1, "%s: an empty expression separates nothing", spelling(row));
	}
	regex_t *compiled = malloc(sizeof *compiled);
	if (!compiled)
		err(1, "%s", spelling(row));
	int problem = regcomp(compiled, expression, REG_EXTENDED);
	free(expression);
	if (problem) {
		char reason[128];
		regerror(problem, compiled, reason, sizeof reason);
		free(compiled);
		bad_value(row, typed, reason);
	}
	*(regex_t **)field_of(row, options) = compiled;
}

static void parse_trim(const struct row *row, const char *text, struct options *options)
{
	static const struct {
		const char *name;
		enum trim trim;
	} ways[] = {{"n", TRIM_NONE}, {"l", TRIM_LEFT}, {"r", TRIM_RIGHT}, {"lr", TRIM_BOTH},
	    {"rl", TRIM_BOTH}};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(text, ways[i].name) == 0) {
			*(enum trim *)field_of(row, options) = ways[i].trim;
			return;
		}
	bad_value(row, text, "not one of n, l, r, lr");
}

/* As POSIX has it for xargs: an empty string is no end. */
static void parse_end(const struct row *row, const char *text, struct options *options)
{
	parse_text(row, *text ? text : NULL, options);
}

static void parse_replace(const struct row *row, const char *text, struct options *options)
{
	if (*text == '\0')
		errx(1, "%s: an empty string cannot be replaced", spelling(row));
	parse_text(row, text, options);
}

static void parse_every(const struct row *row, const char *text, struct options *options)
{
	parse_time(row, text, options);
	if (options->queue.every_ms == 0)
		bad_value(row, text, "there is some time between two rounds");
}

static void parse_rounds(const struct row *row, const char *text, struct options *options)
{
	options->queue.rounds = (unsigned long long)number(row, text, 1, LLONG_MAX);
}

static void print_help(const struct row *row, const char *text, struct options *options);
static void print_version(const struct row *row, const char *text, struct options *options);

#define FIELD(name) offsetof(struct options, name)

/* The table of options: the one place that knows how each is spelled. */
static const struct row table[] = {
    {'a', "arg-file", "FILE", parse_file, FIELD(queue.files),
	"read items from FILE (- is stdin); repeatable"},
    {'0', "null", NULL, parse_null, FIELD(queue.delimiter), "items end with a NUL byte"},
    {'d', "delimiter", "C", parse_delimiter, FIELD(queue.delimiter),
	"items end with C (\\t \\0 \\xHH too)"},
    {'E', "eof", "STR", parse_end, FIELD(queue.end_of_items),
	"an item equal to STR ends the queue"},
    {'C', "colsep", "RE", parse_expression, FIELD(queue.column_separator),
	"split items into {1} {2}... at RE"},
    {0, "header", NULL, parse_flag, FIELD(queue.header),
	"the first line names the columns: {name}"},
    {0, "trim", "n|l|r|lr", parse_trim, FIELD(queue.trim),
	"take white space off the left, right or both"},
    {0, "shuf", NULL, parse_flag, FIELD(queue.shuffle),
	"read the whole queue, then run it in random order"},
    {0, "skip", "N", parse_skip, FIELD(queue.skip), "leave out the first N items"},
    {'r', "no-run-if-empty", NULL, parse_flag, FIELD(queue.no_empty), "leave out empty items"},
    {0, "link", NULL, parse_flag, FIELD(queue.link),
	"take ::: lists side by side, not every combination"},

    {'I', "replace", "STR", parse_replace, FIELD(command.replace), "use STR instead of {}"},
    {'n', "max-args", "N", parse_batch, FIELD(queue.batch), "N items a job"},
    {'L', "max-lines", "N", parse_batch, FIELD(queue.batch), NULL},
    {'X', "fill", NULL, parse_fill, FIELD(queue.batch), "as many items a job as fit"},
    {'s', "max-chars", "BYTES", parse_bytes, FIELD(queue.batch_bytes),
	"at most BYTES of command line"},
    {'x', "exit", NULL, parse_flag, FIELD(queue.exit_on_size),
	"end the run when something does not fit"},
    {'c', "script", "SCRIPT", parse_text, FIELD(command.script), "run sh -c SCRIPT pexec ITEM"},
    {'q', "quote", NULL, parse_flag, FIELD(command.quote),
	"nothing: words are never split (for parallel)"},
    {0, "dry-run", NULL, parse_flag, FIELD(attempt.dry_run), "print the commands, run none"},
    {'t', "verbose", NULL, parse_flag, FIELD(attempt.trace),
	"print each command to stderr as it starts"},

    {'j', "jobs", "N", parse_text, FIELD(pool.jobs),
	"N slots; +N -N N% of the CPUs; 0 for the most; or a FILE with it"},
    {'P', "max-procs", "N", parse_text, FIELD(pool.jobs), NULL},
    {'u', "ungroup", NULL, parse_flag, FIELD(output.ungroup),
	"jobs write straight to our stdout and stderr"},
    {0, "halt", "WHEN,WHY", parse_halt, FIELD(pool.halt),
	"end the run: now|soon,fail|success|done=N or N%"},
    {0, "fail-fast", NULL, parse_fail_fast, FIELD(pool.halt), "the same as --halt now,fail=1"},
    {0, "retries", "N", parse_retries, FIELD(attempt.retries), "at most N attempts a job"},
    {0, "retry-delay", "T", parse_time, FIELD(attempt.retry_delay_ms),
	"wait T before the second attempt, then twice as long..."},
    {0, "drop-retried", NULL, parse_flag, FIELD(attempt.drop_retried),
	"drop the output of attempts that are tried again"},
    {0, "timeout", "T", parse_timeout, FIELD(pool.timeout_ms),
	"end a job after T, or N% of the median"},
    {0, "termseq", "SEQ", parse_termination, FIELD(pool.termination),
	"how jobs are ended: SIGNAL,MS,SIGNAL,MS..."},
    {0, "joblog", "FILE", parse_path, FIELD(record.journal.path),
	"add a line to FILE for every finished job"},
    {0, "joblog-usage", NULL, parse_flag, FIELD(record.journal.usage),
	"and its processor time and memory"},
    {0, "sync", NULL, parse_flag, FIELD(record.journal.sync), "keep FILE safe from a power cut"},
    {0, "resume", NULL, parse_resume, FIELD(record.journal.resume),
	"leave out the jobs that FILE has"},
    {0, "resume-failed", NULL, parse_resume, FIELD(record.journal.resume),
	"but run those that failed again"},
    {0, "retry-failed", NULL, parse_resume, FIELD(record.journal.resume),
	"run only those that failed"},
    {0, "summary", NULL, parse_flag, FIELD(pool.summary), "what the run came to, in the end"},

    {0, "delay", "T", parse_time, FIELD(pool.delay_ms), "time between two starts"},
    {0, "keep-orphans", NULL, parse_flag, FIELD(pool.keep_orphans),
	"let jobs go on when pexec is killed by SIGKILL"},
    {'k', "keep-order", NULL, parse_flag, FIELD(output.ordered),
	"output in the order of the queue, the first job's live"},
    {0, "lb", NULL, parse_flag, FIELD(output.by_line), "output line by line, as it comes"},
    {0, "line-buffer", NULL, parse_flag, FIELD(output.by_line), NULL},
    {0, "tag", NULL, parse_flag, FIELD(command.tag),
	"the item and a tab before each line of output"},
    {0, "tagstring", "STR", parse_text, FIELD(command.tag_string),
	"STR ({} in it) and a tab instead"},
    {0, "results", "DIR", parse_path, FIELD(record.results),
	"what came of each job in DIR/SEQ/; or in a FILE.csv .tsv .json"},
    {0, "buffer", "BYTES", parse_bytes, FIELD(output.buffer_bytes),
	"memory for captured output (64m)"},
    {0, "nice", "N", parse_nice, FIELD(nice), "run at niceness +N"},
    {0, "grace", "T", parse_time, FIELD(pool.grace_ms),
	"time from the ending signal to SIGKILL (5s)"},
    {0, "ctl", "SOCKET", parse_socket, FIELD(control.socket),
	"obey there: status jobs slots pause resume drain kill add"},
    {0, "source", "COMMAND", parse_text, FIELD(queue.source), "the queue is what COMMAND prints"},
    {0, "next", "COMMAND", parse_text, FIELD(queue.next),
	"COMMAND prints the next item, or nothing"},
    {0, "every", "T", parse_every, FIELD(queue.every_ms),
	"run --source again every T; --next, T after it found nothing (1s)"},
    {0, "rounds", "N", parse_rounds, FIELD(queue.rounds),
	"end after N rounds, or after nothing N times"},
    {0, "done", "COMMAND", parse_text, FIELD(record.acknowledge.done),
	"run COMMAND for each job that has succeeded"},
    {0, "failed", "COMMAND", parse_text, FIELD(record.acknowledge.failed),
	"run COMMAND for each job that has failed"},

    {'h', "help", NULL, print_help, 0, "this text"},
    {'V', "version", NULL, print_version, 0, "the version"},

    {0, "daemon", NULL, parse_flag, FIELD(daemon), "run in the background, once all is ready"},
    {0, "chdir", "DIR", parse_path, FIELD(directory), "run in DIR (a daemon: in /)"},
    {0, "log", "FILE", parse_log, FIELD(log.path),
	"output and messages go to FILE, opened anew on SIGHUP; or to syslog"},
    {0, "pidfile", "FILE", parse_path, FIELD(lock.pidfile),
	"keep the process number in FILE; only one run has it"},
    {0, "lock", "FILE", parse_path, FIELD(lock.path),
	"one run at a time: exit when another has FILE"},
    {0, "lock-wait", "T", parse_time, FIELD(lock.wait_ms), "but wait for it up to T"},
    {0, "lock-status", "N", parse_status, FIELD(lock.status), "exit with N then (0)"},
    {0, "follow", NULL, parse_flag, FIELD(queue.follow),
	"wait for more at the end of the file or FIFO, as tail -F"},
};

enum { ROWS = sizeof table / sizeof *table };

static void print_help(const struct row *row, const char *text, struct options *options)
{
	(void)row, (void)text, (void)options;
	puts("pexec runs a command once for every item of a queue, a fixed number at a time.\n\n"
	     "  pexec [options] command [argument...]              items from standard input\n"
	     "  pexec [options] -a FILE command [argument...]      items from a file\n"
	     "  pexec [options] command [argument...] ::: item...  items from the command line\n"
	     "  pexec [options] -c 'SCRIPT'                        the item is \"$1\" in SCRIPT\n"
	     "  pexec [options] < commands                         each line is a shell command\n\n"
	     "In a command: {} the item, {.} without extension, {/} base name, {//} directory,\n"
	     "{/.} base name without extension, {#} job number, {%} slot number, {N} column N.\n");
	for (size_t i = 0; i < ROWS; i++) {
		char names[64] = "";
		if (!table[i].help)
			continue;
		if (table[i].letter)
			snprintf(names, sizeof names, "-%c, ", table[i].letter);
		strlcat(names, "--", sizeof names);
		strlcat(names, table[i].name, sizeof names);
		if (table[i].argument) {
			strlcat(names, " ", sizeof names);
			strlcat(names, table[i].argument, sizeof names);
		}
		printf("  %-24s %s\n", names, table[i].help);
	}
	/* It is longer than a buffer: a write may have failed before. */
	if (ferror(stdout) || fflush(stdout) != 0)
		err(1, "stdout");
	exit(0);
}

static void print_version(const struct row *row, const char *text, struct options *options)
{
	(void)row, (void)text, (void)options;
	puts("pexec " PEXEC_VERSION);
	if (fflush(stdout) != 0)
		err(1, "stdout");
	exit(0);
}

/* The number of single-letter edits between two names (Levenshtein), for names under 64 bytes. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], length = strlen(b);

	if (strlen(a) >= 64 || length >= 64)
		return 64;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t change = diagonal + (a[i] != b[j]);
			size_t drop = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
			diagonal = row[j + 1];
			row[j + 1] = change < drop ? change : drop;
		}
	}
	return row[length];
}

static void usage_error(void)
{
	fputs("pexec: try 'pexec --help', or 'man pexec'\n", stderr);
	exit(1);
}

/* `text` is the option as typed, with its dashes. */
static void unknown_option(const char *text)
{
	size_t length = strcspn(text, "="), nearest = ROWS;
	char name[64] = "", shown[ESCAPED_NAME];
	bool is_letter = length == 2 && text[1] != '-';

	if (length < sizeof name)
		memcpy(name, text, length);
	const char *bare = name + strspn(name, "-");
	/* What has no byte of the name in its place is not near. */
	size_t least = strlen(bare);
	for (size_t i = 0; i < ROWS; i++) {
		size_t edits = distance(bare, table[i].name);
		/* Of single letters the nearest is the same one, large or small. */
		if (is_letter && tolower(table[i].letter) == tolower((unsigned char)text[1]))
			edits = 0;
		if (edits < least) {
			least = edits;
			nearest = i;
		}
	}
	escape_name(shown, text);
	if (nearest < ROWS)
		warnx("unknown option %s (the nearest known one is --%s)", shown,
		    table[nearest].name);
	else
		warnx("unknown option %s", shown);
	usage_error();
}

/* getopt's word for what it could not read: tells the user which of the reasons it was. */
static void bad_option(int found, char *argv[])
{
	char letter[] = {'-', (char)optopt, '\0'};
	const char *typed = argv[optind - 1];
	char shown[ESCAPED_NAME];
	bool is_long = strncmp(typed, "--", 2) == 0;

	if (found == ':') {
		warnx("%s needs an argument", is_long ? typed : letter);
		usage_error();
	}
	for (size_t i = 0; optopt && i < ROWS; i++)
		if (optopt == table[i].letter || optopt == UCHAR_MAX + 1 + (int)i) {
			warnx("--%s takes no argument", table[i].name);
			usage_error();
		}
	for (size_t i = 0; !optopt && is_long && i < ROWS; i++)
		if (strncmp(typed + 2, table[i].name, strcspn(typed + 2, "=")) == 0) {
			warnx("%s is the beginning of several options", escape_name(shown, typed));
			usage_error();
		}
	unknown_option(optopt ? letter : typed);
}

static void parse_options(struct options *options, int argc, char *argv[])
{
	struct option long_options[ROWS + 1] = {{0}};
	char letters[2 * ROWS + 3] = "+:"; /* +: the command's own options are not ours */

	for (size_t i = 0; i < ROWS; i++) {
		int value = table[i].letter ? table[i].letter : UCHAR_MAX + 1 + (int)i;
		char letter[] = {(char)table[i].letter, table[i].argument ? ':' : '\0', '\0'};
		long_options[i] = (struct option){.name = table[i].name,
		    .has_arg = table[i].argument ? required_argument : no_argument,
		    .val = value};
		if (table[i].letter)
			strlcat(letters, letter, sizeof letters);
	}
	opterr = 0;
	for (int found; (found = getopt_long(argc, argv, letters, long_options, NULL)) != -1;) {
		size_t i = 0;
		options->control.given++;
		if (found == '?' || found == ':')
			bad_option(found, argv);
		while (found != (table[i].letter ? table[i].letter : UCHAR_MAX + 1 + (int)i))
			i++;
		table[i].parse(&table[i], optarg, options);
		/* GNU parallel's --header takes a ":", where getopt would see the command. */
		if (table[i].field == FIELD(queue.header) && argv[optind] &&
		    strcmp(argv[optind], ":") == 0)
			optind++;
	}
}

/* What a queue that is fetched cannot be combined with, and what stands for what was left out. */
static void settle_fetch(struct options *options)
{
	const char *name = options->queue.next ? "--next" : "--source";

	if (options->queue.next && options->queue.source)
		errx(1, "--source and --next: the items come from one of them");
	if (!options->queue.next && !options->queue.source) {
		if (options->queue.every_ms || options->queue.rounds)
			errx(1, "--every and --rounds are about --source or --next: none is here");
		return;
	}
	if (options->queue.files.count > 0 || options->queue.input_count > 0)
		errx(1, "%s gives the items: there are none from -a, ::: or ::::", name);
	if (options->queue.follow)
		errx(1, "%s gives the items: there is no file for --follow", name);
	if (options->queue.header || options->queue.shuffle || options->queue.link)
		errx(1, "%s gives items as they come: without --header, --shuf and --link", name);
	if (options->record.journal.resume)
		errx(1, "%s: what it gives differs from run to run, there is nothing to resume",
		    name);
	if (options->queue.next && (options->queue.skip > 0 || options->attempt.dry_run))
		errx(1,
		    "--next takes items off their queue: with --skip or --dry-run they were lost");
	if (options->queue.source && options->queue.rounds && !options->queue.every_ms)
		errx(1, "--rounds: several rounds of --source need --every");
	if (options->queue.source && !options->queue.every_ms)
		options->queue.rounds = 1;
	if (options->queue.next && !options->queue.every_ms)
		options->queue.every_ms = 1000;
}

/* --done and --failed get one item each time, and so an item has to be one value. */
static void settle_acknowledgement(const struct options *options)
{
	if ((options->record.acknowledge.done || options->record.acknowledge.failed) &&
	    options->queue.input_count + (options->queue.files.count > 0) > 1)
		errx(1, "--done and --failed: items of several values cannot be acknowledged");
}

/* What only the whole command line can tell. */
static void settle_input(struct options *options)
{
	settle_fetch(options);
	if (options->queue.source || options->queue.next)
		return;
	settle_acknowledgement(options);
	if (options->queue.link && options->queue.files.count > 0)
		errx(1, "--link takes its lists from ::: and ::::, not from -a or stdin");
	if (operands_count_stdin(options) > 1)
		errx(1, "stdin (-) is named more than once: its items come only once");
}

static void settle_command(const struct options *options)
{
	if (options->queue.batch != 1 && options->command.words.count == 0 &&
	    !options->command.script)
		errx(1,
		    "-n and -X put several items into one command: without a command each item is "
		    "one itself");
}

/* --follow: one file or FIFO, whose items become jobs as they come. */
static void settle_follow(const struct options *options)
{
	if (!options->queue.follow)
		return;
	if (options->queue.input_count > 0)
		errx(1, "--follow waits for more of a file or FIFO: the lists of ::: and :::: are "
			"complete");
	if (options->queue.files.count > 1)
		errx(1, "--follow follows one file, and -a names several");
	if (options->queue.shuffle)
		errx(1, "--shuf reads the queue to its end, and with --follow it has none");
	if (options->queue.header)
		errx(1, "--follow takes every line for an item: --header has no place there");
	if (options->record.journal.resume == RESUME_FAILED_ONLY)
		errx(1, "--retry-failed runs nothing new, and --follow waits for that: take "
			"--resume-failed");
	if (options->record.journal.resume &&
	    (options->queue.batch != 1 || options->queue.skip > 0))
		errx(1, "--follow with --resume: a job has one item, and none is skipped, so that "
			"-n, -L, -X and --skip have no place there");
}

/* What is about other attempts, and what a run can be resumed with. */
static void settle_records(const struct options *options)
{
	if (options->attempt.retries == 0 &&
	    (options->attempt.retry_delay_ms > 0 || options->attempt.drop_retried))
		errx(1, "--retry-delay and --drop-retried are about --retries: it is missing");
	if (options->record.journal.resume && !options->record.journal.path)
		errx(1, "--resume, --resume-failed and --retry-failed need a --joblog to go by");
	if ((options->record.journal.sync || options->record.journal.usage) &&
	    !options->record.journal.path)
		errx(1, "--sync and --joblog-usage say how --joblog is written: it is missing");
	if (options->record.journal.resume && options->queue.shuffle)
		errx(1, "--shuf makes another order each time: there is nothing to resume");
}

static void settle_output(struct options *options)
{
	options->record.results_are_table =
	    options->record.results && results_table_is_name(options->record.results);
	if (options->command.tag && !options->command.tag_string)
		options->command.tag_string = options->command.replace;
	if (options->output.ungroup &&
	    (options->output.ordered || options->output.by_line || options->command.tag_string ||
		options->record.results || options->attempt.drop_retried))
		errx(1, "-u hands our own output to the jobs: it cannot be ordered, tagged, kept, "
			"dropped or passed on line by line");
}

/* What a daemon and --lock ask of the rest of the command line. */
static void settle_stay(const struct options *options)
{
	if (!options->lock.path && (options->lock.wait_ms >= 0 || options->lock.status >= 0))
		errx(1, "--lock-wait and --lock-status say what to do about --lock: it is missing");
	if (options->daemon && options->attempt.dry_run)
		errx(1, "--dry-run prints the commands, and a daemon has no place to print to");
	if (options->daemon && operands_count_stdin(options) > 0 && isatty(STDIN_FILENO))
		errx(1, "--daemon: items cannot be read from the terminal in the background: "
			"give them with -a, ::: or a pipe");
}

/* Makes the name of a file hold in any directory. */
static void settle_name(const struct options *options, const char **name)
{
	if (!*name || strcmp(*name, "-") == 0)
		return;
	*name = path_resolve(options->command.started_in, *name);
	if (!*name)
		err(1, "reading the command line");
}

/* When the run moves to another directory, the names that were typed hold in this one. */
static void settle_directory(struct options *options)
{
	if (options->daemon && !options->directory)
		options->directory = "/";
	if (!options->directory)
		return;
	char *here = getcwd(NULL, 0);
	if (!here)
		err(1, "finding out the working directory");
	if (strcmp(here, "/") == 0)
		*here = '\0';
	options->command.started_in = here;
	for (size_t i = 0; i < ROWS; i++)
		if (table[i].parse == parse_path || table[i].parse == parse_log)
			settle_name(options, field_of(&table[i], options));
	for (size_t i = 0; i < options->queue.files.count; i++)
		settle_name(options, (const char **)&options->queue.files.at[i]);
	for (size_t i = 0; i < options->queue.input_count; i++)
		settle_name(options, &options->queue.inputs[i].file);
}

/* -j: a number in one of its forms, or the file that has it. */
static unsigned count_slots(struct options *options)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	const char *text = options->pool.jobs;
	unsigned slots;

	if (slot_count_parse(text, &slots, reason))
		return slots;
	escape_name(shown, text);
	if (!strchr(text, '/') && access(text, F_OK) != 0)
		errx(1, "-j %s: %s", shown, reason);
	options->control.slots_file = text;
	if (!slot_count_read(text, &slots, reason, NULL))
		errx(1, "-j %s: %s", shown, reason);
	return slots;
}

/* What several subsystems act by is told to each of them. */
static void share(struct options *options)
{
	const struct journal_options *journal = &options->record.journal;
	bool dry_run = options->attempt.dry_run;

	options->queue.grace_ms = options->pool.grace_ms;
	options->queue.growth = (struct follow_options){
	    .name = options->queue.files.count > 0 ? options->queue.files.at[0] : NULL,
	    .delimiter = options->queue.delimiter,
	    .journal = journal->path,
	    /* A batch may have items of two files. */
	    .keeps_place = journal->path && options->queue.batch == 1 &&
			   (!dry_run || journal->resume != RESUME_NO),
	    .sync = journal->sync,
	    .resumes = journal->resume != RESUME_NO,
	    .dry_run = dry_run,
	};
	options->command.fills = options->queue.batch == 0;
	options->record.journal.dry_run = options->record.acknowledge.dry_run = dry_run;
	options->record.acknowledge.names_lost = options->queue.next != NULL;
	options->output.recorded = options->record.results_are_table;
	options->output.slots = options->pool.slots;
	options->control.started_in = options->command.started_in;
	options->control.words = &options->command.words;
	options->log.discards = options->daemon && !options->log.path && !options->log.syslog;
}

void options_parse(struct options *options, int argc, char *argv[])
{
	*options = (struct options){
	    .queue.delimiter = '\n',
	    .command.replace = "{}",
	    .queue.batch = 1,
	    .pool.grace_ms = 5000,
	    .pool.termination = {.steps = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50},
				     {SIGKILL, 25}},
		.count = 4},
	    .output.buffer_bytes = (size_t)64 * 1024 * 1024,
	    .queue.trim = TRIM_DEFAULT,
	    .lock.wait_ms = -1,
	    .lock.status = -1,
	};
	parse_options(options, argc, argv);
	operands_parse(options, argv + optind);
	settle_input(options);
	settle_command(options);
	/* As in GNU parallel: columns are trimmed, whole items are left as they are. */
	if (options->queue.trim == TRIM_DEFAULT)
		options->queue.trim = options->queue.column_separator ? TRIM_BOTH : TRIM_NONE;
	settle_output(options);
	settle_records(options);
	settle_stay(options);
	settle_directory(options);
	settle_follow(options);
	options->pool.slots = options->pool.jobs ? count_slots(options) : system_cpus();
	/* Commands that are only printed are printed in the order of the queue. */
	if (options->attempt.dry_run)
		options->pool.slots = 1;
	share(options);
}

bool options_jobs_share_stdin(const struct options *options)
{
	return operands_count_stdin(options) == 0 && !options->queue.source && !options->queue.next;
}

bool options_is_ctl_call(const struct options *options)
{
	const struct strings *words = &options->command.words;

	return options->control.socket && options->control.given == 1 &&
	       options->queue.input_count == 0 && words->count > 0 &&
	       ctl_is_command(words->at[0]) && strcmp(words->at[-1], "--") != 0;
}
