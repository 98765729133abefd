#include "record/report_text.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"

/* The length of a sequence that moves or colours the text of a terminal (ECMA-48, CSI); 0: none. */
static size_t control_sequence(const char *bytes, size_t length)
{
	size_t at = 2;

	if (length < 3 || bytes[0] != '\033' || bytes[1] != '[')
		return 0;
	while (at < length && bytes[at] >= 0x20 && bytes[at] <= 0x3f)
		at++;
	return at < length && bytes[at] >= 0x40 && bytes[at] <= 0x7e ? at + 1 : 0;
}

static const char *entity(char byte)
{
	switch (byte) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Returns whether it is shown as it is. */
static bool put_byte(FILE *page, char byte)
{
	const char *name = entity(byte);
	bool is_plain = (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t';

	if (name)
		fputs(name, page);
	else if (is_plain)
		putc_unlocked(byte, page);
	else
		fprintf(page, "\\x%02x", (unsigned char)byte);
	return is_plain;
}

bool report_put_bytes(FILE *page, const char *bytes, size_t length)
{
	bool is_whole = true;

	for (size_t at = 0; at < length;) {
		size_t character = utf8_printable(bytes + at, length - at);
		if (character > 0)
			fwrite(bytes + at, 1, character, page);
		else
			is_whole &= put_byte(page, bytes[at]);
		at += character > 0 ? character : 1;
	}
	return is_whole;
}

/* The parts of a command as shell_quote_line() writes it. */
enum part { PART_NONE, PART_BARE, PART_QUOTED, PART_ESCAPED };

/* Where a part ends that began with these quotes: behind the last of them; 0: it does not. */
static size_t end_of_quotes(const char *part, size_t length, size_t at, bool has_escapes)
{
	while (at < length && part[at] != '\'')
		at += has_escapes && part[at] == '\\' ? 2 : 1;
	return at < length ? at + 1 : 0;
}

/* The kind of the part that begins a text, and its length. PART_NONE: it is no such part. */
static enum part next_part(const char *text, size_t length, size_t *part)
{
	*part = 1;
	if (length > 1 && memcmp(text, "\\'", 2) == 0)
		return *part = 2, PART_BARE;
	if (isalnum((unsigned char)*text) || (*text && strchr(" +,-./:@_%=", *text)))
		return PART_BARE;
	bool has_escapes = length > 1 && memcmp(text, "$'", 2) == 0;
	if (!has_escapes && *text != '\'')
		return PART_NONE;
	*part = end_of_quotes(text, length, has_escapes ? 2 : 1, has_escapes);
	return *part == 0 ? PART_NONE : has_escapes ? PART_ESCAPED : PART_QUOTED;
}

static bool is_quoted_words(const char *command, size_t length)
{
	for (size_t at = 0, part; at < length; at += part)
		if (next_part(command + at, length - at, &part) == PART_NONE)
			return false;
	return true;
}

/* How many bytes at the beginning of a text can be shown as they are, or cannot. */
static size_t run_of(const char *text, size_t length, bool is_shown)
{
	size_t at = 0;

	while (at < length) {
		bool is_ascii = text[at] >= 0x20 && text[at] < 0x7f;
		size_t character = is_ascii ? 1 : utf8_printable(text + at, length - at);
		if ((character > 0) != is_shown)
			break;
		at += character > 0 ? character : 1;
	}
	return at;
}

/* Writes bytes that cannot be shown within a part. */
static void put_escapes(FILE *page, const char *bytes, size_t length, enum part kind)
{
	fputs(kind == PART_QUOTED ? "&#39;$&#39;" : "", page);
	for (size_t i = 0; i < length; i++)
		fprintf(page, "\\%03o", (unsigned char)bytes[i]);
	fputs(kind == PART_QUOTED ? "&#39;&#39;" : "", page);
}

bool report_put_command(FILE *page, const char *command, size_t length)
{
	if (!is_quoted_words(command, length))
		return report_put_bytes(page, command, length);
	for (size_t at = 0, part; at < length; at += part) {
		enum part kind = next_part(command + at, length - at, &part);
		for (size_t done = 0, run; done < part; done += run) {
			const char *from = command + at + done;
			run = run_of(from, part - done, true);
			report_put_bytes(page, from, run);
			if (run == 0) {
				run = run_of(from, part - done, false);
				put_escapes(page, from, run, kind);
			}
		}
	}
	return true;
}

void report_put_output(FILE *page, const char *bytes, size_t length)
{
	size_t begin = 0;

	for (size_t at = 0; at < length;) {
		size_t control = control_sequence(bytes + at, length - at);
		if (control > 0) {
			report_put_bytes(page, bytes + begin, at - begin);
			begin = at + control;
		}
		at += control > 0 ? control : 1;
	}
	report_put_bytes(page, bytes + begin, length - begin);
}

void report_put_string(FILE *page, const char *text)
{
	report_put_bytes(page, text, strlen(text));
}

const char *report_span(char text[REPORT_NUMBER], double seconds)
{
	if (seconds < 0.9995)
		snprintf(text, REPORT_NUMBER, "%.0f ms", seconds * 1000);
	else if (seconds < 9.95)
		snprintf(text, REPORT_NUMBER, "%.2f s", seconds);
	else if (seconds < 59.95)
		snprintf(text, REPORT_NUMBER, "%.1f s", seconds);
	else if (seconds < 3599.5)
		snprintf(text, REPORT_NUMBER, "%.0f min %02.0f s", floor(round(seconds) / 60),
		    fmod(round(seconds), 60));
	else
		snprintf(text, REPORT_NUMBER, "%.0f h %02.0f min", floor(round(seconds / 60) / 60),
		    fmod(round(seconds / 60), 60));
	return text;
}

const char *report_time(char text[REPORT_NUMBER], double since_1970_s)
{
	time_t time = (time_t)since_1970_s;
	struct tm parts;

	if (!localtime_r(&time, &parts) ||
	    strftime(text, REPORT_NUMBER, "%Y-%m-%d %H:%M:%S", &parts) == 0)
		strlcpy(text, "?", REPORT_NUMBER);
	return text;
}

const char *report_size(char text[REPORT_NUMBER], double bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
	size_t unit = 0;

	for (; bytes >= 1023.5 && unit + 1 < sizeof units / sizeof *units; unit++)
		bytes /= 1024;
	snprintf(text, REPORT_NUMBER, unit > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes,
	    units[unit]);
	return text;
}
