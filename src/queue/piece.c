#include "queue/piece.h"

#include <errno.h>

#include "base/interrupt.h"
#include "base/io.h"

/* The size of a page, and of blocks that are cut at the end of one. */
enum { PAGE_BYTES = 4096, PAGES_FROM = 65536 };

void piece_begin_search(struct piece *piece)
{
	off_t at = piece->at;

	piece->search = (struct piece_search){.looked = at, .seen = at, .last = at, .whole = at};
}

/* A place when the bytes before `from` are gone. */
static off_t shifted(off_t place, off_t from)
{
	return place > from ? place - from : 0;
}

void piece_shift(struct piece *piece, off_t from)
{
	struct piece_search *search = &piece->search;

	piece->before += from;
	piece->end -= from;
	piece->at = 0;
	search->looked = shifted(search->looked, from);
	search->seen = shifted(search->seen, from);
	search->last = shifted(search->last, from);
	search->whole = shifted(search->whole, from);
}

ssize_t piece_look(const struct piece *piece, char window[PIECE_WINDOW + 1], off_t from, off_t to)
{
	size_t length = to - from < PIECE_WINDOW ? (size_t)(to - from) : PIECE_WINDOW;

	for (size_t done = 0; done < length;) {
		ssize_t got =
		    io_read_at(piece->file->fd, window + done, length - done, from + (off_t)done);
		if (got < 0)
			return -1;
		done += (size_t)got;
	}
	window[length] = '\0';
	return (ssize_t)length;
}

/*
 * The last place behind piece->at up to `most` where a record ends; piece->at: there is none. Looks
 * at one window after the other, backwards. -1 with errno.
 */
static off_t last_end(const struct piece *piece, const struct block_ends *ends, off_t most)
{
	off_t overlap = (off_t)block_ends_overlap(ends), from = most;
	off_t to = most + (off_t)block_ends_ahead(ends);
	char bytes[PIECE_WINDOW + 1];

	for (to = to < piece->end ? to : piece->end; from > piece->at; to = from + overlap) {
		from = to - piece->at < PIECE_WINDOW ? piece->at : to - PIECE_WINDOW;
		ssize_t got = piece_look(piece, bytes, from, to);
		if (got < 0)
			return -1;
		const struct block_window window = {.bytes = bytes,
		    .length = (size_t)got,
		    .begins_record = from == piece->at,
		    .is_last = true};
		size_t end = block_ends_last(ends, &window, (size_t)(most - from));
		if (end != BLOCK_ENDS_NONE && from + (off_t)end > piece->at)
			return from + (off_t)end;
	}
	return piece->at;
}

/*
 * The last place up to `most` where a multiple of `count` records end, by what begins at `from` or
 * behind it, or else the first one; piece->at: none is known yet. What was found is remembered: a
 * record that is long is looked through once. -1 with errno (EINTR: the run is to be looked at).
 */
static off_t end_of_records(struct piece *piece, const struct piece_rules *rules, off_t from,
    unsigned long long count, off_t most)
{
	const struct block_ends *ends = &rules->ends;
	struct piece_search *search = &piece->search;
	off_t overlap = (off_t)block_ends_overlap(ends);
	char bytes[PIECE_WINDOW + 1];

	if (search->looked < from)
		search->looked = from;
	while (search->seen < piece->end && search->looked < piece->end) {
		/* An expression may ask whether a line begins there: it sees the byte before. */
		off_t begin = search->looked > piece->at ? search->looked - 1 : piece->at;
		ssize_t got = piece_look(piece, bytes, begin, piece->end);
		if (got < 0)
			return -1;
		search->seen = begin + (off_t)got;
		const struct block_window window = {.bytes = bytes,
		    .length = (size_t)got,
		    .begins_record = begin == piece->at,
		    .is_last = piece->is_complete && search->seen == piece->end};
		size_t at = (size_t)(search->looked - begin), end;
		while (block_ends_next(ends, &window, &at, &end)) {
			/* A record has at least one byte. */
			if (begin + (off_t)end <= search->last)
				continue;
			search->last = begin + (off_t)end;
			if (++search->found % count != 0)
				continue;
			if (search->last > most)
				return search->whole > piece->at ? search->whole : search->last;
			search->whole = search->last;
		}
		search->looked = begin + (off_t)at;
		if (search->looked < search->seen - overlap)
			search->looked = search->seen - overlap;
		if (interrupt_take(rules->interrupt_fd)) {
			errno = EINTR;
			return -1;
		}
	}
	return piece->at;
}

/* From where on the first record is looked for that ends behind the first `size` bytes. */
static off_t first_behind(const struct piece *piece, const struct block_ends *ends, off_t size)
{
	off_t from = piece->at + size - (off_t)block_ends_overlap(ends);

	return from > piece->at ? from : piece->at;
}

/* How many bytes a block may have, so that it fits into a pipe. */
static off_t size_of_block(const struct piece *piece, const struct queue_options *options)
{
	off_t size = (off_t)options->block_bytes;

	if (size <= PAGES_FROM || options->exceeds_block)
		return size;
	/* Pages of a file that fit into a pipe are moved, not copied: it takes so many of them. */
	if (!piece->is_chunk)
		size -= piece->at % PAGE_BYTES;
	return size - (piece->header ? PAGE_BYTES : 0);
}

off_t piece_end_of_block(struct piece *piece, const struct piece_rules *rules)
{
	const struct queue_options *options = rules->options;
	const struct block_ends *ends = &rules->ends;
	off_t size = size_of_block(piece, options), most = piece->at + size, end;

	if (options->block_records > 0) {
		end = end_of_records(piece, rules, piece->at, options->block_records, piece->at);
		return end == piece->at && piece->is_complete ? piece->end : end;
	}
	if (piece->is_complete && piece->end <= most)
		return piece->end;
	if (!piece->is_complete && piece->end <= most + (off_t)block_ends_ahead(ends))
		return piece->at;
	if (options->records_together > 1) {
		end = end_of_records(piece, rules, piece->at, options->records_together, most);
		end = end == piece->at && piece->is_complete ? piece->search.whole : end;
	} else {
		end = options->exceeds_block ? piece->at : last_end(piece, ends, most);
		/* A record that is larger than a block makes the block larger. */
		if (end == piece->at)
			end =
			    end_of_records(piece, rules, first_behind(piece, ends, size), 1, most);
	}
	return end == piece->at && piece->is_complete ? piece->end : end;
}
