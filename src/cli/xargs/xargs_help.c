#include "cli/xargs/xargs_help.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef PEXEC_VERSION
#define PEXEC_VERSION "unknown"
#endif

/* Prints all of it, and ends pexec. */
static _Noreturn void print_and_end(const char *text)
{
	fputs(text, stdout);
	if (ferror(stdout) || fflush(stdout) != 0)
		err(1, "write error");
	exit(0);
}

void print_xargs_help(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	print_and_end(
	    "Usage: xargs [OPTION]... COMMAND [INITIAL-ARGS]...\n"
	    "Run COMMAND with INITIAL-ARGS and with the items of the input behind them.\n\n"
	    "  -0, --null                   items end with a NUL; quotes are nothing special\n"
	    "  -a, --arg-file=FILE          read items from FILE, not from standard input\n"
	    "  -d, --delimiter=CHARACTER    items end with CHARACTER (also as \\n, \\0 or \\x41)\n"
	    "  -E END                       an item END is the end of the input\n"
	    "  -e, --eof[=END]              the same; without END, no item is\n"
	    "  -I R                         a command a line, with the line in the place of R\n"
	    "  -i, --replace[=R]            the same; without R, in the place of {}\n"
	    "  -L, --max-lines=MAX-LINES    at most so many lines a command\n"
	    "  -l[MAX-LINES]                the same; without a number, one\n"
	    "  -n, --max-args=MAX-ARGS      at most so many items a command\n"
	    "  -o, --open-tty               the terminal is the command's standard input\n"
	    "  -P, --max-procs=MAX-PROCS    run so many commands at a time; 0: all that there can "
	    "be\n"
	    "  -p, --interactive            ask on the terminal before each command\n"
	    "      --process-slot-var=VAR   the variable VAR has the number of the slot\n"
	    "  -r, --no-run-if-empty        without an item run nothing\n"
	    "  -s, --max-chars=MAX-CHARS    at most so many bytes a command line\n"
	    "      --show-limits            print the limits of command lines\n"
	    "  -t, --verbose                print each command before it runs\n"
	    "  -x, --exit                   end where MAX-CHARS are too few\n"
	    "      --help                   this text\n"
	    "      --version                the version\n\n"
	    "This is pexec, under the name of xargs: see pexec(1).\n");
}

void print_xargs_version(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	print_and_end("xargs (GNU findutils) 4.9.0\n"
		      "This is pexec " PEXEC_VERSION ", which does as that program does.\n");
}
