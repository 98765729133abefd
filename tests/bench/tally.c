/*
 * The job that shows who did which work: appends its arguments to a file, a line each, and an empty
 * line, in one write. So the empty lines are the processes, and the others, sorted, are the items.
 *
 * usage: tally FILE ARGUMENT...
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	size_t size = 1, used = 0;

	if (argc < 3)
		errx(1, "usage: tally FILE ARGUMENT...");
	for (int i = 2; i < argc; i++)
		size += strlen(argv[i]) + 1;
	char *lines = malloc(size);
	int fd = open(argv[1], O_WRONLY | O_APPEND);
	if (!lines || fd < 0)
		err(1, "%s", argv[1]);
	for (int i = 2; i < argc; i++) {
		size_t length = strlen(argv[i]);
		memcpy(lines + used, argv[i], length);
		lines[used + length] = '\n';
		used += length + 1;
	}
	lines[used] = '\n';
	if (write(fd, lines, size) != (ssize_t)size)
		err(1, "%s", argv[1]);
	return 0;
}
