/*
 * foot: a line at the foot of the terminal: the bytes that draw it, and take it away.
 *
 * It stands behind what was written last (FOOT_BEHIND). There the cursor stays at its beginning, so
 * that whatever becomes of it in a terminal that is made narrower lies behind the cursor, where one
 * erasure takes it away. It is never longer than the terminal is wide, as that wraps no line
 * meanwhile. Behind a line that is not whole there is none.
 *
 * Where other processes write to the terminal by themselves it cannot be taken away before they do.
 * Then it has the last row for itself, which does not scroll with the others (FOOT_PINNED).
 *
 * A foot belongs to the console, whose lock guards it. The bytes are those of ECMA-48 and of the
 * VT100 that every terminal knows that TERM names today; there is no library for them.
 */
#ifndef PEXEC_BASE_FOOT_H
#define PEXEC_BASE_FOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum foot_place { FOOT_NONE, FOOT_BEHIND, FOOT_PINNED };

/* A text has at most so many bytes; what draws or takes away a foot at most so many. */
enum { FOOT_TEXT = 1024, FOOT_BYTES = FOOT_TEXT + 128 };

/* What another process has to know that takes the foot away when this one has been killed. */
struct foot_mark {
	volatile bool shown;
	pid_t group; /* of processes, that had the terminal */
	volatile unsigned rows;
};

struct foot {
	enum foot_place place;
	char text[FOOT_TEXT]; /* for the width that there is */
	size_t length;        /* of the text; 0: none is to be shown */
	bool is_new;          /* it is not the one that is shown */
	bool shown;
	bool behind_part;       /* what was written last has left a line unfinished */
	unsigned rows;          /* FOOT_PINNED: of the terminal, when the foot was shown */
	struct foot_mark *mark; /* in memory that a fork shares; NULL: there is none */
};

/* Prepares for a foot of the terminal that stderr is. It has no text yet. */
void foot_init(struct foot *foot, enum foot_place place);

/* Sets the text; `length` 0: there is none for now. */
void foot_set_text(struct foot *foot, const char *text, size_t length);

/* Is there something to be drawn, or to be taken away? */
bool foot_is_due(const struct foot *foot);

/* The bytes that do what is due. Returns their number. */
size_t foot_draw(struct foot *foot, char bytes[FOOT_BYTES]);

/* The bytes that stand before what is written, and take the foot away; 0: none are needed. */
size_t foot_make_way(struct foot *foot, char bytes[FOOT_BYTES]);

/* Takes the foot away, by what another process knows of it: makes one call of write(2). */
void foot_take_away_by_mark(const struct foot *foot);

#endif
