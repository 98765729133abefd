#include "cli/parallel/parallel_help.h"

#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_limits.h"

#ifndef PEXEC_VERSION
#define PEXEC_VERSION "unknown"
#endif

/* The release of GNU parallel that is followed. */
enum { FOLLOWED = 20221122 };

/* All has been printed: ends pexec. */
static _Noreturn void end_printing(int status)
{
	if (ferror(stdout) || fflush(stdout) != 0)
		err(255, "write error");
	exit(status);
}

void print_parallel_help(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	fputs("Usage:\n\n"
	      "parallel [options] [command [arguments]] < list_of_arguments\n"
	      "parallel [options] [command [arguments]] (::: arguments|:::: argfile(s))...\n"
	      "sem [options] [command [arguments]]\n\n"
	      "-j N            run N jobs at a time\n"
	      "-k              output in the order of the input\n"
	      "-X              as many arguments as fit, what stands around {} for each\n"
	      "-m              as many arguments as fit\n"
	      "-N N            N arguments a job\n"
	      "--colsep RE     split the input into columns\n"
	      "--link          take the lists side by side\n"
	      "--plus          more replacement strings\n"
	      "--tag           the arguments before each line of output\n"
	      "--lb            output line by line\n"
	      "--results DIR   output into files\n"
	      "--joblog FILE   a line for each job; --resume goes on by it\n"
	      "--halt WHEN     when to end the run\n"
	      "--retries N     try jobs that fail N times\n"
	      "--timeout T     end jobs after T\n"
	      "--dry-run       print the commands\n\n"
	      "{} {.} {/} {//} {/.} {#} {%}  replacement strings; {1} {1.} {1/}  of one list\n\n"
	      "This is pexec, under the name of parallel: see pexec(1).\n",
	    stdout);
	end_printing(0);
}

void print_parallel_version(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	printf("GNU parallel %d\nThis is pexec " PEXEC_VERSION
	       ", which does as that program does.\n",
	    FOLLOWED);
	end_printing(0);
}

void print_minimal_version(const struct given_option *given, struct options *options)
{
	(void)options;
	printf("%d\n", FOLLOWED);
	end_printing(strtol(given->text, NULL, 10) <= FOLLOWED ? 0 : 255);
}

/* --- the machine --- */

/* How many different values a file of each processor has, as its core or its package. */
static unsigned count_different(const char *file)
{
	enum { MOST = 4096 };
	static char *seen[MOST];
	unsigned count = 0;

	for (unsigned cpu = 0; cpu < MOST; cpu++) {
		char name[128], text[256];
		snprintf(name, sizeof name, "/sys/devices/system/cpu/cpu%u/topology/%s", cpu, file);
		FILE *stream = fopen(name, "re");
		if (!stream)
			break;
		bool has_text = fgets(text, sizeof text, stream) != NULL;
		fclose(stream);
		unsigned i = 0;
		while (has_text && i < count && strcmp(seen[i], text) != 0)
			i++;
		if (has_text && i == count && (seen[count] = strdup(text)))
			count++;
	}
	return count;
}

static _Noreturn void print_number(unsigned long number)
{
	printf("%lu\n", number);
	end_printing(0);
}

void print_cores(const struct given_option *given, struct options *options)
{
	unsigned cores = count_different("thread_siblings_list"), cpus = system_cpus();

	(void)given, (void)options;
	print_number(cores > 0 && cores < cpus ? cores : cpus);
}

void print_sockets(const struct given_option *given, struct options *options)
{
	unsigned sockets = count_different("physical_package_id");

	(void)given, (void)options;
	print_number(sockets > 0 ? sockets : 1);
}

void print_threads(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	print_number(system_cpus());
}

void print_line_length(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	print_number(system_word_bytes() - 1);
}

void print_limits(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	printf("Maximal size of command: %zu\nMaximal usable size of command: %zu\n",
	    system_argument_bytes(), system_word_bytes() - 1);
	if (fflush(stdout) != 0)
		err(255, "write error");
}

/* --- the environment --- */

void record_environment(const struct given_option *given, struct options *options)
{
	const char *home = getenv("HOME");
	char *folder, *name;

	(void)given, (void)options;
	if (!home || asprintf(&folder, "%s/.parallel", home) < 0 ||
	    asprintf(&name, "%s/ignored_vars", folder) < 0)
		errx(255, "--record-env: no home directory");
	mkdir(folder, 0777);
	FILE *stream = fopen(name, "we");
	if (!stream)
		err(255, "%s", name);
	for (char **variable = environ; *variable; variable++)
		fprintf(stream, "%.*s\n", (int)strcspn(*variable, "="), *variable);
	if (fclose(stream) != 0)
		err(255, "%s", name);
	exit(0);
}

void parallel_refer_to_help(void)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", getprogname());
	exit(255);
}
