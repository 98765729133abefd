#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Not printed; in order. The last two code points of each plane are no characters either. */
static const struct {
	uint32_t first, last;
} hidden[] = {
    {0x80, 0x9f}, /* control characters */
    {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x70f, 0x70f}, {0x115f, 0x1160},
    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, /* zero width, marks of direction */
    {0x2028, 0x202e}, /* separators, embeddings and overrides of direction */
    {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfdd0, 0xfdef},
    {0xfe00, 0xfe0f}, /* variation selectors */
    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, /* tags */
};

bool utf8_is_asked_for(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *locale = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names && (!locale || !*locale); i++)
		locale = getenv(names[i]);
	const char *set = locale ? strchr(locale, '.') : NULL;
	if (!set)
		return false;
	size_t length = strcspn(++set, "@");
	return (length == 5 && strncasecmp(set, "UTF-8", length) == 0) ||
	       (length == 4 && strncasecmp(set, "UTF8", length) == 0);
}

/* The length of a character by its first byte; 0: none beyond ASCII begins with it. */
static size_t length_by(unsigned char first)
{
	return first >= 0xc2 && first <= 0xdf ? 2
	       : first >> 4 == 0xe            ? 3
	       : first >> 3 == 0x1e           ? 4
					      : 0;
}

/* Decodes a character of 2 to 4 bytes. Returns 0 for what is none, or is not in its shortest form.
 */
static uint32_t decode(const char *bytes, size_t length)
{
	static const uint32_t least[UTF8_MOST + 1] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code = (unsigned char)*bytes & (0xffu >> (length + 1));

	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)bytes[i] & 0x3f);
	}
	bool is_surrogate = code >> 11 == 0xd800 >> 11;
	return code < least[length] || code > 0x10ffff || is_surrogate ? 0 : code;
}

static bool is_hidden(uint32_t code)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return (code & 0xfffe) == 0xfffe;
}

size_t utf8_printable(const char *bytes, size_t length)
{
	size_t whole = length > 0 ? length_by((unsigned char)*bytes) : 0;

	if (whole == 0 || whole > length)
		return 0;
	uint32_t code = decode(bytes, whole);
	return code && !is_hidden(code) ? whole : 0;
}

size_t utf8_cut(const char *bytes, size_t length, size_t most)
{
	for (size_t back = 1; back < UTF8_MOST && back <= most; back++)
		if (utf8_printable(bytes + most - back, length - most + back) > back)
			return most - back;
	return most;
}

size_t utf8_whole(const char *bytes, size_t length)
{
	for (size_t back = 1; back < UTF8_MOST && back <= length; back++) {
		unsigned char byte = (unsigned char)bytes[length - back];
		if ((byte & 0xc0) != 0x80)
			return length_by(byte) > back ? length - back : length;
	}
	return length;
}
