#include "base/nameless_file.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int nameless_file(const char *folder, char **left)
{
	char *name = NULL;
	int fd;

	*left = NULL;
#if HAVE_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	if (asprintf(&name, "%s/pexec.XXXXXX", folder) < 0)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0 && unlink(name) != 0)
		*left = name;
	else
		free(name);
	return fd;
}

/* The one reader at a time has the same offset as we. */
static int again_by_copy(int file)
{
	int fd = fcntl(file, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

#if HAVE_MEMFD
int nameless_file_in_memory(void)
{
	return memfd_create("pexec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

void nameless_file_seal(int file)
{
	fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
}

int nameless_file_again(int file)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	return again_by_copy(file); /* there is no /proc */
}
#else
int nameless_file_in_memory(void)
{
	errno = ENOSYS;
	return -1;
}

void nameless_file_seal(int file)
{
	(void)file;
}

int nameless_file_again(int file)
{
	return again_by_copy(file);
}
#endif
