/* Types of arguments that say when and how jobs are ended, and the run with them. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/system_signals.h"
#include "cli/option_types.h"

void parse_timeout(const struct given_option *given, struct options *options)
{
	struct given_option percent = *given;
	size_t length = strlen(given->text);
	char digits[16];

	options->pool.timeout_percent = 0;
	if (length == 0 || given->text[length - 1] != '%') {
		parse_time(given, options);
		return;
	}
	if (length >= sizeof digits)
		bad_argument(given, "too large");
	memcpy(digits, given->text, length);
	digits[length - 1] = '\0';
	percent.text = digits;
	options->pool.timeout_percent = (unsigned)read_number(&percent, 1, 1000000);
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

/* The wait behind the last signal may be missing. */
void parse_termination(const struct given_option *given, struct options *options)
{
	struct termination *termination = option_field_of(given->row, options);
	char copy[256];
	const char *word;

	if (strlcpy(copy, given->text, sizeof copy) >= sizeof copy)
		bad_argument(given, "too long");
	char *rest = copy;
	size_t count = 0;
	for (; count < TERMINATION_STEPS && (word = strsep(&rest, ",")); count++) {
		const char *wait = rest ? strsep(&rest, ",") : "0", *reason;
		termination->steps[count].signal = signal_number(word);
		if (termination->steps[count].signal == 0)
			bad_argument(given, "not SIGNAL,MS,SIGNAL,MS... (like TERM,200,KILL,25)");
		termination->steps[count].wait_ms = strtonum(wait, 0, INT_MAX, &reason);
		if (reason)
			bad_argument(given, "a time between two signals is in milliseconds");
	}
	if (rest)
		bad_argument(given, "too many signals");
	termination->count = count;
}

void parse_signal(const struct given_option *given, struct options *options)
{
	/* They have a meaning of their own, whatever is asked for, or cannot be caught. */
	static const int others[] = {SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD,
	    SIGURG, SIGWINCH, SIGPIPE, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
	int signal = signal_number(given->text);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (signal == others[i])
			bad_argument(given, "this signal has a meaning of its own");
	if (signal == 0)
		bad_argument(given, "no signal has this name (like USR2)");
	option_store(given->row, options, signal);
}

/* Reads N or N%. Returns false when the text is neither. */
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

/* Reads WHEN,WHY or WHEN,WHY=N or N%. Returns false when the text is none of them. */
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

void parse_halt(const struct given_option *given, struct options *options)
{
	static const struct {
		const char *name, *meaning;
	} older[] = {{"never", "never,fail"}, {"0", "never,fail"}, {"1", "soon,fail"},
	    {"2", "now,fail"}, {"-1", "soon,success"}, {"-2", "now,success"}};
	struct halt *halt = option_field_of(given->row, options);

	for (size_t i = 0; i < sizeof older / sizeof *older; i++)
		if (strcmp(given->text, older[i].name) == 0) {
			read_halt(older[i].meaning, halt);
			return;
		}
	*halt = (struct halt){.when = HALT_SOON, .why = HALT_FAIL};
	if (read_share(given->text, halt) && halt->percent)
		return;
	if (!read_halt(given->text, halt))
		bad_argument(given,
		    "not never, or now|soon,fail|success|done=N or N%, or 0, 1, 2, -1, -2 or N%");
}

void parse_progress(const struct given_option *given, struct options *options)
{
	enum progress_kind *kind = option_field_of(given->row, options);
	struct option_row row = *given->row;
	struct given_option every = *given;

	*kind = given->text && strcmp(given->text, "keep") == 0 ? PROGRESS_KEPT : PROGRESS_SHOWN;
	if (!given->text || *kind == PROGRESS_KEPT)
		return;
	row.field = (struct option_field)FIELD(pool.progress.every_ms);
	row.least = 1;
	row.least_reason = "not keep, nor a time between two lines";
	every.row = &row;
	parse_time(&every, options);
}
