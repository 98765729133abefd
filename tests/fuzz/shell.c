/*
 * Commands for a shell, made of all quoting there is, with placeholders in it: dash and bash run
 * them with values made of what shells take for syntax, and print what has been expected byte by
 * byte. Nothing else runs.
 *
 * A fourth of the inputs is any text of shell syntax. What it does is not known, but when it is not
 * refused, no value in it runs.
 */
#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/shell_script.h"
#include "command/template.h"
#include "feed.h"

enum { MOST_TEXT = 1 << 16, MOST_DEPTH = 3 };

static const char *const value_tokens[] = {"'", "\"", "`", "$", "$(", ")", "${", "}", "\\", "\n",
    ";", "&", "|", "<", ">", "(", "*", "?", "[", "]", "#", "~", "=", "!", "%", " ", "\t", "{", "-n",
    "$(touch pwned)", "`touch pwned`", "\ntouch pwned\n", ";touch pwned;", "'\ntouch pwned #", "E",
    "\nE\n", "\nE1\ntouch pwned\n", "\ntouch pwned\nE\n", "$1", "${1}", "$@", "*)", ";;", "esac",
    "a[$(touch pwned)]", "{}", "{.}", "%s", "&&", "\377", "\001", "\177", "/", "a.b"};
static const char *const text_tokens[] = {"{}", "{}", "{}", ": ", " ", "\n", "'", "\"", "`", "$",
    "$(", ")", "${", "${x:-", "${x#", "${v%", "}", "\\", ";", ";;", "&& ", "| ", "<", "<<E",
    "<<'E'", "<<-E", "\nE\n", "E", "(", "((", "))", "$((", "1 + ", "[[ ", " ]]", " == ", "#", " # ",
    "case x in ", "x) ", "*) ", "esac", "for x in ", "do ", "done", "g() ", "{ ", "; }",
    "function h ", "$'", "$\"", "<(", "<<<", "x=(", "x=", "a[", "]=", "@(", "! ", "if ", "then ",
    "fi", " -eq ", " =~ ", "set ", "let ", "read ", "declare -i x=", "exit ", "[ ", " ]", ">&",
    "RANDOM=", "RANDOM ", "export ", "typeset ", "select ", "in ", "printf ", "-v ", "-i ", "o=-v ",
    "o=-i ", "$o ", "\"$o\" ", "command ", "exec ", "repeat ", "{let,", "=", "mapfile ", "$x",
    "${x", "[", "]", ":", "/", "~", "v", "0"};

/* A string that grows. */
struct bytes {
	char at[MOST_TEXT];
	size_t length;
};

static void add_bytes(struct bytes *to, const char *bytes, size_t length)
{
	assert(length < sizeof to->at - to->length);
	memcpy(to->at + to->length, bytes, length);
	to->length += length;
	to->at[to->length] = '\0';
}

static void add(struct bytes *to, const char *text)
{
	add_bytes(to, text, strlen(text));
}

/* One case: the values, the command, and what it shall print. */
static struct {
	struct feed *feed;
	char values[2][MOST_TEXT / 64];
	struct bytes text;
	bool is_bash;
	unsigned budget; /* parts that are left */
	unsigned documents;
	unsigned within; /* substitutions that are open: bash 5.2 loses what is behind a document */
} given;

static unsigned choose(unsigned count)
{
	return feed_byte(given.feed) % count;
}

/* Where a part of a word stands. BRACES: in ${ } within double quotes. BARE: it may be split, and
 * only what cannot be is put there. */
enum around { BARE, DOUBLE, DOCUMENT, BRACES };

static void make_command(unsigned depth, struct bytes *text, struct bytes *expected);
static void make_part(
    enum around around, unsigned depth, struct bytes *text, struct bytes *expected);

/* A placeholder: column 1 or 2. */
static void make_value(struct bytes *text, struct bytes *expected)
{
	unsigned which = choose(2);

	add(text, which ? "{2}" : "{1}");
	add(expected, given.values[which]);
}

static void make_both(const char *literal, struct bytes *text, struct bytes *expected)
{
	add(text, literal);
	add(expected, literal);
}

/* What is expected of a substitution: newlines at its end are gone. */
static void add_substituted(struct bytes *expected, struct bytes *printed)
{
	while (printed->length > 0 && printed->at[printed->length - 1] == '\n')
		printed->at[--printed->length] = '\0';
	add(expected, printed->at);
}

/* A word whose parts stand there. `most`: parts. */
static void make_parts(
    enum around around, unsigned depth, unsigned most, struct bytes *text, struct bytes *expected)
{
	for (unsigned count = 1 + choose(most); count > 0 && given.budget > 0; count--) {
		given.budget--;
		make_part(around, depth, text, expected);
	}
}

