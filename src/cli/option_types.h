/*
 * option_types: the types of arguments that options take.
 *
 * Each reads the argument of an option, checks it, and sets the field that the option's row names.
 * A type says the unit of its field, and its row the bounds.
 * A wrong argument ends pexec with the usage_status of the personality, and a message that shows
 * the option as it was typed, the argument, and what it should be; running out of memory, with 1.
 */
#ifndef PEXEC_CLI_OPTION_TYPES_H
#define PEXEC_CLI_OPTION_TYPES_H

#include <regex.h>
#include <stdbool.h>

#include "cli/option_row.h"

/* Options without an argument. A flag sets a bool; a constant sets any integer to `.constant`. */
option_parse parse_flag, parse_constant;

/* Any text, as it is. Field: const char *. */
option_parse parse_text;

/* As the one above, but an empty text is as if the option was not given. */
option_parse parse_text_or_none;

/* What stands for the item in a command, which cannot be empty. Field: const char *. */
option_parse parse_placeholder;

/* The name of a file or a socket, which cannot be empty: `.empty_reason`. Field: const char *. */
option_parse parse_name;

/* The name of a report, whose ending tells what kind it is, and so in which field it is kept. */
option_parse parse_report;

/* A shell, by its name or path, that positional parameters are known in. Field: const char *. */
option_parse parse_shell;

/* A name of each option that is given, in their order. Field: struct strings. */
option_parse parse_list;

/* An integer from `.least` to `.most`. Field: any integer that holds it. */
option_parse parse_number;

/* A size in bytes, with a unit or without, at least 1. Field: size_t. */
option_parse parse_bytes;

/* A time as 1.5, 30s, 200ms, 5m, 2h or 1d, at least `.least`. Field: long long, in ms. */
option_parse parse_time;

/* One of `.choices`. Field: an enumeration. */
option_parse parse_choice;

/* A single byte, or its escape as \t or \x1f. Field: char. */
option_parse parse_byte;

/*
 * An extended regular expression, which cannot be empty. In it \t, \n, \r and \xHH stand for their
 * bytes, which are never operators. Field: regex_t *, of memory of its own. Sets
 * queue.separator_text as well.
 */
option_parse parse_expression;

/* SIGNAL,MS,SIGNAL,MS...: GNU parallel's --termseq. Field: struct termination. */
option_parse parse_termination;

/* The name of a signal that can end a process and be caught, or its number. Field: int. */
option_parse parse_signal;

/* now|soon|never,fail|success|done=N|N%, or GNU parallel's older forms. Field: struct halt. */
option_parse parse_halt;

/* A time; or N%, of the median run time, which sets pool.timeout_percent. Field: long long. */
option_parse parse_timeout;

/* Nothing, keep, or a time, which sets pool.progress.every_ms. Field: enum progress_kind. */
option_parse parse_progress;

/* NAME or NAME=N, N from 1 to `.most`. Field: struct semaphore_options. */
option_parse parse_semaphore;

/*
 * longest=FILE or shortest=FILE, which sets queue.order. Field: const char *, the name of the file.
 */
option_parse parse_order;

/* N or N% of the CPUs, in processes. Field: double, above 0. */
option_parse parse_load;

/* RESOURCE:N, in percent, above 0; repeatable. Field: double[SYSTEM_RESOURCES]. */
option_parse parse_pressure;

/* A file, or the word syslog, which sets log.syslog. Field: const char *. */
option_parse parse_log;

/* Reads a text of one byte, or its escape, as parse_byte. False when it is anything else. */
bool read_byte(const char *text, char *byte);

/*
 * A text with escapes as of parse_byte, which has at least a byte and no NUL. Returns memory of the
 * caller's; or NULL and sets `*reason` to what is wrong with it.
 */
char *read_bytes_of_text(const char *text, const char **reason);

/* An expression as of parse_expression, in which bytes stand in the place of their escapes. Memory
 * of the caller's. */
char *read_expression(const char *text);

/* Compiles such an expression, and frees it; `flags` are those of regcomp. Returns memory of the
 * caller's; or NULL and the reason. */
enum { EXPRESSION_REASON = 128 };
regex_t *compile_expression(char *expression, int flags, char reason[EXPRESSION_REASON]);

/*
 * For types in other files: say what is wrong with the argument of an option, and end pexec.
 * bad_argument shows the argument, empty_argument only the option.
 */
void bad_argument(const struct given_option *given, const char *reason) __attribute__((noreturn));
void empty_argument(const struct given_option *given, const char *reason) __attribute__((noreturn));

/*
 * For types in other files: the argument as an integer from `least` to `most`. Ends pexec with a
 * message when it is none.
 */
long long read_number(const struct given_option *given, long long least, long long most);

#endif
