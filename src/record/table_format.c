#include "record/table_format.h"

#include <string.h>

/* --- CSV and TSV --- */

/* Can a record of a table with names in its first line begin like this, or that line? */
static bool begins_row(const char *bytes, size_t length, bool is_first)
{
	static const char names[] = "Seq";
	(void)is_first;
	size_t compared = length < strlen(names) ? length : strlen(names);

	/* A power cut may leave zeros where bytes were written. */
	return memcmp(bytes, names, compared) == 0 || *bytes == '\0' ||
	       (*bytes >= '0' && *bytes <= '9');
}

static void put_value_columns(
    struct table_writer *writer, const struct strlist *values, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		bool is_there = i < values->count;
		table_begin_field(writer, "");
		table_put_text(writer, is_there ? strlist_at(values, i) : "",
		    is_there ? strlist_length(values, i) : 0);
	}
}

static void csv_begin_field(struct table_writer *writer, const char *name)
{
	(void)name;
	putc_unlocked(',', writer->stream);
}

static void csv_put_byte(struct table_writer *writer, char byte)
{
	if (byte == '"')
		putc_unlocked('"', writer->stream);
	putc_unlocked(byte, writer->stream);
}

static void tsv_begin_field(struct table_writer *writer, const char *name)
{
	(void)name;
	putc_unlocked('\t', writer->stream);
}

static void tsv_put_byte(struct table_writer *writer, char byte)
{
	switch (byte) {
	case '\t':
		fputs("\\t", writer->stream);
		break;
	case '\n':
		fputs("\\n", writer->stream);
		break;
	case '\r':
		fputs("\\r", writer->stream);
		break;
	case '\\':
		fputs("\\\\", writer->stream);
		break;
	default:
		putc_unlocked(byte, writer->stream);
	}
}

/* --- JSON --- */

#define JSON_RECORD_BEGIN "{ \"Seq\": "

static bool begins_object(const char *bytes, size_t length, bool is_first)
{
	(void)is_first;
	size_t compared = length < strlen(JSON_RECORD_BEGIN) ? length : strlen(JSON_RECORD_BEGIN);

	/* A power cut may leave zeros where bytes were written. */
	return memcmp(bytes, JSON_RECORD_BEGIN, compared) == 0 || *bytes == '\0';
}

static void json_begin_field(struct table_writer *writer, const char *name)
{
	fprintf(writer->stream, ", \"%s\": ", name);
}

static void json_put_byte(struct table_writer *writer, char byte)
{
	json_text_put(&writer->text, writer->stream, &byte, 1);
}

static void json_end_text(struct table_writer *writer)
{
	json_text_end(&writer->text, writer->stream);
}

static void json_put_values(struct table_writer *writer, const struct strlist *values, size_t width)
{
	(void)width;
	table_begin_field(writer, "V");
	putc_unlocked('[', writer->stream);
	for (size_t i = 0; i < values->count; i++) {
		fputs(i > 0 ? ", " : "", writer->stream);
		table_put_text(writer, strlist_at(values, i), strlist_length(values, i));
	}
	putc_unlocked(']', writer->stream);
}

/* --- all formats --- */

#define FILE_KIND(is_quoted, begins_file, begins)                                                  \
	{                                                                                          \
		.option = "--results ", .record = "record", .quotes = (is_quoted),                 \
		.begins_with = (begins_file), .begins_record = (begins), .torn = "",               \
		.foreign = ": it does not begin as such a table does: nothing is added",           \
		.foreign_end = ": what it ends with is no record of a table: nothing is added"     \
	}

#define NAMES(separator)                                                                           \
	"Seq" separator "Host" separator "Starttime" separator "JobRuntime" separator              \
	"Send" separator "Receive" separator "Exitval" separator "Signal" separator "Command"

