/*
 * append_file: a file that grows by whole records, as the journal does.
 *
 * A record is in the file whole or not at all: what an append that failed has left is taken back,
 * and what a crash has torn is taken off when the file is opened again. Not safe to use from two
 * threads at once. What is wrong before the run begins ends pexec with status 1 and a message;
 * while jobs run the errors are returned, and the caller says them once it holds no lock.
 */
#ifndef PEXEC_RECORD_APPEND_FILE_H
#define PEXEC_RECORD_APPEND_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What all files of a kind have in common: how their records look, and what is said of them. */
struct append_file_kind {
	const char *option; /* stands before the name in messages: "--joblog "; "": none does */
	const char *record; /* what a record is called: "line" */
	bool quotes;        /* a newline between double quotes ends no record (CSV) */

	/* What the file begins with, 128 bytes at most; NULL: that is not looked at. And the end of
	 * the message when it does not; pexec then ends. */
	const char *begins_with;
	const char *foreign;

	/* Can these be the first bytes of a record, or of the file when `is_first`? At least one is
	 * given. NULL: any bytes can. And the end of the message when a torn one cannot have begun
	 * so; pexec then ends. */
	bool (*begins_record)(const char *bytes, size_t length, bool is_first);
	const char *foreign_end;

	const char *torn; /* the end of the message that a torn record was taken off; NULL: that is
			   * not said */
};

struct append_file {
	const struct append_file_kind *kind;
	const char *name; /* for messages; belongs to the caller */
	int fd;           /* opened with O_APPEND; -1: nothing is written */
	off_t size;       /* bytes up to the end of the last whole record */
	off_t torn_bytes; /* behind them: what a crash has left of a record */
};

/*
 * Looks at what is in the file, and changes nothing. `file->size` is the size of the file, and
 * becomes that of its whole records; what a crash has left of one behind them is torn_bytes.
 * `readable` is a descriptor to read the file by, which may be `file->fd`. Exits with status 1 and
 * a message when the file cannot be of its kind, and on failure.
 */
void append_file_look(struct append_file *file, int readable);

/*
 * Takes off what a crash has left of a record, as append_file_look has found it, and says so. Exits
 * with status 1 and a message on failure.
 */
void append_file_mend(struct append_file *file);

/* Empties the file. Exits with status 1 and a message on failure. */
void append_file_empty(struct append_file *file);

/*
 * Appends a record. Returns 0, or -1 with errno. The file is then as it was before, unless what was
 * written of the record could not be taken off again: `*tail_error` is the errno of that, or 0.
 */
int append_file_add(struct append_file *file, const char *bytes, size_t length, int *tail_error);

/*
 * Takes off what was written behind the last whole record, by this module or by way of a stdio
 * stream. Returns 0, or the errno of what failed.
 */
int append_file_take_back(struct append_file *file);

/* All that is in the file now is whole records: the caller has written by way of a stream. */
void append_file_accept(struct append_file *file);

/* Says why a part of a record could not be taken off, if `tail_error` is not 0. Waits for the right
 * to write to stderr. */
void append_file_say_tail(const struct append_file *file, int tail_error);

#endif
