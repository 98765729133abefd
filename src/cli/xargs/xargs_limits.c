#include "cli/xargs/xargs_limits.h"

#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a command may add to its environment, as POSIX has it; and the default of -s. */
enum { HEADROOM = 2048, DEFAULT_BYTES = 128 * 1024 };

static size_t environment_bytes(void)
{
	size_t bytes = 0;

	for (char **variable = environ; *variable; variable++)
		bytes += strlen(*variable) + 1;
	return bytes;
}

size_t xargs_most_chars(void)
{
	long most = sysconf(_SC_ARG_MAX);
	size_t all = most > 0 ? (size_t)most : _POSIX_ARG_MAX;
	size_t taken = environment_bytes() + HEADROOM;

	if (taken >= all)
		errx(1, "environment is too large for exec");
	return all - taken;
}

size_t xargs_line_bytes(size_t asked)
{
	size_t most = xargs_most_chars(), bytes = asked ? asked : DEFAULT_BYTES;

	return bytes < most ? bytes : most;
}

void xargs_show_limits(size_t line_bytes)
{
	size_t environment = environment_bytes(), most = xargs_most_chars();

	fprintf(stderr,
	    "Your environment variables take up %zu bytes\n"
	    "POSIX upper limit on argument length (this system): %zu\n"
	    "POSIX smallest allowable upper limit on argument length (all systems): %d\n"
	    "Maximum length of command we could actually use: %zu\n"
	    "Size of command buffer we are actually using: %zu\n"
	    "Maximum parallelism (--max-procs must be no greater): %d\n",
	    environment, most, _POSIX_ARG_MAX, most > environment ? most - environment : 0,
	    line_bytes, INT_MAX);
}
