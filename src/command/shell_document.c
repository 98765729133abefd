/* Here-documents. */
#include <string.h>

#include "command/shell_reader.h"

/* Does a line at `at` that ends at `stop` end the document? */
static bool is_document_end(
    const struct row *row, const struct pending_document *document, size_t at, size_t stop)
{
	while (document->strips_tabs && at < stop && row->units[at].code == '\t')
		at++;
	if (stop - at != strlen(document->end))
		return false;
	for (size_t i = 0; at + i < stop; i++)
		if (row->units[at + i].code != (unsigned char)document->end[i])
			return false;
	return true;
}

static size_t line_end(const struct row *row, size_t at)
{
	while (at < row->end && row->units[at].code != '\n')
		at++;
	return at;
}

/* The text of a document without quotes: $, backquotes and backslashes count. */
static void read_document_text(struct row *row)
{
	for (int code; (code = row_peek(row, 0)) != CODE_END;) {
		if (row_at_span(row)) {
			row_place(row, FORM_QUOTED);
			continue;
		}
		row_next(row);
		read_expansion(row, code, true);
	}
}

static void read_document(struct row *row, const struct pending_document *document)
{
	size_t at = row->at, stop;

	for (;; at = stop + 1) {
		stop = line_end(row, at);
		if (is_document_end(row, document, at, stop))
			break;
		if (stop >= row->end) {
			/* A placeholder that was added may be the reason. */
			row_fail(row, row->units[row->end].at, "a here-document does not end");
			return;
		}
		/* Shells differ about an end that a backslash before it takes into another line. */
		if (!document->quoted && stop > at && row->units[stop - 1].code == '\\' &&
		    is_document_end(row, document, stop + 1, line_end(row, stop + 1)))
			row_doubt(row, "in a here-document with a backslash before its end");
	}
	struct row text = row_part(row, row->units, at);
	text.at = row->at;
	text.in_document = true;
	if (!document->quoted)
		read_document_text(&text);
	for (; document->quoted && row->at < at; row->at++)
		if (row_at_span(row))
			row_refuse(row, "in a here-document whose end is quoted: "
					"nothing is replaced there");
	row->at = stop < row->end ? stop + 1 : stop;
}

void read_documents(struct row *row)
{
	if (row->pending_outer > 0)
		row_doubt(row, "behind a line break within ( ) on the line of a here-document");
	for (unsigned i = row->pending_outer; i < row->pending_count; i++)
		read_document(row, &row->pending[i]);
	row->pending_count = row->pending_outer;
}

void announce_document(struct row *row)
{
	struct pending_document document = {.strips_tabs = row_skip(row, '-')};

	row_skip_blanks(row);
	size_t at = row_offset(row), spans = row->reading->placed;
	struct word_state word = {.role = ROLE_DELIMITER};
	for (size_t ahead = 0; row_peek(row, ahead) > ' ' && row_peek(row, ahead) < CODE_SPAN;
	     ahead++)
		if (strchr("$`", row_peek(row, ahead)))
			row_doubt(row, "behind a here-document whose end has a $ or ` in it");
	read_word(row, &word);
	if (row->reading->placed > spans) {
		row_fail(row, at, "a placeholder cannot be the end of a here-document");
		return;
	}
	document.quoted = word.quoted;
	if (word.length >= LITERAL_BYTES || row->pending_count == MOST_PENDING) {
		row_fail(row, at, "here-documents are too many, or their end is too long");
		return;
	}
	memcpy(document.end, word.literal, sizeof document.end);
	row->pending[row->pending_count++] = document;
}
