#include "queue/value.h"

#include <stdatomic.h>
#include <string.h>

#include "base/message.h"
#include "queue/split.h"

void value_open(const struct queue_options *options, struct reader *reader, int fd,
    int interrupt_fd, size_t limit)
{
	reader_open(reader, fd, interrupt_fd, options->delimiter, limit);
	reader_set_ends(reader, &options->ends);
	if (options->csv)
		reader_read_csv(reader, options->csv_separator);
	if (options->csv || options->header)
		reader_drop_mark(reader);
}

static bool is_last(const struct queue_options *options, const struct record *record)
{
	const char *last = options->end_of_items;

	return last && record->kept == strlen(last) &&
	       memcmp(record->bytes, last, record->kept) == 0;
}

/* Ends the value before the first NUL in it, if there is one, and says so once. */
static void cut_at_nul(const struct queue_options *options, struct record *record)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	const char *nul = memchr(record->bytes, '\0', record->kept);

	if (!nul)
		return;
	record->kept = record->length = (size_t)(nul - record->bytes);
	/* With a delimiter of his own the user knows. */
	if (options->separation != SEPARATE_DELIMITER && !atomic_flag_test_and_set(&said))
		message("WARNING: a NUL character occurred in the input.  It cannot be passed "
			"through in the argument list.  Did you mean to use the --null option?");
}

enum value_kind value_judge(const struct queue_options *options, struct record *record)
{
	/* What is left of a record beyond the limit tells nothing about it. */
	bool whole = record->kept == record->length;

	if (options->cuts_at_nul)
		cut_at_nul(options, record);
	/* The end of a line is CR LF, and may be LF alone. */
	if (options->csv && record->kept > 0 && record->bytes[record->kept - 1] == '\r')
		record->kept--, record->length--;
	if (!split_is_on(options))
		split_trim(options->trim, &record->bytes, &record->kept);
	if (whole && options->no_empty && record->kept == 0)
		return VALUE_LEFT_OUT;
	return whole && is_last(options, record) ? VALUE_LAST : VALUE_ITEM;
}

enum source_status value_status(enum reader_status status)
{
	switch (status) {
	case READER_RECORD:
		return SOURCE_ITEM;
	case READER_END:
		return SOURCE_END;
	case READER_INTERRUPTED:
		return SOURCE_INTERRUPTED;
	case READER_FAILED:
		break;
	}
	return SOURCE_FAILED;
}

enum source_status value_read(
    const struct queue_options *options, struct reader *reader, struct record *record, bool *last)
{
	enum value_kind kind = VALUE_LEFT_OUT;

	while (kind == VALUE_LEFT_OUT) {
		enum source_status status = value_status(reader_next(reader, record));
		if (status != SOURCE_ITEM)
			return status;
		kind = value_judge(options, record);
	}
	*last |= kind == VALUE_LAST;
	return kind == VALUE_LAST ? SOURCE_END : SOURCE_ITEM;
}
