/*
 * lock_holder: who keeps a run from beginning, by a file that it has locked.
 *
 * Another run of pexec does so rightly. But whoever may open a file can lock it, and then nothing
 * would ever run: so a process of another user is named.
 */
#ifndef PEXEC_SERVICE_LOCK_HOLDER_H
#define PEXEC_SERVICE_LOCK_HOLDER_H

/* A process, its program and its user. */
enum { LOCK_HOLDER_TEXT = 128 };

enum lock_holder {
	HOLDER_IS_OURS, /* a process of our own user, who alone may open the file, or who it is */
	HOLDER_IS_UNKNOWN, /* the system does not tell, and others may open the file */
	HOLDER_IS_STRANGER /* a process of another user */
};

/*
 * Finds who has the file `name` locked, and writes to `text` what a message says of it, as in "it
 * is held by ...", unless it is ours.
 */
enum lock_holder lock_holder_of(const char *name, char text[LOCK_HOLDER_TEXT]);

#endif
