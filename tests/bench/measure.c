/*
 * Runs a command so many times, and writes to a file what it took: the seconds of all runs
 * together, and the peak memory in kB of the largest process among the command and what it waited
 * for.
 *
 * usage: measure FILE RUNS COMMAND...
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Runs the command once; returns its peak memory. */
static long run(char *const command[])
{
	struct rusage usage;
	int status;

	lseek(STDIN_FILENO, 0, SEEK_SET); /* each run reads the same items */
	pid_t pid = vfork();
	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		err(1, "%s", command[0]);
	if (status != 0)
		errx(1, "%s failed: wait status %#x", command[0], (unsigned)status);
	return usage.ru_maxrss;
}

int main(int argc, char *argv[])
{
	long peak = 0;

	if (argc < 4)
		errx(1, "usage: measure FILE RUNS COMMAND...");
	FILE *file = fopen(argv[1], "we");
	if (!file)
		err(1, "%s", argv[1]);
	double start = now();
	for (int left = atoi(argv[2]); left > 0; left--) {
		long kilobytes = run(argv + 3);
		peak = kilobytes > peak ? kilobytes : peak;
	}
	fprintf(file, "%.6f %ld\n", now() - start, peak);
	if (fclose(file) != 0)
		err(1, "%s", argv[1]);
	return 0;
}
