#include "judge.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

/* After SIGTERM it ends when the grace is over; others may have the processors for as long again,
 * and more. */
enum { TERM_MOST_MS = 4000 };

enum { RECORD_FIELDS = 9, RECORD_COMMAND = 8 };

/* What the files of a run tell; each array has the item as its index. */
struct evidence {
	int ran[ITEMS + 1];
	int acknowledged[ITEMS + 1];
	int shown[ITEMS + 1]; /* to stdout, the first line of each attempt */
	int whole[ITEMS + 1]; /* the last line of it, too */
	int told[ITEMS + 1];  /* to stderr */
	int recorded[ITEMS + 1];
	bool was_added; /* --ctl add was answered with "yes" */
	int torn;       /* lines that are neither a job's nor whole: one for each fault, at most */
	char *messages; /* what pexec says */
};

static void complain(struct verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(struct verdict *verdict, const char *format, ...)
{
	size_t room = sizeof verdict->text - verdict->length;
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(verdict->text + verdict->length, room, format, arguments);
	va_end(arguments);
	verdict->length += (size_t)length < room ? (size_t)length : room - 1;
	if (verdict->length + 3 < sizeof verdict->text)
		verdict->length += (size_t)sprintf(verdict->text + verdict->length, "; ");
}

/* An item as a number; 0: there is none of that name. */
static int item_of(const char *text, const char **end)
{
	char *behind;
	long item = isdigit((unsigned char)*text) ? strtol(text, &behind, 10) : 0;

	if (item < 1 || item > ITEMS)
		return 0;
	*end = behind;
	return (int)item;
}

/* Goes to the next line of a text, which is cut there. NULL: there is none. */
static char *next_line(char **rest)
{
	char *line = *rest, *end;

	if (!line || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	*rest = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

/* Whether messages name a number as a word of its own. */
static bool names(const char *messages, int item)
{
	char text[16];

	snprintf(text, sizeof text, "%d", item);
	for (const char *at = messages; (at = strstr(at, text)); at++) {
		const char *behind = at + strlen(text);
		if ((at == messages || !isdigit((unsigned char)at[-1])) &&
		    !isdigit((unsigned char)*behind))
			return true;
	}
	return false;
}

/* Whether messages name an item, or the first one of the job that may have it. */
static bool is_named(const struct evidence *evidence, const struct mode *mode, int item)
{
	int first = mode->batch > 0 && item > mode->batch ? item - mode->batch + 1 : 1;

	for (int other = mode->batch > 0 ? first : item; other <= item; other++)
		if (names(evidence->messages, other))
			return true;
	return false;
}

/* --- what the job has noted --- */

static void read_notes(
    struct verdict *verdict, struct evidence *evidence, const char *folder, const char *name)
{
	char *text = trial_read(folder, name), *rest = text, *line, what[32], item[32];
	const char *end;
	int number;

	while ((line = next_line(&rest))) {
		if (sscanf(line, "%31s %31s %d", what, item, &number) != 3)
			complain(verdict, "a note is '%s'", line);
		else if (strcmp(what, "descriptor") == 0)
			complain(verdict, "job %s has descriptor %d", item, number);
		else if (strcmp(what, "added") == 0)
			evidence->was_added = number == 0;
		else if (strcmp(what, "acknowledged") == 0)
			evidence->acknowledged[item_of(item, &end)]++;
		else
			evidence->ran[item_of(item, &end)]++;
	}
	free(text);
}

/* --- what it has printed --- */

/* What a line of stdout is, by what came before it. */
struct printed {
	const struct mode *mode;
	struct evidence *evidence;
	int next[ITEMS + 1]; /* the line that comes next of this item; 0: its first one */
	int open;            /* the item of which only a part has come */
	int last;            /* the item that has begun last */
	int most_torn;       /* how many lines may be torn */
};

/* Behind the tag of a line. NULL: it has another one than its item. */
static const char *skip_tag(const struct mode *mode, const char *line)
{
	const char *end;

	if (!mode->tagged)
		return line;
	int item = item_of(line, &end);
	if (item == 0 || *end != '\t')
		return NULL;
	return item == atoi(end + 2) ? end + 1 : NULL;
}

/* Whether a line is the one that comes next of its item. */
static bool fits(struct printed *printed, const char *line, int *item)
{
	const char *end;
	char expected[80];

	if (!(line = skip_tag(printed->mode, line)))
		return false;
	*item = item_of(line + (*line != '\0'), &end);
	int next = printed->next[*item];
	if (*item == 0)
		return false;
	if (*line == 'o')
		return *end == '\0' && next == 0;
	int length = snprintf(expected, sizeof expected, "p%d-%05d-", *item, next - 1);
	memset(expected + length, 'x', (size_t)(63 - length));
	expected[63] = '\0';
	return next > 0 && strcmp(line, expected) == 0;
}

/* Whether behind a line that was torn stands a line of the next job. */
static bool is_behind_torn(struct printed *printed, const char *line, int *item)
{
	while (*line != '\0')
		if (fits(printed, ++line, item))
			return true;
	return false;
}

static void take_line(struct verdict *verdict, struct printed *printed, const char *line)
{
	struct evidence *evidence = printed->evidence;
	const struct mode *mode = printed->mode;
	int item;

	if (!fits(printed, line, &item)) {
		evidence->torn++;
		if (evidence->torn > printed->most_torn)
			complain(
			    verdict, "more than %d line torn: '%.40s'", printed->most_torn, line);
		if (!is_behind_torn(printed, line, &item))
			return;
	}
	/* A job that has been ended has printed a part, and that part is whole. */
	if (printed->open != item && printed->next[item] > 0 && !mode->by_line)
		complain(verdict, "output of %d in the middle of that of %d", printed->open, item);
	if (printed->next[item]++ == 0) {
		evidence->shown[item]++;
		if (mode->ordered && item < printed->last)
			complain(verdict, "output of %d behind that of %d", item, printed->last);
		printed->last = item;
	}
	printed->open = item;
	if (printed->next[item] > mode->duties.prints) {
		evidence->whole[item]++;
		printed->next[item] = 0;
	}
}

/* A daemon's log has the lines of both outputs, and messages. */
static bool is_printed(const struct mode *mode, const char *line)
{
	return !mode->detached ||
	       ((*line == 'o' || *line == 'p') && isdigit((unsigned char)line[1]));
}

/* The item of which a line is all of its stderr; 0: it is another line. */
static int item_told(const struct mode *mode, const char *line)
{
	const char *end, *behind = skip_tag(mode, line);
	int item = behind && *behind == 'e' ? item_of(behind + 1, &end) : 0;

	return item > 0 && *end == '\0' ? item : 0;
}

static void read_output(
    struct verdict *verdict, struct evidence *evidence, const struct trial *trial, char *text)
{
	const struct mode *mode = trial->mode;
	struct printed printed = {.mode = mode,
	    .evidence = evidence,
	    .most_torn = trial->fault->kind == FAULT_LASTING ? LASTING_CALLS : 1};
	char *rest = text, *line;
	int item;

	while ((line = next_line(&rest)))
		if (mode->in_terminal && (item = item_told(mode, line)) > 0)
			evidence->told[item]++;
		else if (is_printed(mode, line))
			take_line(verdict, &printed, line);
}

/* Sorts the lines of stderr, or of the log, into jobs' and messages. */
static void read_messages(struct evidence *evidence, const struct mode *mode, char *text)
{
	char *rest = text, *line;
	int item;

	evidence->messages = calloc(1, strlen(text) + 2);
	if (!evidence->messages)
		err(1, "messages");
	char *into = evidence->messages;
	while ((line = next_line(&rest))) {
		if ((item = item_told(mode, line)) > 0)
			evidence->told[item]++;
		else if (!mode->detached || !is_printed(mode, line))
			into += sprintf(into, "%s\n", line);
	}
}

static char *joined(char *first, char *second)
{
	char *both;

	if (asprintf(&both, "%s%s", first, second) < 0)
		err(1, "messages");
	free(first);
	free(second);
	return both;
}

/* Messages come to stderr, and those of a daemon that is ready into its log. */
static char *all_messages(const struct trial_place *place, const struct mode *mode)
{
	char *text = trial_read(place->notes, "messages");

	return mode->detached ? joined(text, trial_read(place->work, "L")) : text;
}

/* --- what it has recorded --- */

static void take_record(struct verdict *verdict, struct evidence *evidence, char *line)
{
	char *fields[RECORD_FIELDS] = {0}, *field, *word;
	int count = 0, items = 0;
	const char *end;

	while (count < RECORD_FIELDS && (field = strsep(&line, "\t")))
		fields[count++] = field;
	if (count < RECORD_FIELDS || atoi(fields[0]) < 1) {
		complain(verdict, "a line of the journal is '%s'", fields[0]);
		return;
	}
	while ((word = strsep(&fields[RECORD_COMMAND], " "))) {
		int item = item_of(word, &end);
		if (item == 0 || *end != '\0')
			continue;
		items++;
		if (++evidence->recorded[item] == 2)
			complain(verdict, "%d is in the journal twice", item);
	}
	if (items == 0)
		complain(verdict, "a record without an item");
}

/* What is behind the last newline was not written to its end. */
static void read_journal(struct verdict *verdict, struct evidence *evidence, char *text)
{
	char *rest = text, *line, *end = strrchr(text, '\n');

	text[end ? end + 1 - text : 0] = '\0';
	next_line(&rest);
	while ((line = next_line(&rest)))
		take_record(verdict, evidence, line);
}

static void collect(struct verdict *verdict, struct evidence *evidence, const struct trial *trial,
    const struct trial_place *place)
{
	const struct mode *mode = trial->mode;
	*evidence = (struct evidence){0};
	char *messages = all_messages(place, mode);
	char *out = mode->detached ? trial_read(place->work, "L") : trial_read(place->notes, "out");
	char *journal = mode->journal ? trial_read(place->work, "J") : NULL;

	read_notes(verdict, evidence, place->notes, "ran");
	read_messages(evidence, mode, messages);
	read_output(verdict, evidence, trial, out);
	if (journal)
		read_journal(verdict, evidence, journal);
	free(messages);
	free(out);
	free(journal);
}

/* --- what each item must have come to, when everything is done --- */

static int attempts_of(const struct mode *mode, int item)
{
	return mode->duties.fails > 0 && item % mode->duties.fails == 0 ? 2 : 1;
}

static int shows_of(const struct mode *mode, int item)
{
	return mode->silent || item == mode->missing ? 0
	       : mode->shown_once                    ? 1
						     : attempts_of(mode, item);
}

/* The last item of --ctl is there only when pexec has said so. */
static bool is_queued(const struct evidence *evidence, const struct mode *mode, int item)
{
	return mode->duties.asks == 0 || item != ITEMS || evidence->was_added ||
	       evidence->ran[item] > 0;
}

static void check_folder(struct verdict *verdict, const struct trial_place *place, int item)
{
	static const struct {
		const char *name, *text;
	} files[] = {{"seq", "%d\n"}, {"item", "%d\n"}, {"stdout", "o%d\n"}, {"stderr", "e%d\n"},
	    {"exitval", "0\n"}};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char name[64], expected[64];
		snprintf(name, sizeof name, "R/%d/%s", item, files[i].name);
		if (strchr(files[i].text, '%'))
			snprintf(expected, sizeof expected, files[i].text, item);
		else
			snprintf(expected, sizeof expected, "%s", files[i].text);
		char *text = trial_read(place->work, name);
		if (strcmp(text, expected) != 0)
			complain(verdict, "%s is '%.30s'", name, text);
		free(text);
	}
}

/* The table has what each job has printed, once. */
static void check_table(
    struct verdict *verdict, const struct trial_place *place, const struct mode *mode, int item)
{
	const char *name = mode->results == RESULTS_CSV ? "R.csv" : "R.json";
	char *text = trial_read(place->work, name), printed[32];
	int count = 0;

	if (mode->results == RESULTS_CSV)
		snprintf(printed, sizeof printed, "\"o%d\n\"", item);
	else
		snprintf(printed, sizeof printed, "\"o%d\\n\"", item);
	for (const char *at = text; (at = strstr(at, printed)); at++)
		count++;
	if (count != 1)
		complain(verdict, "%s has job %d %d times", name, item, count);
	free(text);
}

static void check_results(
    struct verdict *verdict, const struct trial_place *place, const struct mode *mode, int item)
{
	if (mode->results == RESULTS_FOLDER)
		check_folder(verdict, place, item);
	else if (mode->results != RESULTS_NONE)
		check_table(verdict, place, mode, item);
}

static void check_done(struct verdict *verdict, const struct evidence *evidence,
    const struct trial *trial, const struct trial_place *place)
{
	const struct mode *mode = trial->mode;

	for (int item = 1; item <= ITEMS; item++) {
		int shows = shows_of(mode, item);
		if (!is_queued(evidence, mode, item))
			continue;
		/* With a status that tells of failed jobs, a message may tell of one more. */
		if (mode->status != 0 && is_named(evidence, mode, item))
			continue;
		if (evidence->ran[item] < attempts_of(mode, item))
			complain(verdict, "%d ran %d times", item, evidence->ran[item]);
		if (evidence->whole[item] < shows)
			complain(verdict, "stdout of %d is lost", item);
		if (evidence->told[item] < shows)
			complain(verdict, "stderr of %d is lost", item);
		if (mode->acknowledges && evidence->acknowledged[item] == 0 &&
		    !is_named(evidence, mode, item))
			complain(verdict, "%d is not acknowledged", item);
		if (mode->journal && evidence->recorded[item] != 1)
			complain(verdict, "%d is not in the journal", item);
		check_results(verdict, place, mode, item);
	}
}

/* --- the rules --- */

/* In every case: nothing more than once. */
static void check_once(
    struct verdict *verdict, const struct evidence *evidence, const struct mode *mode)
{
	for (int item = 1; item <= ITEMS; item++) {
		int most = attempts_of(mode, item);
		if (evidence->ran[item] > most)
			complain(verdict, "%d ran %d times", item, evidence->ran[item]);
		if (evidence->shown[item] > most || evidence->told[item] > most)
			complain(verdict, "output of %d comes twice", item);
		if (evidence->acknowledged[item] > 1)
			complain(verdict, "%d is acknowledged twice", item);
	}
}

static void check_left(
    struct verdict *verdict, const struct trial *trial, const char *messages, int descriptors)
{
	if (trial->traced.hung)
		complain(verdict, "it hangs:%s", trial->traced.stuck);
	if (trial->processes[0] != '\0')
		complain(verdict, "it leaves processes:%s", trial->processes);
	if (trial->traced.after_term_ms > TERM_MOST_MS)
		complain(verdict, "it goes on for %lld ms after SIGTERM, with --grace " TRIAL_GRACE,
		    (long long)trial->traced.after_term_ms);
	/* What it says that it could not remove may be there, and open. */
	if (strstr(messages, "removing"))
		return;
	if (trial->files[0] != '\0')
		complain(verdict, "it leaves files:%s", trial->files);
	if (descriptors >= 0 && trial->traced.descriptors > descriptors)
		complain(verdict, "it has %d descriptors at its end, not %d",
		    trial->traced.descriptors, descriptors);
}

/* What is in the journal has been done, and its output has been delivered. */
static void check_journal(
    struct verdict *verdict, const struct evidence *evidence, const struct mode *mode)
{
	for (int item = 1; item <= ITEMS; item++) {
		if (evidence->recorded[item] == 0 || is_named(evidence, mode, item))
			continue;
		if (evidence->ran[item] == 0)
			complain(verdict, "%d is in the journal, and never ran", item);
		if (evidence->whole[item] < shows_of(mode, item))
			complain(verdict, "%d is in the journal, and its output is lost", item);
	}
}

/* The run has failed, and must have said so. */
static void check_failure(
    struct verdict *verdict, const struct evidence *evidence, const struct trial *trial, int status)
{
	bool was_told = trial->fault->kind == FAULT_SIGNAL || trial_has_term(trial->fault);

	/* Where no write(2) works, there are no messages. */
	bool is_mute = trial->fault->kind == FAULT_LASTING && trial->fault->call == SYS_write;

	if (*evidence->messages == '\0' && !was_told && !is_mute)
		complain(verdict, "status %d, and no message", status);
	const struct call *call = calls_find(trial->fault->call);

	if (trial->fault->error == EINTR && call && call->waits && !was_told)
		complain(verdict, "status %d by an interruption", status);
	for (int item = 1; item <= ITEMS && status == 123 && !was_told; item++)
		if (evidence->ran[item] == 0 && is_queued(evidence, trial->mode, item) &&
		    !is_named(evidence, trial->mode, item))
			complain(verdict, "%d did not run, and no message names it", item);
}

/* What --next has taken off its queue is done or given back, or a message names it. */
static void check_taken(struct verdict *verdict, const struct evidence *evidence,
    const struct trial *trial, const struct trial_place *place)
{
	const struct fault *fault = trial->fault;
	bool was_killed = fault->kind == FAULT_SIGNAL && fault->signal == SIGKILL;
	bool is_mute = fault->kind == FAULT_LASTING && fault->call == SYS_write;

	if (!trial->mode->gives_back || was_killed || is_mute || trial->traced.hung)
		return;
	char *text = trial_read(place->notes, "counter");
	for (int item = 1; item <= atoi(text); item++)
		if (evidence->acknowledged[item] == 0 && !is_named(evidence, trial->mode, item))
			complain(verdict, "%d is neither done nor given back, nor named", item);
	free(text);
}

/* A signal may end it when it was sent; SIGPIPE when a reader has gone. */
static bool may_die_of(const struct trial *trial, int signal)
{
	const struct fault *fault = trial->fault;

	return (fault->kind == FAULT_SIGNAL && fault->signal == signal) ||
	       (fault->term_ms > 0 && signal == SIGTERM) ||
	       ((fault->kind == FAULT_ERROR || fault->kind == FAULT_LASTING) &&
		   fault->error == EPIPE && signal == SIGPIPE);
}

static void check_end(struct verdict *verdict, const struct evidence *evidence,
    const struct trial *trial, const struct trial_place *place)
{
	int status = trial->traced.status;

	if (trial->traced.hung)
		return;
	if (WIFSIGNALED(status)) {
		if (!may_die_of(trial, WTERMSIG(status)))
			complain(verdict, "it died of signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status) == trial->mode->status) {
		check_done(verdict, evidence, trial, place);
	} else
		check_failure(verdict, evidence, trial, WEXITSTATUS(status));
	/* A run that says why it breaks off may break off in the middle of a line. */
	if (evidence->torn > 0 && WIFEXITED(status) && WEXITSTATUS(status) == trial->mode->status)
		complain(verdict, "a line is torn");
}

/* What the journal has does not run again, and nothing is left out. */
static void check_resumed(struct verdict *verdict, const struct evidence *first,
    const struct trial *trial, const struct trial_place *place)
{
	struct evidence second;
	struct trial again;

	trial_resume(&again, place, trial->mode);
	collect(verdict, &second, &again, place);
	check_left(verdict, &again, second.messages, -1);
	int status = again.traced.status;
	if (!again.traced.hung &&
	    (!WIFEXITED(status) ||
		(WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != trial->mode->status)))
		complain(
		    verdict, "resumed: wait status %x: %.100s", (unsigned)status, second.messages);
	for (int item = 1; item <= ITEMS; item++) {
		if (first->recorded[item] > 0 && second.ran[item] > 0)
			complain(verdict, "resumed: %d runs again", item);
		if (first->ran[item] + second.ran[item] == 0 && !is_named(first, trial->mode, item))
			complain(verdict, "resumed: %d has never run", item);
		if (second.recorded[item] != 1 && !is_named(first, trial->mode, item))
			complain(verdict, "resumed: %d is not in the journal", item);
	}
	free(second.messages);
}

/* pexec refuses the journal of another user. */
static bool is_our_own(const struct trial_place *place, const char *name)
{
	char path[TRIAL_PATH + 8];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s", place->work, name);
	return stat(path, &status) != 0 || status.st_uid == getuid();
}

void judge(
    struct verdict *verdict, struct trial *trial, const struct trial_place *place, int descriptors)
{
	struct evidence evidence;

	*verdict = (struct verdict){0};
	collect(verdict, &evidence, trial, place);
	check_once(verdict, &evidence, trial->mode);
	/* What ends early closes nothing. */
	check_left(verdict, trial, evidence.messages, trial->traced.status == 0 ? descriptors : -1);
	check_end(verdict, &evidence, trial, place);
	check_taken(verdict, &evidence, trial, place);
	if (trial->mode->journal) {
		check_journal(verdict, &evidence, trial->mode);
		if (is_our_own(place, "J"))
			check_resumed(verdict, &evidence, trial, place);
	}
	free(evidence.messages);
}

char *judge_message(const struct trial_place *place, const struct mode *mode)
{
	char *text = trial_read(place->notes, "messages.1");

	if (*text == '\0') {
		free(text);
		text = all_messages(place, mode);
	}
	struct evidence evidence = {0};
	read_messages(&evidence, mode, text);
	free(text);
	char *end = strchr(evidence.messages, '\n');
	if (end)
		*end = '\0';
	return evidence.messages;
}
