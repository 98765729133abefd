/*
 * terminal: what is known of the terminal that a descriptor is.
 */
#ifndef PEXEC_BASE_TERMINAL_H
#define PEXEC_BASE_TERMINAL_H

#include <stdbool.h>

/* Is it a terminal in which a line can be drawn anew? TERM says so, too. */
bool terminal_can_draw(int fd);

/* Are both of them the same terminal? */
bool terminal_is_same(int fd, int other);

/* Is this process in its foreground? It is, too, where there is no job control. */
bool terminal_is_ours(int fd);

/* When pexec writes in colours: --color. */
enum terminal_colors {
	COLORS_AUTO, /* to a terminal that can show them, unless NO_COLOR is set */
	COLORS_ALWAYS,
	COLORS_NEVER
};

/* Sets that for the process. Call it before there are other threads. */
void terminal_choose_colors(enum terminal_colors colors);

/* Are there colours in what pexec writes to this descriptor? */
bool terminal_has_colors(int fd);

/* Its size in characters; 24 by 80 where it does not tell. */
struct terminal_size {
	unsigned rows, columns;
};
struct terminal_size terminal_size(int fd);

/* That of the terminal of our stdout or stderr, or else the one that we are controlled from. */
struct terminal_size terminal_own_size(void);

#endif