/* '...', which may hold anything but itself. */
static void make_single(struct bytes *text, struct bytes *expected)
{
	static const char *const literals[] = {
	    "", "\\", "$x", "`", "\"", "#", " ", ")", "(", "E\n"};

	add(text, "'");
	for (unsigned count = choose(4); count > 0; count--)
		if (choose(2))
			make_value(text, expected);
		else
			make_both(literals[choose(10)], text, expected);
	add(text, "'");
}

/* $( ) or backquotes of a command. */
static void make_substitution(
    enum around around, unsigned depth, struct bytes *text, struct bytes *expected)
{
	struct bytes *inner = calloc(2, sizeof *inner);
	bool backquotes = choose(2);

	assert(inner);
	given.within++;
	make_command(depth + 1, &inner[0], &inner[1]);
	given.within--;
	/* Elsewhere shells differ about quotes in backquotes. */
	backquotes = backquotes && around == DOUBLE;
	add(text, backquotes ? "`" : "$( ");
	for (const char *at = inner[0].at; *at && backquotes; at++) {
		bool escaped = strchr("\\`$", *at);
		/* Within double quotes a quote may be escaped, or not. */
		if (escaped || (*at == '"' && around == DOUBLE))
			add(text, "\\");
		add_bytes(text, at, 1);
	}
	if (!backquotes)
		add(text, inner[0].at);
	add(text, backquotes ? "`" : ")");
	add_substituted(expected, &inner[1]);
	free(inner);
}

/* ${u:-word} of a variable that is not there, ${v#pattern} and the like of one that is. */
static void make_expansion(
    enum around around, unsigned depth, struct bytes *text, struct bytes *expected)
{
	switch (choose(around == DOCUMENT ? 2 : 4)) {
	case 0:
		add(text, "${u:-");
		make_parts(around == DOUBLE ? BRACES : around, depth + 1, 2, text, expected);
		add(text, "}");
		break;
	case 1:
		add(text, "${e+");
		make_parts(around == DOUBLE ? BRACES : around, depth + 1, 2, text, expected);
		add(text, "}");
		break;
	case 2:
		/* All of it matches itself, and nothing else. */
		add(text, "${v1#{1}}");
		break;
	default:
		add(text, "${v2%\"{2}\"}");
	}
}

static void make_part(
    enum around around, unsigned depth, struct bytes *text, struct bytes *expected)
{
	static const char *const literals[] = {"a", "b.", "-", "x"};
	unsigned kinds = depth > MOST_DEPTH ? 3 : 7;
	unsigned kind = choose(kinds);

	if (kind == 0)
		make_both(literals[choose(4)], text, expected);
	else if (kind == 2 && around == DOUBLE)
		make_both("'", text, expected);
	else if (kind == 1 || (kind == 2 && around != BARE))
		make_value(text, expected);
	else if (kind == 2)
		make_single(text, expected);
	else if (kind <= 4 && around == BARE) {
		add(text, "\"");
		make_parts(DOUBLE, depth + 1, 3, text, expected);
		add(text, "\"");
	} else if (kind == 5 && around != BARE)
		make_substitution(around, depth, text, expected);
	else if (kind == 6 && around != BARE)
		make_expansion(around, depth, text, expected);
	else if (kind == 6 && given.is_bash) {
		add(text, "$'\\'");
		add(expected, "'");
		make_value(text, expected);
		add(text, "\\''");
		add(expected, "'");
	} else
		make_value(text, expected);
}

/* A word, which is "" when it has no parts. */
static void make_word(unsigned depth, struct bytes *text, struct bytes *expected)
{
	add(text, "\"\"");
	make_parts(BARE, depth, 3, text, expected);
}

/* A command that prints a word and a newline. */
static void make_print(unsigned depth, struct bytes *text, struct bytes *expected)
{
	add(text, "printf '%s\\n' ");
	make_word(depth, text, expected);
	add(expected, "\n");
}

/*
 * What a command is put into, and that changes nothing of what it prints. It may end with a line
 * break, and begin with a parenthesis.
 */
static const struct {
	const char *before, *behind;
} wrappings[] = {{"{ ", "\n}"}, {"( ", "\n)"}, {"if :; then ", "\nfi"},
    {"", "\n # {1} ' \" ) `:`\n"}, {"for i in 1; do ", "\ndone"},
    {"case {1} in {1}) ", "\n;; esac"}, {"case {2} in (x{2}) touch pwned;; *) ", "\nesac"},
    {"f() { ", "\n}; f 1 2"}, {"set -- 1 2 {1}; ", ""}, {"while :; do ", "\nbreak; done"},
    {": >/dev/null <<E\n{1}\nE\n", ""}, {": {1} ${u:-{2}} && ", ""},
    {": <<'Q' \"$@\"\n$x ${ $\nQ\n", ""}, {"{ ", "\n} | cat"}, {"[ {1} = {1} ] && ", ""},
    {"! false {2} && ", ""}};
