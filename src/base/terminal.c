#include "base/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

bool terminal_can_draw(int fd)
{
	const char *type = getenv("TERM");

	return isatty(fd) && type && *type && strcmp(type, "dumb") != 0;
}

/* Is this /dev/tty, which is another file than the terminal that it stands for? */
static bool is_alias(const struct stat *status)
{
	struct stat alias;

	return stat("/dev/tty", &alias) == 0 && alias.st_rdev == status->st_rdev;
}

bool terminal_is_same(int fd, int other)
{
	struct stat first, second;

	if (!isatty(fd) || !isatty(other) || fstat(fd, &first) != 0 || fstat(other, &second) != 0)
		return false;
	return first.st_rdev == second.st_rdev || is_alias(&first) || is_alias(&second);
}

bool terminal_is_ours(int fd)
{
	pid_t group = tcgetpgrp(fd);

	return group < 0 || group == getpgrp();
}

static enum terminal_colors chosen_colors;

void terminal_choose_colors(enum terminal_colors colors)
{
	chosen_colors = colors;
}

bool terminal_has_colors(int fd)
{
	const char *none = getenv("NO_COLOR");

	if (chosen_colors != COLORS_AUTO)
		return chosen_colors == COLORS_ALWAYS;
	return (!none || !*none) && terminal_can_draw(fd);
}

/* Sets the size, where the terminal tells it. */
static bool tells_size(int fd, struct terminal_size *size)
{
	struct winsize told = {0};

	if (ioctl(fd, TIOCGWINSZ, &told) != 0 || told.ws_row == 0 || told.ws_col == 0)
		return false;
	*size = (struct terminal_size){told.ws_row, told.ws_col};
	return true;
}

struct terminal_size terminal_size(int fd)
{
	struct terminal_size size = {24, 80};

	tells_size(fd, &size);
	return size;
}

struct terminal_size terminal_own_size(void)
{
	struct terminal_size size;

	if (tells_size(STDOUT_FILENO, &size) || tells_size(STDERR_FILENO, &size))
		return size;
	int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	size = terminal_size(terminal);
	if (terminal >= 0)
		close(terminal);
	return size;
}
