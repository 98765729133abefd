/*
 * reader: records from one descriptor, as they arrive.
 *
 * Reads in blocks and splits them at a delimiter. A record is handed out as soon as its delimiter
 * is there, never later; nothing is read while a complete record is at hand. A reader that waits
 * for input can be interrupted through a second descriptor.
 */
#ifndef PEXEC_BASE_READER_H
#define PEXEC_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>

struct reader {
	int fd;           /* read from here; -1 when closed */
	int interrupt_fd; /* becomes readable when a waiting reader shall return; -1 for none */
	char delimiter;
	size_t limit;    /* bytes of a record that are kept; what is longer is counted, not kept */
	bool waits;      /* the descriptor may have to be waited for (it is no regular file) */
	bool open_ended; /* the file may grow: see reader_read */
	bool eof;
	int error; /* of a read that reader_more has made; 0: none */
	char *buffer;
	size_t room;    /* bytes allocated */
	size_t begin;   /* first byte not handed out yet */
	size_t end;     /* behind the last byte read */
	size_t scanned; /* bytes from begin on that hold no delimiter */
	size_t dropped; /* bytes of the record at begin that were not kept */
};

struct record {
	const char *bytes; /* valid until the next call; not NUL-terminated */
	size_t length;     /* bytes of the record, the dropped ones included */
	size_t kept;       /* bytes at `bytes`; fewer than length only beyond the limit */
};

enum reader_status {
	READER_RECORD,      /* a record was handed out */
	READER_END,         /* end of file */
	READER_INTERRUPTED, /* somebody wrote to interrupt_fd; call again to go on */
	READER_FAILED       /* errno says why */
};

/* Begins to read from `fd`, which the reader now owns. Keeps a buffer from an earlier use. */
void reader_open(struct reader *reader, int fd, int interrupt_fd, char delimiter, size_t limit);

/* Closes the descriptor. */
void reader_close(struct reader *reader);

/* Closes the descriptor and gives the memory back. */
void reader_free(struct reader *reader);

/* The next record. A last one without a delimiter counts; an empty rest does not. */
enum reader_status reader_next(struct reader *reader, struct record *record);

/*
 * For a reader that was made open_ended behind reader_open: reads one block, READER_END when there
 * is none now. Such a reader hands out, with reader_next, only whole records that were read by this
 * call, and returns READER_END when there is none.
 */
enum reader_status reader_read(struct reader *reader);

/* The file will not grow any more: what is left without a delimiter is a record, too. */
void reader_finish(struct reader *reader);

/* How many bytes were read that no record has been made of? */
size_t reader_pending(const struct reader *reader);

/*
 * How many records were read and not handed out, the last one perhaps in part? Sets the first one.
 * Takes none of them.
 */
size_t reader_rest(const struct reader *reader, struct record *first);

/* Is a whole record at hand? Reads what is there already, and does not wait. */
bool reader_ready(struct reader *reader);

/*
 * May another record follow? False only when it is certain that none does. Reads what is there
 * already, and does not wait.
 */
bool reader_more(struct reader *reader);

#endif