static const struct {
	const char *before, *behind;
} bash_wrappings[] = {{"[[ {1} == {1} && {2} =~ ^{2}$ ]] && ", ""}, {"a=({1} x); ", ""},
    {"cat <( ", ")"}, {"cat < <( ", ")"}, {": <<<{1}; ", ""}, {"function g { ", "\n}; g"},
    {"((1)); ", ""}, {": $'\\'{1}' && ", ""}, {"[[ x{1} == @(x{1}|y) ]]; ", ""}};

static void make_wrapped(unsigned depth, struct bytes *text, struct bytes *expected)
{
	size_t common = sizeof wrappings / sizeof *wrappings;
	size_t own = sizeof bash_wrappings / sizeof *bash_wrappings;
	size_t which = choose((unsigned)(common + (given.is_bash ? own : 0)));
	bool is_common = which < common;
	const char *before =
	    is_common ? wrappings[which].before : bash_wrappings[which - common].before;
	const char *behind =
	    is_common ? wrappings[which].behind : bash_wrappings[which - common].behind;
	bool has_document = strstr(before, "<<E") || strstr(before, "<<'");
	bool substitutes = strstr(before, "<(");

	given.within += substitutes;
	add(text, has_document && given.within > 0 ? "" : before);
	make_command(depth + 1, text, expected);
	add(text, behind);
	given.within -= substitutes;
}

/* Each has an end of its own: one may be within another. */
static void make_document(unsigned depth, struct bytes *text, struct bytes *expected)
{
	char end[16];

	snprintf(end, sizeof end, "E%u\n", ++given.documents);
	add(text, choose(2) ? "cat <<-" : "cat <<");
	add(text, end);
	make_parts(DOCUMENT, depth + 1, 4, text, expected);
	add(text, "\n");
	add(text, end);
	add(expected, "\n");
}

static void make_assignment(unsigned depth, struct bytes *text, struct bytes *expected)
{
	add(text, "w=");
	make_word(depth, text, expected);
	add(text, "; printf '%s\\n' \"$w\"");
	add(expected, "\n");
}

static void make_command(unsigned depth, struct bytes *text, struct bytes *expected)
{
	unsigned kind = depth > MOST_DEPTH || given.budget == 0 ? 0 : choose(6);

	switch (kind == 3 && given.within > 0 ? 0 : kind) {
	case 1:
	case 2:
		make_wrapped(depth, text, expected);
		break;
	case 3:
		make_document(depth, text, expected);
		break;
	case 4:
		make_assignment(depth, text, expected);
		break;
	case 5:
		make_command(depth + 1, text, expected);
		add(text, "\n");
		make_command(depth + 1, text, expected);
		break;
	default:
		make_print(depth, text, expected);
	}
}

/* Runs a command line, and takes what it prints; what it complains of, too. */
static void run(const struct strlist *words, const char *path, struct bytes *printed)
{
	char *argv[16] = {0}, *environment[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], status;
	pid_t pid;

	if (words->count >= 16 || pipe2(ends, O_CLOEXEC) != 0)
		abort();
	for (size_t i = 0; i < words->count; i++)
		argv[i] = strlist_at(words, i);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
	if (posix_spawn(&pid, path, &actions, NULL, argv, environment) != 0)
		abort();
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	printed->length = 0;
	for (ssize_t got; (got = read(ends[0], printed->at + printed->length,
			       sizeof printed->at - 1 - printed->length)) > 0;)
		printed->length += (size_t)got;
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	printed->at[printed->length] = '\0';
}

/* All of these commands can be prepared: one that is refused ends the fuzzer. */
static void show_refused(void)
{
	fprintf(stderr, "%s\n", given.text.at);
}

static void check_run(const char *shell, const char *path, const struct bytes *expected)
{
	static struct bytes printed;
	static struct strlist names, columns, arguments;
	char *word = given.text.at;
	const struct command_options options = {
	    .replace = "{}", .words = {&word, 1}, .shell = shell};

	strlist_clear(&columns);
	for (size_t i = 0; i < 2; i++)
		strlist_add(&columns, given.values[i], strlen(given.values[i]));
	const struct template_values values = {
	    .items = &columns, .columns = &columns, .seq = 1, .slot = 1};
	struct template *template = template_compile(&options, &names);
	template_fill(template, &values, &arguments);
	run(&arguments, path, &printed);
	template_free(template);
	if (printed.length != expected->length ||
	    memcmp(printed.at, expected->at, printed.length) != 0 || access("pwned", F_OK) == 0) {
		fprintf(stderr,
		    "%s\n-- with [%s] and [%s] is in %s\n%s\n-- prints\n%s\n-- not\n%s\n",
		    given.text.at, given.values[0], given.values[1], shell,
		    strlist_at(&arguments, 2), printed.at, expected->at);
		abort();
	}
}

