#include "cli/help.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"

#ifndef PEXEC_VERSION
#define PEXEC_VERSION "unknown"
#endif

/* Ends pexec when all has been written. A write may have failed before the last one. */
static _Noreturn void end_printing(void)
{
	if (ferror(stdout) || fflush(stdout) != 0)
		err(1, "stdout");
	exit(0);
}

static void print_row(const struct option_row *row)
{
	char names[64] = "";

	if (row->name.letter)
		snprintf(names, sizeof names, "-%c, ", row->name.letter);
	strlcat(names, "--", sizeof names);
	strlcat(names, row->name.name, sizeof names);
	if (row->argument) {
		strlcat(names, " ", sizeof names);
		strlcat(names, row->argument, sizeof names);
	}
	printf("  %-24s %s\n", names, row->help);
}

void print_help(const struct given_option *given, struct options *options)
{
	static const char *const titles[GROUPS] = {
	    [GROUP_INPUT] = "Input",
	    [GROUP_COMMAND] = "Command",
	    [GROUP_SLOTS] = "Slots",
	    [GROUP_OUTPUT] = "Output",
	    [GROUP_OUTCOME] = "Outcome",
	    [GROUP_PACE] = "Pace",
	    [GROUP_FETCHED] = "Queues that are fetched",
	    [GROUP_LIFE] = "Life",
	};

	(void)given, (void)options;
	puts("pexec runs a command once for every item of a queue, a fixed number at a time.\n\n"
	     "  pexec [options] command [argument...]              items from standard input\n"
	     "  pexec [options] -a FILE command [argument...]      items from a file\n"
	     "  pexec [options] command [argument...] ::: item...  items from the command line\n"
	     "  pexec [options] -c 'SCRIPT'                        the item is \"$1\" in SCRIPT\n"
	     "  pexec [options] < commands                         each line is a shell command\n\n"
	     "In a command: {} the item, {.} without extension, {/} base name, {//} directory,\n"
	     "{/.} base name without extension, {#} job number, {%} slot number, {N} column N.");
	for (int group = 0; group < GROUPS; group++) {
		printf("\n%s:\n", titles[group]);
		for (size_t i = 0; i < option_row_count; i++)
			if ((int)option_rows[i].group == group)
				print_row(&option_rows[i]);
	}
	end_printing();
}

void print_version(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	puts("pexec " PEXEC_VERSION);
	end_printing();
}
