/*
 * table_format: how a table of jobs is written: as CSV, TSV or JSON lines.
 *
 * Every byte can be got back. CSV doubles quotes; TSV writes tab, newline, carriage return and
 * backslash as \t \n \r \\, or is CSV with tabs, as GNU parallel has it; JSON is UTF-8, and a byte
 * that is not becomes \udcXX, as in Python's surrogateescape. Errors are kept by the stream, for
 * ferror(3).
 */
#ifndef PEXEC_RECORD_TABLE_FORMAT_H
#define PEXEC_RECORD_TABLE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/strlist.h"
#include "record/append_file.h"
#include "record/json_text.h"

/* A table that is being written. One thread at a time. */
struct table_writer {
	const struct table_format *format;
	FILE *stream;
	struct json_text text; /* JSON: the text that is being written */
};

/* What a format does in its own way. Only the functions below call these. */
struct table_format {
	const char *ending;           /* of a table's name */
	struct append_file_kind file; /* of a table's file */
	bool names_first; /* the first line names the columns; otherwise each record does */
	const char *record_begin,
	    *record_end;       /* around a record, whose first field is the number */
	const char *quote;     /* before and behind a text */
	bool quotes_if_needed; /* only where there is white space, a quote or a separator in it */
	void (*begin_field)(struct table_writer *writer, const char *name);
	void (*put_byte)(struct table_writer *writer, char byte); /* of a text */
	void (*end_text)(struct table_writer *writer); /* before the quote; NULL: nothing to do */
	void (*put_values)(struct table_writer *writer, const struct strlist *values, size_t width);
};

/* The format that the ending of a table's name stands for; NULL: it is not the name of a table. */
const struct table_format *table_format_of(const char *name);

/* The same, as GNU parallel writes it. */
const struct table_format *table_format_of_parallel(const char *name);

/* How many columns of values a table has whose first line, of names, this is. */
size_t table_format_width(const struct table_format *format, const char *line, size_t length);

/* Goes on to the next column. A name is used where each record has them. */
void table_begin_field(struct table_writer *writer, const char *name);

/* The two ends of a text, between which table_put_part writes it, part by part. */
void table_begin_text(struct table_writer *writer);
void table_put_part(struct table_writer *writer, const char *bytes, size_t length);
void table_end_text(struct table_writer *writer);

/* A whole text, and one that is empty. */
void table_put_nothing(struct table_writer *writer);
void table_put_text(struct table_writer *writer, const char *bytes, size_t length);

/* The values of an item: `width` columns, of which those without a value are empty, or in JSON a
 * list of all values. */
void table_put_values(struct table_writer *writer, const struct strlist *values, size_t width);

/* A record was given up: what is left of it here is forgotten, with the errors of the stream. */
void table_writer_reset(struct table_writer *writer);

#endif