static void read_value(char *value)
{
	static char buffer[MOST_TEXT * 32];

	feed_string(given.feed, value_tokens, sizeof value_tokens / sizeof *value_tokens, buffer);
	snprintf(value, sizeof given.values[0], "%s", buffer);
}

/* A command of the grammar. */
static void try_command(struct feed *feed)
{
	static struct bytes expected;

	given.feed = feed;
	given.budget = 24;
	given.documents = given.within = 0;
	given.is_bash = choose(2);
	read_value(given.values[0]);
	read_value(given.values[1]);
	given.text.length = expected.length = 0;
	add(&given.text, "v1={1} v2={2} e=1; ");
	make_command(0, &given.text, &expected);
	if (!given.is_bash)
		check_run("dash", "/usr/bin/dash", &expected);
	check_run("bash", "/usr/bin/bash", &expected);
}

/* Every byte of these texts is a token: they are run, and have to be harmless. */
static void read_text(struct feed *feed, char *to)
{
	for (unsigned count = 0; feed->at < feed->end && count < 64; count++)
		to = stpcpy(
		    to, text_tokens[feed_byte(feed) % (sizeof text_tokens / sizeof *text_tokens)]);
	*to = '\0';
}

/* Runs a script that is not known to be right: where it hangs, it is ended. */
static void run_text(const char *script, const char *shell)
{
	static const char *const hostile[] = {"$(touch pwned)", "`touch pwned`", "\ntouch pwned\n",
	    ";touch pwned;", "'\ntouch pwned #", "\"\ntouch pwned #", "a[$(touch pwned)]",
	    "\nE\ntouch pwned\n", ") touch pwned #", "}\ntouch pwned #", "x) touch pwned;;",
	    "]]\ntouch pwned\n", "))\ntouch pwned\n", "\\"};
	static struct strlist words;
	static struct bytes printed;

	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		const char *const argv[] = {"timeout", "5", shell, "-c", script, shell, hostile[i]};
		strlist_clear(&words);
		for (size_t word = 0; word < sizeof argv / sizeof *argv; word++)
			strlist_add(&words, argv[word], strlen(argv[word]));
		run(&words, "/usr/bin/timeout", &printed);
		if (access("pwned", F_OK) == 0) {
			fprintf(stderr, "%s\n-- is in %s, and runs %s\n%s\n", given.text.at, shell,
			    hostile[i], script);
			abort();
		}
	}
}

/* Any text, with {} as its placeholders. */
static void try_text(struct feed *feed)
{
	static struct shell_span spans[MOST_TEXT];
	static const size_t values[MOST_TEXT];
	uint8_t flags = feed_byte(feed);
	bool is_bash = flags & 1, several = flags & 4;
	struct shell_error error = {.reason = NULL};
	struct shell_text text = {.bytes = given.text.at,
	    .spans = spans,
	    .language = is_bash ? LANGUAGE_BASH : LANGUAGE_SH};
	const struct shell_values kinds = {values, !several, several, NULL};
	struct strlist script = {0};

	read_text(feed, given.text.at);
	text.length = strlen(text.bytes);
	for (const char *at = text.bytes; (at = strstr(at, "{}")); at += 2)
		spans[text.span_count++] = (struct shell_span){
		    .at = (size_t)(at - text.bytes), .length = 2, .several = several};
	text.appended = (flags & 2) && text.span_count > 0;
	struct shell_script *made = shell_script_make(&text, &kinds, &error);
	if (!made) {
		assert(error.reason && error.at <= text.length);
		return;
	}
	shell_script_fill(made, &(struct shell_counts){1, 0}, &script);
	strlist_end(&script);
	struct shell_script_cost cost = shell_script_cost(made);
	assert(strlist_length(&script, 0) < cost.fixed + cost.each);
	if (text.span_count > 0 && !is_bash)
		run_text(strlist_at(&script, 0), "dash");
	if (text.span_count > 0)
		run_text(strlist_at(&script, 0), "bash");
	strlist_free(&script);
	shell_script_free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	struct feed feed = {data, data + size};

	if (!begun)
		atexit(show_refused);
	begun = true;

	if (feed_byte(&feed) % 4 == 3)
		try_text(&feed);
	else
		try_command(&feed);
	return 0;
}
