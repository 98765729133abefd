/*
 * personality: the program whose rules are followed: pexec's own, or those of another one whose
 * command lines are to do the same here.
 *
 * The personality is what --as names, as the first option, or the name that pexec was started
 * under. It is a table of options with its defaults, and a few functions; those of another program
 * have a folder of their own below this one. What its rules come to are fields of struct options:
 * the rest of pexec acts by these, and knows the personality by the name in its messages alone.
 *
 * To add one: a folder with its table, its defaults and its functions, and a line in personality.c.
 * A row of the table sets a field of struct options (FIELD) where that says all, and a variable of
 * the folder's own (OWN_FIELD) where `settle` has more to look at. The types of cli/option_types.h
 * do for either.
 */
#ifndef PEXEC_CLI_PERSONALITY_H
#define PEXEC_CLI_PERSONALITY_H

#include <stdbool.h>

#include "cli/option_row.h"

struct personality {
	const char *name; /* of the program: what messages begin with */
	const struct option_table *table;

	/* Adds to the command line what does not stand on it. NULL: nothing is added. */
	void (*prepare)(int *argc, char **argv[]);

	/* The command line begins with --as or not, and has been read up to the first word that is
	 * no option: `operands`, up to a NULL. Completes `options`: where the items come from, what
	 * the command is, and all that depends on several options. Ends pexec when something is
	 * wrong with them. Names of files are still as they were typed. */
	void (*settle)(struct options *options, char *operands[]);

	/* getopt_long could not read an option: see cli/usage_error.h. Ends pexec. */
	void (*usage_error)(const struct option_table *table, int found, char *argv[]);

	int usage_status; /* the exit status where an option's argument is wrong */

	/* getopt_long says itself what is wrong with an option, before `usage_error` is called */
	bool getopt_complains;

	/* a file that is read and written by one run is an error (cli/file_checks.h) */
	bool compares_files;
};

/*
 * Whose rules to follow: those that --as names, or the name that pexec was started under. Takes
 * --as off the command line, and makes messages begin with the personality's name. Exits with
 * status 1 and a message where --as names none that is known.
 */
const struct personality *personality_choose(int *argc, char **argv[]);

#endif
