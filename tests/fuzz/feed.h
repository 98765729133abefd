/*
 * feed: the bytes that a fuzzer is given, taken apart into numbers and strings.
 */
#ifndef FUZZ_FEED_H
#define FUZZ_FEED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
	const uint8_t *at, *end;
};

/* The next byte; 0 behind the end. */
static inline uint8_t feed_byte(struct feed *feed)
{
	return feed->at < feed->end ? *feed->at++ : 0;
}

/*
 * Reads a string, up to a NUL, to `to`, and returns the byte behind it. A byte over 127 stands for
 * one of `tokens`: so that what matters to a parser comes up often.
 */
static inline char *feed_string(
    struct feed *feed, const char *const *tokens, size_t count, char *to)
{
	for (uint8_t byte; (byte = feed_byte(feed)) != 0;) {
		if (byte < 0x80)
			*to++ = (char)byte;
		else
			to = stpcpy(to, tokens[(byte - 0x80u) % count]);
	}
	*to = '\0';
	return to + 1;
}

#endif
