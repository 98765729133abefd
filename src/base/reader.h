/*
 * reader: records from one descriptor, as they arrive.
 *
 * Reads in blocks and splits them at a delimiter. A record is handed out as soon as its delimiter
 * was read; nothing is read while a complete record is in the buffer. A reader that waits for input
 * can be interrupted through a second descriptor.
 */
#ifndef PEXEC_BASE_READER_H
#define PEXEC_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/csv.h"

/* What belongs to the end of a record beside its delimiter. */
struct record_ends {
	const char *before;   /* a delimiter is one only behind these bytes, which are part of it */
	size_t before_length; /* 0: it is one always */
	bool blank_goes_on; /* behind a blank it is none: it is taken out, and the record goes on */
};

struct reader {
	int fd;           /* the input; -1: closed */
	int interrupt_fd; /* becomes readable when a reader that waits shall return; -1: none */
	char delimiter;
	struct record_ends ends; /* what else ends a record, and what does not */
	char separator;     /* records are CSV, with this one between fields; 0: they are not */
	enum csv_state csv; /* where in its record the byte is that was not scanned yet */
	size_t limit;       /* bytes; of a longer record only the first ones are sure to be kept */
	bool waits;         /* the input is no regular file: reader_next polls before it reads */
	bool open_ended;    /* the file may grow: see reader_read */
	bool mark_due;      /* a byte-order mark that the input begins with is dropped */
	bool eof;
	int error; /* errno of a read that reader_more or reader_ready has made; 0: none */
	char *buffer;
	size_t room;    /* bytes allocated */
	size_t begin;   /* where the first byte lies that was not handed out */
	size_t end;     /* behind the last byte that was read */
	size_t scanned; /* bytes from begin on that hold no delimiter */
	size_t dropped; /* bytes that were cut out of the record at begin */
};

struct record {
	const char *bytes; /* valid until the next call; not NUL-terminated */
	size_t length;     /* of the whole record */
	size_t kept;       /* bytes at `bytes`; fewer than length only beyond the limit */
	bool ended;        /* its delimiter was read */
	bool line_goes_on; /* where several are in a line: another one may be in the same */
};

enum reader_status {
	READER_RECORD,      /* a record was handed out */
	READER_END,         /* end of file */
	READER_INTERRUPTED, /* never without an interrupt_fd; the caller may call again */
	READER_FAILED       /* errno says why */
};

/* Begins to read from `fd`, which the reader then owns. Keeps a buffer from an earlier use. */
void reader_open(struct reader *reader, int fd, int interrupt_fd, char delimiter, size_t limit);

/* Says what else ends a record. For a reader that has not read yet. */
void reader_set_ends(struct reader *reader, const struct record_ends *ends);

/* Records are CSV, with `separator` between fields: a newline in quotes ends none. For a reader
 * that has not read yet, and whose delimiter is a newline. */
void reader_read_csv(struct reader *reader, char separator);

/*
 * Drops the byte-order mark of UTF-8 that the input may begin with. For a reader that has not read
 * yet.
 */
void reader_drop_mark(struct reader *reader);

/*
 * Leaves what was read and not handed out, and the last `more` bytes that were, to whoever reads
 * the file next by the same descriptor. Nothing of a pipe can be left.
 */
void reader_leave_rest(struct reader *reader, size_t more);

/* Closes the descriptor. */
void reader_close(struct reader *reader);

/* Closes the descriptor and frees the buffer. */
void reader_free(struct reader *reader);

/*
 * Hands out the next record; waits for it. Bytes behind the last delimiter are a record, an empty
 * rest is none.
 */
enum reader_status reader_next(struct reader *reader, struct record *record);

/*
 * Hands out all bytes that have been read and not handed out, whatever is in them; waits for some.
 * For a caller that splits them itself: they are valid until the next call.
 */
enum reader_status reader_block(struct reader *reader, struct record *block);

/*
 * Reads one block of a file that may grow. For a reader whose open_ended was set after reader_open:
 * its reader_next reads nothing, hands out only records whose delimiter was read, and returns
 * READER_END when there is none. Returns READER_RECORD when it has read, READER_END when the file
 * has no more bytes for now.
 */
enum reader_status reader_read(struct reader *reader);

/* Ends an open_ended reader: what is left without a delimiter is the last record. */
void reader_finish(struct reader *reader);

/* How many bytes were read and not handed out? */
size_t reader_pending(const struct reader *reader);

/*
 * How many records were read and not handed out, an incomplete last one included? Sets `first` to
 * the first of them, and takes none.
 */
size_t reader_rest(const struct reader *reader, struct record *first);

/* Is a complete record in the buffer? Reads before, unless that waits or the file is open_ended. */
bool reader_ready(struct reader *reader);

/*
 * May another record follow? Returns false only when none can. Reads before, unless that waits.
 */
bool reader_more(struct reader *reader);

#endif
