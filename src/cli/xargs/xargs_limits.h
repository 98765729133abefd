/*
 * xargs_limits: how long the command lines are that xargs makes.
 */
#ifndef PEXEC_CLI_XARGS_XARGS_LIMITS_H
#define PEXEC_CLI_XARGS_XARGS_LIMITS_H

#include <stddef.h>

/*
 * The most bytes that -s takes: ARG_MAX without the environment, and without the 2048 bytes that
 * POSIX leaves for what a command adds to it. Exits with status 1 where the environment alone is
 * larger.
 */
size_t xargs_most_chars(void);

/*
 * The bytes of a command line, each word with its NUL: what -s has asked for, 0: nothing; then it
 * is 128 KiB, as far as the system has room for these.
 */
size_t xargs_line_bytes(size_t asked);

/* --show-limits: prints the limits to stderr, for command lines of so many bytes. */
void xargs_show_limits(size_t line_bytes);

#endif
