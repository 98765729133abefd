#include "base/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/console.h"
#include "base/terminal.h"

/* A longer message is cut. It is less than what a pipe that can be written to takes at once. */
enum { MOST_BYTES = 3072 };

static void say(const char *text, const char *reason)
{
	char line[MOST_BYTES + 1];
	bool is_bold = terminal_has_colors(STDERR_FILENO);
	int used = snprintf(line, MOST_BYTES, "%s%s:%s %s%s%s", is_bold ? "\033[1m" : "",
	    getprogname(), is_bold ? "\033[m" : "", text, reason ? ": " : "", reason ? reason : "");
	size_t length = used < MOST_BYTES ? (size_t)used : MOST_BYTES - 1;

	line[length++] = '\n';
	console_say(line, length);
}

void message(const char *format, ...)
{
	char text[MOST_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	say(text, NULL);
}

void message_errno(const char *format, ...)
{
	const char *reason = strerror(errno);
	char text[MOST_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	say(text, reason);
}
