/*
 * option_row: what a row of a table of options says about an option, and what can be done with a
 * row whatever it says.
 *
 * Each personality has a table of its own (cli/personality.h): pexec's is in option_table.c.
 */
#ifndef PEXEC_CLI_OPTION_ROW_H
#define PEXEC_CLI_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/* The groups of --help, in its order: those of the manual, which also names them. */
enum option_group {
	GROUP_INPUT,
	GROUP_COMMAND,
	GROUP_SLOTS,
	GROUP_OUTPUT,
	GROUP_OUTCOME,
	GROUP_PACE,
	GROUP_FETCHED,
	GROUP_LIFE,
	GROUPS
};

/* How an option can be typed. Its first name is a long one, with a letter or without. */
struct option_name {
	int letter;       /* 0: the option has only a long name */
	const char *name; /* the long name, without dashes; NULL: it has only a letter */
};

/* Other names that an option can have, beside its first one. */
enum { OTHER_NAMES = 5, OPTION_NAMES = 1 + OTHER_NAMES };

/* A word that an option of the type parse_choice takes. */
struct option_choice {
	const char *name;
	const char *also; /* means the same, and messages do not list it; NULL: there is none */
	int value;        /* that the field is set to */
};

/* What an option needs, or excludes. A list of these ends with one that has no reason. */
enum { RELATED_OPTIONS = 6 };
struct option_relation {
	/* Long names of options, or ":::" for the lists of ::: and ::::. */
	const char *others[RELATED_OPTIONS];
	const char *reason; /* the whole message, without a newline */
};

/*
 * Where an option is kept: in struct options, or in a variable of the personality's own, from which
 * its settle makes what the run acts by. Sizes are in bytes.
 */
struct option_field {
	size_t offset, size;
	void *own; /* the variable; NULL: it is in struct options, at `offset` */
};

/* Macros for such fields in a row; clang-format would take the braces for blocks. */
/* clang-format off */
#define FIELD(path) {offsetof(struct options, path), sizeof((struct options *)NULL)->path, NULL}
#define OWN_FIELD(variable) {0, sizeof(variable), &(variable)}
/* clang-format on */

struct option_row;
struct personality;

/* An option as it stands on the command line. */
struct given_option {
	const struct option_row *row;
	const struct option_name *name; /* the one of its names that was typed */
	const char *text;               /* its argument; NULL: it takes none, or none was typed */
	const struct personality *by;   /* whose rules are followed */
};

/* The type of an option: reads the argument, and sets the field. See cli/option_types.h. */
typedef void option_parse(const struct given_option *given, struct options *options);

struct option_row {
	struct option_name name;
	struct option_name also[OTHER_NAMES]; /* other names of the same option, if it has any */
	enum option_group group;              /* in --help */
	const char *argument;                 /* what --help calls it; NULL: it takes none */
	bool may_stand_alone;  /* the argument may be missing, and stands in the same word: -iSTR,
				  --replace=STR */
	bool takes_next_word;  /* then, behind the long name, it may also be the next word */
	bool takes_next_value; /* then it may always be the next word, if that begins with no -,
				  and with a digit where a number is meant */
	const char *help;      /* the line in --help */
	option_parse *parse;
	struct option_field field; /* that `parse` sets */
	bool is_path;              /* a file name: it holds in the directory where it was typed */

	/* particulars of the type */
	long long least, most;    /* of a number; of a time (only `least`), in ms */
	const char *least_reason; /* a time is less than `least`: what is said then */
	const char *empty_reason; /* a name is empty: what is said then */
	long long constant;       /* for parse_constant: what the field is set to */
	const char *as_if;        /* read in the place of an argument that is not there */
	const char *ignored_word; /* may stand behind the option, and changes nothing */
	const struct option_choice *choices; /* ends with one without a name */

	/* what only the whole command line can tell: see cli/option_checks.h */
	const struct option_relation *needs;    /* of each at least one has to be there */
	const struct option_relation *excludes; /* of none may one be there */
};

/* All options of a personality, in the order of its --help. */
struct option_table {
	const struct option_row *rows;
	size_t count;
	const struct options *defaults; /* what holds where no option says otherwise */
};

/*
 * The names of all options have numbers: row i of a table has those from OPTION_NAMES * i on.
 * Returns the name with a number and sets `row` to its option; NULL when the option has fewer
 * names.
 */
enum { MOST_OPTION_NAMES = 2048 };
const struct option_name *option_name_at(
    const struct option_table *table, size_t index, const struct option_row **row);

/* How many such numbers there are; at most MOST_OPTION_NAMES. */
size_t option_name_count(const struct option_table *table);

/*
 * What getopt is told to return for the name with a number: its letter, or where it has none, a
 * value that is no letter.
 */
int option_getopt_value(const struct option_table *table, size_t index);

/*
 * The name for which getopt has returned `value`; sets `row` to its option, unless that is NULL.
 * Returns NULL when there is no such name.
 */
const struct option_name *option_by_getopt(
    const struct option_table *table, int value, const struct option_row **row);

/* The option whose first long name is this, which has to be in the table. */
const struct option_row *option_find(const struct option_table *table, const char *name);

/* The field of an option. */
void *option_field_of(const struct option_row *row, struct options *options);

/* Sets the field of an option, an integer or an enumeration of any size, to `value`. */
void option_store(const struct option_row *row, struct options *options, long long value);

/*
 * Is an option in force? It is when its field differs from what it is without the option: so
 * `--skip 0` is not. Only for options that needs, or excludes, are about: a field that is a struct
 * with padding cannot be compared. Without its option a variable of the personality's own is 0.
 */
bool option_is_set(
    const struct option_table *table, const struct option_row *row, const struct options *options);

/* Writes a name to `text` as the user has to type it, -j or --jobs. Returns `text`. */
enum { OPTION_SPELLING = 64 };
const char *option_spelling(char text[OPTION_SPELLING], const struct option_name *name);

#endif
