#include "base/system_pty.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { SIDE = O_WRONLY | O_NOCTTY | O_CLOEXEC };

#if HAVE_PTY_PEER
/* Also where /dev/pts is another one, or none. */
static int open_side(int terminal)
{
	return unlockpt(terminal) == 0 ? ioctl(terminal, TIOCGPTPEER, SIDE) : -1;
}
#else
static int open_side(int terminal)
{
	char name[64];

	if (grantpt(terminal) != 0 || unlockpt(terminal) != 0)
		return -1;
	errno = ptsname_r(terminal, name, sizeof name);
	return errno == 0 ? open(name, SIDE) : -1;
}
#endif

/* Lets bytes through as they are. */
static int set_plain(int side)
{
	struct termios settings;

	if (tcgetattr(side, &settings) != 0)
		return -1;
	settings.c_oflag &= ~(tcflag_t)OPOST;
	settings.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(side, TCSANOW, &settings);
}

int system_resize_pty(int terminal, struct terminal_size size)
{
	const struct winsize set = {
	    .ws_row = (unsigned short)size.rows, .ws_col = (unsigned short)size.columns};

	return ioctl(terminal, TIOCSWINSZ, &set);
}

/* Opens the side of programs, ready for them. */
static int prepare_side(int terminal, struct terminal_size size)
{
	int side = open_side(terminal);

	if (side < 0 || (set_plain(side) == 0 && system_resize_pty(terminal, size) == 0))
		return side;
	int reason = errno;
	close(side);
	errno = reason;
	return -1;
}

int system_open_pty(struct terminal_size size, int ends[2])
{
	ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[0] < 0) {
		/* Of POSIX, and of Linux. No other call that starts a job says EUSERS. */
		if (errno == EAGAIN || errno == ENOSPC)
			errno = EUSERS;
		return -1;
	}
	ends[1] = prepare_side(ends[0], size);
	if (ends[1] >= 0)
		return 0;
	int reason = errno;
	close(ends[0]);
	errno = reason;
	return -1;
}
