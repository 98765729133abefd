/*
 * parallel_types: the types of arguments of the options of parallel that pexec has no other for.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_TYPES_H
#define PEXEC_CLI_PARALLEL_PARALLEL_TYPES_H

#include "cli/option_row.h"

/* -0; and -d, one byte or several, in which \n, \t and the like stand for bytes. */
option_parse parse_nul_delimiter, parse_any_delimiter;

/* A number of at least `.least`, as 2 or 1k. Field: long long. */
option_parse parse_count;

/* --retries, of which 0 stands for as many as there can be. */
option_parse parse_retries;

/* --timeout: a time, as 1.5, 30s or 1d3.5h; or N%. */
option_parse parse_limit;

/* --load: as parse_load, and with +N and -N, which are about the CPUs, and the name of a file. */
option_parse parse_any_load;

/* --memfree: below half of it the youngest job is put back, too. */
option_parse parse_free_memory;

/* --limit: a command, or one of those that GNU parallel has by the names io, load and mem. */
option_parse parse_limit_command;

/* --block: bytes, with K for 1024 and k for 1000 and so on; or -N, for N blocks a slot. Field:
 * size_t. */
option_parse parse_block_size;

/* --ctag, --ctagstring STR: the tag is coloured. */
option_parse parse_coloured_tag;

/* --shellquote, once more. */
option_parse parse_shellquote;

/* -S: `:` is this machine, and there is no other. */
option_parse parse_login;

/* An option that changes nothing; and one that ends pexec with `.empty_reason`. */
option_parse ignore_option, ignore_remote, refuse_option;

/* Copies a text with \n, \t, \\, \0OOO and \xHH as bytes; returns its length. `to` has room for the
 * length of `text` and a NUL. */
size_t unescape_text(char *to, const char *text);

/* An expression of Perl as POSIX has it, as far as that is the same: \d, \h and (?: are not.
 * Memory of the caller's. */
char *parallel_translate_expression(const char *text);

/* How many items, or records, a command has as typed by one option or another (NO_COUNT: that was
 * not), and how many lines (0: that was not). */
long long parallel_typed_args(void);
long long parallel_typed_lines(void);

/* A time as 1.5, 30s or 1d3.5h, in ms; may be negative. Ends pexec with status 255 and a message
 * about `option` where it is none. */
long long read_duration(const char *option, const char *text);

#endif
