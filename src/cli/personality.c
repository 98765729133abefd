#include "cli/personality.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/path.h"
#include "cli/own_rules.h"
#include "cli/parallel/parallel_rules.h"
#include "cli/xargs/xargs_rules.h"

/* The first one is followed under a name that is none of theirs. */
static const struct personality *const personalities[] = {
    &own_rules, &xargs_rules, &parallel_rules, &sem_rules, NULL};

/* The personality of this name; NULL: there is none. */
static const struct personality *find_personality(const char *name)
{
	for (size_t i = 0; personalities[i]; i++)
		if (strcmp(personalities[i]->name, name) == 0)
			return personalities[i];
	return NULL;
}

/* --as names a program that is none of these. */
static _Noreturn void unknown_personality(const char *name)
{
	char shown[ESCAPED_NAME], known[128] = "";

	for (size_t i = 0; personalities[i]; i++) {
		strlcat(known, i == 0 ? "" : ", ", sizeof known);
		strlcat(known, personalities[i]->name, sizeof known);
	}
	errx(1, "--as %s: not one of %s", escape_name(shown, name), known);
}

/* What --as names, where the command line begins with it; NULL: it does not. */
static const struct personality *named_first(int *argc, char **argv[])
{
	const char *word = *argc > 1 ? (*argv)[1] : "", *name = NULL;

	if (strncmp(word, "--as=", strlen("--as=")) == 0)
		name = word + strlen("--as=");
	else if (strcmp(word, "--as") == 0 && !(name = (*argv)[2]))
		errx(1, "--as needs the name of a program");
	if (!name)
		return NULL;
	const struct personality *found = find_personality(name);
	if (!found)
		unknown_personality(name);
	int words = name == (*argv)[2] ? 2 : 1;
	*argc -= words;
	*argv += words;
	return found;
}

/* Makes messages begin with another name: those of err(3), and those of getopt(3), too. */
static void go_by(const char *name, char *argv[])
{
	/* The names before may be memory that nothing else points to: it is kept, not lost. */
	static const char *before[2] __attribute__((used));

	before[0] = program_invocation_short_name;
	before[1] = argv[0];
	program_invocation_short_name = argv[0] = (char *)name;
}

const struct personality *personality_choose(int *argc, char **argv[])
{
	const struct personality *chosen = find_personality(getprogname());

	if (!chosen)
		chosen = personalities[0];
	if (chosen == personalities[0]) {
		const struct personality *named = named_first(argc, argv);
		chosen = named ? named : chosen;
	}
	if (chosen != personalities[0])
		go_by(chosen->name, *argv);
	return chosen;
}
