#include "record/report_text.h"

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
