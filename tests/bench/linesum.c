/*
 * A checksum of lines that does not depend on their order: bytes, lines, and the sum of a hash of
 * each line (FNV-1a). What stands behind the last newline is a line too.
 *
 * usage: linesum < FILE
 */
#include <inttypes.h>
#include <stdio.h>

enum { BLOCK = 65536 };

static const uint64_t BASIS = 0xcbf29ce484222325, PRIME = 0x100000001b3;

int main(void)
{
	static unsigned char block[BLOCK];
	uint64_t bytes = 0, lines = 0, sum = 0, hash = BASIS;

	for (size_t got; (got = fread(block, 1, sizeof block, stdin)) > 0; bytes += got)
		for (size_t i = 0; i < got; i++) {
			hash = (hash ^ block[i]) * PRIME;
			if (block[i] == '\n') {
				sum += hash;
				hash = BASIS;
				lines++;
			}
		}
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", bytes, lines, sum + hash);
	return ferror(stdin) != 0;
}
