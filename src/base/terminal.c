#include "base/terminal.h"

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

struct terminal_size terminal_size(int fd)
{
	struct winsize size = {0};

	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return (struct terminal_size){24, 80};
	return (struct terminal_size){size.ws_row, size.ws_col};
}
