#include "queue/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/path.h"

static bool is_stdin(const char *name)
{
	return path_is_stdin(name);
}

void input_file_complain(const char *what, const char *name)
{
	int error = errno;
	char shown[ESCAPED_NAME];

	escape_name(shown, is_stdin(name) ? "stdin" : name);
	errno = error;
	message_errno("%s%s", what, shown);
}

_Noreturn void input_file_fail(const char *what, const char *name)
{
	input_file_complain(what, name);
	exit(1);
}

int input_file_open(const char *name, int standard_input)
{
	if (is_stdin(name))
		return fcntl(standard_input, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	/* O_NONBLOCK: opening a FIFO without a writer must not hang where no signal is seen;
	 * poll(2) waits for the writer. */
	return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

void input_file_check(const char *name, bool may_come)
{
	struct stat status;

	if (is_stdin(name) ? fstat(STDIN_FILENO, &status) : stat(name, &status)) {
		if (may_come && errno == ENOENT)
			return;
		input_file_fail("", name);
	}
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		input_file_fail("", name);
	}
	if (!is_stdin(name) && access(name, R_OK) != 0)
		input_file_fail("", name);
}
