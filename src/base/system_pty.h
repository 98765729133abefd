/*
 * system_pty: terminals for programs that print, of which pexec is the other side.
 *
 * A pseudo-terminal as programs see one, but for what would change their bytes: no CR is added to
 * LF. It is for writing alone, as a pipe: a program that reads from it gets an error and does not
 * wait for a user. It never becomes the controlling terminal of a process.
 */
#ifndef PEXEC_BASE_SYSTEM_PTY_H
#define PEXEC_BASE_SYSTEM_PTY_H

#include "base/terminal.h"

/*
 * Opens one: `ends[0]` is our side, to read from, and `ends[1]` that of programs. Both are
 * close-on-exec. Returns 0, or -1 with errno and no descriptor left open; EUSERS: the system has no
 * more of them for now. For any thread.
 *
 * Once all have closed the side of programs, poll(2) says POLLHUP of ours; POLLIN, too, when
 * something is left to read.
 */
int system_open_pty(struct terminal_size size, int ends[2]);

/* Sets the size, by our side. */
int system_resize_pty(int terminal, struct terminal_size size);

#endif
