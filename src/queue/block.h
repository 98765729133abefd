/*
 * block: a piece of the input that is the standard input of a job (--pipe).
 *
 * It is a part of a file: of the one that the user has named, or of one without a name that keeps
 * what came through a pipe; so a second attempt has the same. A job finds all of it at once where a
 * pipe holds it, or where a file has nothing else in it. Larger ones are fed to it while it runs.
 */
#ifndef PEXEC_QUEUE_BLOCK_H
#define PEXEC_QUEUE_BLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct block_header;

/* A file that blocks are parts of: open as long as one of them is there. */
struct block_file {
	int fd;
	atomic_uint users;
};

/* What a block is called: its place and its length; in a journal with its hash behind that. */
enum { BLOCK_PLACE = 48, BLOCK_NAME = BLOCK_PLACE + 17 };

struct block {
	struct block_file *file;           /* where it is; NULL: there is no block */
	char name[BLOCK_NAME];             /* as a journal has it: with its hash */
	off_t begin;                       /* its place there */
	size_t length;                     /* bytes */
	off_t offset;                      /* its place in the input that it is of */
	const struct block_header *header; /* the job has it first; NULL: there is none */
	bool is_whole;                     /* nothing else is in the file */
	bool is_moved; /* it may have a wide pipe; there are not too many of these */
};

void block_init(struct block *block);

/* What it is called in a journal; NULL: there is no block, or all jobs have the same one. */
const char *block_name(const struct block *block);

/* Makes a file without a name, for so many bytes: in memory, or where they are more than is kept
 * there, in $TMPDIR. Returns a descriptor, or -1 with errno. */
int block_make_file(bool is_spilled);

/* A file of so many users as have it, this one the first. Owns `fd`. NULL without memory: then that
 * is closed. */
struct block_file *block_file_new(int fd);
struct block_file *block_file_keep(struct block_file *file);
void block_file_drop(struct block_file *file);

/* Opens what the job reads, all of it. Returns a descriptor, or -1 with errno (EIO: the file has
 * become shorter; EMSGSIZE: no pipe holds it, it has to be fed). */
int block_open(const struct block *block);

/*
 * Writes as much of it, and first of its header, as there is room for into a pipe, whose end does
 * not block. `*fed` bytes of it have been written. Returns 0 when all are, or -1 with errno
 * (EAGAIN: the pipe is full; EPIPE; EIO: the file has become shorter).
 */
int block_feed(const struct block *block, size_t *fed, int pipe);

/* How many bytes its header has. */
size_t block_header_bytes(const struct block *block);

/* The hash of its bytes, with those of its header. False with errno where they cannot be read. */
bool block_hash(const struct block *block, uint64_t *hash);

/* The job has had it. */
void block_drop(struct block *block);

#endif
