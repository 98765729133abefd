/*
 * The option parser with any command line: it neither crashes nor loses memory, what it accepts is
 * in bounds, and what it says can be printed.
 *
 * It ends the program where a command line is wrong. It is included here, with functions in the
 * place of those of the library that end a program or write.
 *
 * Input: the processors there are, then the words of the command line.
 */
#include "cli/options.h"

#include <assert.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "base/system_limits.h"
#include "cli/file_checks.h"
#include "feed.h"
#include "queue/claims.h"
#include "record/results_table.h"

enum {
	MOST_INPUT = 600,
	MOST_WORDS = 64,
	MOST_EXPRESSIONS = MOST_INPUT,
	STATUS_NONE = 256,
	MOST_NAMES = 2 * MOST_WORDS
};

/* Where results go, and which files there are, is not what this is about. */
#define event_files_have_report(name)   ((void)(name), false)
#define event_files_is_descriptor(name) ((void)(name), false)
#define report_is_name(name)            ((void)(name), false)
#define results_table_is_name(name)     ((void)(name), false)
#define results_table_is_stdout(name)   ((void)(name), false)
#define results_table_is_even(name)     ((void)(name), false)
#define check_files(options)            ((void)(options))
#define ctl_is_command(word)            ((void)(word), false)

static jmp_buf ended;
static unsigned processors;

/* What regcomp has made: the parser keeps only the last one. */
static regex_t *expressions[MOST_EXPRESSIONS];
static size_t expression_count;

/* Names of files that were made to hold in any directory. */
static char *resolved[MOST_NAMES];
static size_t resolved_count;

static _Noreturn void fuzz_exit(int status)
{
	longjmp(ended, status == 0 ? STATUS_NONE : status);
}

/* A message shall not carry what a terminal would obey. */
static void check_message(const char *format, va_list arguments)
{
	char text[4096];

	assert((size_t)vsnprintf(text, sizeof text, format, arguments) < sizeof text);
	for (const char *at = text; *at; at++)
		assert(!iscntrl((unsigned char)*at) || (*at == '\n' && !at[1]));
}

static void fuzz_warnx(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	check_message(format, arguments);
	va_end(arguments);
}

static _Noreturn void fuzz_errx(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	check_message(format, arguments);
	va_end(arguments);
	fuzz_exit(status);
}

/* Each + doubles what the library makes of the expression, and {N} is worse: not what is tested. */
static int fuzz_regcomp(regex_t *compiled, const char *expression, int flags)
{
	size_t doubled = 0;

	for (const char *at = expression; *at; at++)
		doubled += *at == '+';
	if (doubled > 4 || strchr(expression, '{'))
		return REG_ESPACE;
	int problem = regcomp(compiled, expression, flags);
	if (problem == 0)
		expressions[expression_count++] = compiled;
	return problem;
}

static char *keep_name(char *name)
{
	assert(resolved_count < MOST_NAMES);
	return resolved[resolved_count++] = name;
}

static char *fuzz_getcwd(char *buffer, size_t size)
{
	return keep_name(getcwd(buffer, size));
}

static char *fuzz_resolve(const char *directory, const char *name)
{
	return keep_name(path_resolve(directory, name));
}

static unsigned fuzz_cpus(void)
{
	return processors;
}

static unsigned long fuzz_processes(void)
{
	return processors * 1000ul;
}

#define exit                fuzz_exit
#define warnx               fuzz_warnx
#define errx                fuzz_errx
#define err                 fuzz_errx
#define fputs(text, stream) ((void)(text))
#define puts(text)          ((void)(text))
#define printf(...)         ((void)snprintf(NULL, 0, __VA_ARGS__))
#define regcomp             fuzz_regcomp
#define getcwd              fuzz_getcwd
#define path_resolve        fuzz_resolve
#define system_cpus         fuzz_cpus
#define system_processes    fuzz_processes
#define claims_join(...)    NULL
#define claims_part(...)    0
#include "../../src/pace/slot_count.c"

#include "../../src/cli/help_text.h"
const struct help_text help_texts[] = {{"null", "Two paragraphs.\nOf words."}, {NULL, NULL}};

#include "../../src/cli/block_rules.c"
#include "../../src/cli/foreign_options.c"
#include "../../src/cli/help.c"
#include "../../src/cli/launchers.c"
#include "../../src/cli/operands.c"
#include "../../src/cli/option_checks.c"
#include "../../src/cli/option_row.c"
#include "../../src/cli/option_table.c"
#include "../../src/cli/option_types.c"
#include "../../src/cli/option_types_ending.c"
#include "../../src/cli/option_types_room.c"
#include "../../src/cli/option_types_text.c"
#include "../../src/cli/options.c"
#include "../../src/cli/own_rules.c"
#include "../../src/cli/personality.c"
#include "../../src/cli/shard_rules.c"
#include "../../src/cli/usage_error.c"
#include "../../src/cli/xargs/xargs_help.c"
#include "../../src/cli/xargs/xargs_limits.c"
#include "../../src/cli/xargs/xargs_rules.c"
#include "../../src/cli/xargs/xargs_table.c"
#include "../../src/cli/xargs/xargs_types.c"
#undef exit