/* A table of rows, with names first, and a byte that separates their fields. */
#define ROWS(ends, separator, is_quoted, begins)                                                   \
	.ending = (ends), .file = FILE_KIND(is_quoted, NAMES(separator), begins_row),              \
	.names_first = true, .record_begin = "", .record_end = "\n", .begin_field = (begins),      \
	.put_values = put_value_columns

#define QUOTED .quote = "\"", .put_byte = csv_put_byte

static const struct table_format formats[] = {
    {ROWS(".csv", ",", true, csv_begin_field), QUOTED},
    {ROWS(".tsv", "\t", false, tsv_begin_field), .quote = "", .put_byte = tsv_put_byte},
    {
	.ending = ".json",
	.file = FILE_KIND(false, JSON_RECORD_BEGIN, begins_object),
	.record_begin = JSON_RECORD_BEGIN,
	.record_end = " }\n",
	.quote = "\"",
	.begin_field = json_begin_field,
	.put_byte = json_put_byte,
	.end_text = json_end_text,
	.put_values = json_put_values,
    },
};

/* Those of GNU parallel that differ. */
static const struct table_format parallel_formats[] = {
    {ROWS(".csv", ",", true, csv_begin_field), QUOTED, .quotes_if_needed = true},
    {ROWS(".tsv", "\t", true, tsv_begin_field), QUOTED, .quotes_if_needed = true},
};

static const struct table_format *find_format(
    const char *name, const struct table_format *among, size_t count)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending && i < count; i++)
		if (strcmp(ending, among[i].ending) == 0)
			return &among[i];
	return NULL;
}

const struct table_format *table_format_of(const char *name)
{
	return find_format(name, formats, sizeof formats / sizeof *formats);
}

const struct table_format *table_format_of_parallel(const char *name)
{
	const struct table_format *found =
	    find_format(name, parallel_formats, sizeof parallel_formats / sizeof *parallel_formats);

	return found ? found : table_format_of(name);
}

size_t table_format_width(const struct table_format *format, const char *line, size_t length)
{
	char separator = format->file.begins_with[strlen("Seq")];
	size_t fields = 1, others = 2; /* Stdout, Stderr */

	for (const char *at = format->file.begins_with; *at; at++)
		others += *at == separator;
	for (size_t i = 0; i < length; i++)
		fields += line[i] == separator;
	return fields > others + 1 ? fields - others - 1 : 0;
}

void table_begin_field(struct table_writer *writer, const char *name)
{
	writer->format->begin_field(writer, name);
}

void table_begin_text(struct table_writer *writer)
{
	fputs(writer->format->quote, writer->stream);
}

void table_put_part(struct table_writer *writer, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		writer->format->put_byte(writer, bytes[i]);
}

void table_end_text(struct table_writer *writer)
{
	if (writer->format->end_text)
		writer->format->end_text(writer);
	fputs(writer->format->quote, writer->stream);
}

void table_put_nothing(struct table_writer *writer)
{
	if (!writer->format->quotes_if_needed) {
		table_begin_text(writer);
		table_end_text(writer);
	}
}

/* Does a text need no quotes? */
static bool is_bare(const struct table_format *format, const char *bytes, size_t length)
{
	char separator = format->file.begins_with[strlen("Seq")];

	for (size_t i = 0; i < length; i++)
		if (bytes[i] == separator || !bytes[i] || strchr(" \t\n\r\v\f\"", bytes[i]))
			return false;
	return true;
}

void table_put_text(struct table_writer *writer, const char *bytes, size_t length)
{
	if (writer->format->quotes_if_needed && is_bare(writer->format, bytes, length)) {
		table_put_part(writer, bytes, length);
		return;
	}
	table_begin_text(writer);
	table_put_part(writer, bytes, length);
	table_end_text(writer);
}

void table_put_values(struct table_writer *writer, const struct strlist *values, size_t width)
{
	writer->format->put_values(writer, values, width);
}

void table_writer_reset(struct table_writer *writer)
{
	fpurge(writer->stream);
	clearerr(writer->stream);
	writer->text.count = 0;
}
