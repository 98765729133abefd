#include "record/json_text.h"

#include <string.h>

/* The bytes of a UTF-8 character that begins like this (RFC 3629); 0 when none does. */
static size_t utf8_length(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Can this byte be number `at` of a character that begins like that? (RFC 3629, section 4) */
static bool utf8_follows(unsigned char first, size_t at, unsigned char byte)
{
	unsigned char least = 0x80, most = 0xbf;

	if (at == 1 && (first == 0xe0 || first == 0xf0))
		least = first == 0xe0 ? 0xa0 : 0x90;
	if (at == 1 && (first == 0xed || first == 0xf4))
		most = first == 0xed ? 0x9f : 0x8f;
	return byte >= least && byte <= most;
}

/* Adds a byte to a character of several bytes, and writes the character when it is complete. */
static void add_to_character(struct json_text *text, FILE *to, char byte)
{
	text->character[text->count++] = byte;
	if (text->count < utf8_length((unsigned char)text->character[0]))
		return;
	/* U+2028 and U+2029 end a line of a script in JavaScript before ECMAScript 2019. */
	if (text->in_html && text->count == 3 && memcmp(text->character, "\xe2\x80", 2) == 0 &&
	    (unsigned char)(byte & 0xfe) == 0xa8)
		fprintf(to, "\\u202%c", (unsigned char)byte == 0xa8 ? '8' : '9');
	else
		fwrite(text->character, 1, text->count, to);
	text->count = 0;
}

static void put_byte(struct json_text *text, FILE *to, char byte)
{
	unsigned char value = (unsigned char)byte, first = (unsigned char)text->character[0];

	if (text->count > 0 && !utf8_follows(first, text->count, value))
		json_text_end(text, to);
	if (value == '"' || value == '\\')
		fprintf(to, "\\%c", value);
	else if (value == '\n')
		fputs("\\n", to);
	else if (value < 0x20 || value == 0x7f || (text->in_html && strchr("<>&", value)))
		fprintf(to, "\\u%04x", value);
	else if (value < 0x80)
		putc_unlocked(value, to);
	else if (text->count > 0 || utf8_length(value) > 0)
		add_to_character(text, to, byte);
	else
		fprintf(to, "\\udc%02x", value);
}

void json_text_put(struct json_text *text, FILE *to, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put_byte(text, to, bytes[i]);
}

void json_text_end(struct json_text *text, FILE *to)
{
	/* What looked like the beginning of a character is none: its bytes are written one by one.
	 */
	for (size_t i = 0; i < text->count; i++)
		fprintf(to, "\\udc%02x", (unsigned char)text->character[i]);
	text->count = 0;
}

void json_text_write(FILE *to, const char *bytes, size_t length)
{
	struct json_text text = {.count = 0};

	putc_unlocked('"', to);
	json_text_put(&text, to, bytes, length);
	json_text_end(&text, to);
	putc_unlocked('"', to);
}