/* The rules of parallel read files, and are not what this is about. */
const struct personality parallel_rules = {.name = "parallel",
    .table = &option_table,
    .settle = settle_own,
    .usage_error = usage_error,
    .usage_status = 1};
const struct personality sem_rules = {.name = "sem",
    .table = &option_table,
    .settle = settle_own,
    .usage_error = usage_error,
    .usage_status = 1};

/* Words that come up often: how every option is spelled, and what means something in arguments. */
static const char *tokens[2 * MOST_OPTION_NAMES + 32];

static size_t make_tokens(void)
{
	static const char *const others[] = {"--as=xargs", "-i", "-P", "--", "-",
	    ":::", "::::", ":::+", ":", "=", "+", "%", "0", "9", "99999999999999999999", "1.5",
	    "ms", "k", "\\", "\\x", "\\t", "[", "(", "*", "|", "lr", "{}", "\033", "\377"};
	static char spelled[2 * MOST_OPTION_NAMES][32];
	const struct option_row *row;
	size_t count = 0;

	for (size_t i = 0; i < option_name_count(&option_table); i++) {
		const struct option_name *name = option_name_at(&option_table, i, &row);
		if (name && name->letter)
			snprintf(spelled[count++], sizeof *spelled, "-%c", name->letter);
		if (name && name->name)
			snprintf(spelled[count++], sizeof *spelled, "--%s", name->name);
	}
	for (size_t i = 0; i < count; i++)
		tokens[i] = spelled[i];
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		tokens[count++] = others[i];
	return count;
}

/* Parses, and returns the status that it would have ended with; 0 when it has not. */
static int parse(struct options *options, int argc, char *argv[])
{
	int status = setjmp(ended);

	if (status == 0) {
		optind = 0; /* glibc's way to begin anew */
		options_parse(options, argc, argv);
	}
	return status;
}

static void check_bounds(const struct options *options)
{
	assert(options->pool.slots >= 1 && options->pool.slots <= MAX_SLOTS);
	assert(options->queue.trim <= TRIM_BOTH);
	assert(*options->command.replace);
	assert(options->queue.batch <= INT_MAX);
	assert(options->queue.batch == 1 || options->command.script ||
	       options->command.words.count > 0);
	assert(options->nice >= -20 && options->nice <= 19);
	assert(options->pool.grace_ms >= 0);
	assert(!options->queue.end_of_items || *options->queue.end_of_items);
	assert((options->queue.files.count + options->queue.input_count > 0) ==
	       (!options->queue.source && !options->queue.next));
	assert(operands_count_stdin(options) <= 1);
	assert(!options->queue.link || options->queue.input_count >= 1);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Every word behind the options is in the command, in a list, or begins one. */
static void check_operands(const struct options *options, char *argv[])
{
	char **word = options->command.words.at + options->command.words.count;

	assert(options->command.words.at >= argv && (!*word || operands_is_separator(*word)));
	for (size_t i = 0; i < options->queue.input_count; i++) {
		const struct input *input = &options->queue.inputs[i];
		/* One :::: or ::::+ may name several files. */
		if (operands_is_separator(*word)) {
			assert((strncmp(*word, "::::", 4) == 0) == (input->file != NULL));
			word++;
		}
		/* With --chdir a name may have a directory before it. */
		assert(input->file ? ends_with(input->file, *word) : input->values.at == word);
		word += input->file ? 1 : input->values.count;
	}
	assert(options->queue.input_count == 0 || !*word);
}

static void release(struct options *options)
{
	while (expression_count > 0) {
		regfree(expressions[--expression_count]);
		free(expressions[expression_count]);
	}
	while (resolved_count > 0)
		free(resolved[--resolved_count]);
	free((char *)options->queue.record_ends.text);
	options->queue.record_ends.text = NULL;
	free(options->queue.files.at);
	free(options->filled.at);
	free(options->queue.inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;
	static size_t token_count;
	static char text[MOST_INPUT * 32];
	char *argv[MOST_WORDS + 1] = {(char[]){"pexec"}}, *to = text;
	struct feed feed = {data, data + (size < MOST_INPUT ? size : MOST_INPUT)};
	int argc = 1;

	if (token_count == 0)
		token_count = make_tokens();
	processors = 1u << feed_byte(&feed) % 13;
	while (feed.at < feed.end && argc < MOST_WORDS) {
		argv[argc++] = to;
		to = feed_string(&feed, tokens, token_count, to);
	}
	options = (struct options){.nice = 0}; /* --as may end it before there are any */
	xargs_typed = (struct xargs_typed){.max_procs = 1};
	int status = parse(&options, argc, argv);
	assert(status == 0 || status == 1 || status == STATUS_NONE);
	if (status == 0 && !options.command.plain_words) {
		check_bounds(&options);
		check_operands(&options, argv);
	}
	release(&options);
	return 0;
}
