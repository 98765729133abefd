/*
 * load: a job of tests/bench/auto, of parts that come one after the other.
 *
 * usage: load RUNNING LOCK [PART MS]...
 *   cpu MS       so much time of a processor
 *   sleep MS
 *   lock MS      holds a lock that all jobs share (the file LOCK) for so long
 *   collapse MS  sleeps MS * (1 + (n / 4)^2) where n such jobs run at once: they are counted in the
 *                file RUNNING. Each is slowed down as the number changes.
 */
#include <err.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double clock_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void sleep_ms(double ms)
{
	struct timespec time = {(time_t)(ms / 1e3), (long)(ms * 1e6) % 1000000000};

	nanosleep(&time, NULL);
}

static void compute(double ms)
{
	while (clock_ms(CLOCK_PROCESS_CPUTIME_ID) < ms)
		;
}

static void hold_lock(const char *name, double ms)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		err(1, "%s", name);
	sleep_ms(ms);
	close(fd);
}

/* The jobs that run now, in memory that all of them share. */
static atomic_int *counter(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);
	void *memory =
	    fd < 0 ? MAP_FAILED : mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		err(1, "%s", name);
	return memory;
}

static void collapse(const char *name, double ms)
{
	enum { STEP_MS = 2 }; /* so often it looks how many there are */
	atomic_int *running = counter(name);
	double last = clock_ms(CLOCK_MONOTONIC);

	atomic_fetch_add(running, 1);
	while (ms > 0) {
		/* The file begins as digits: their value is taken off. */
		double n = atomic_load(running) - 0x30303030;
		sleep_ms(STEP_MS);
		double now = clock_ms(CLOCK_MONOTONIC);
		ms -= (now - last) / (1 + n * n / 16);
		last = now;
	}
	atomic_fetch_sub(running, 1);
}

int main(int argc, char *argv[])
{
	for (int i = 3; i + 1 < argc && *argv[i]; i += 2) {
		double ms = atof(argv[i + 1]);
		if (strcmp(argv[i], "cpu") == 0)
			compute(ms);
		else if (strcmp(argv[i], "sleep") == 0)
			sleep_ms(ms);
		else if (strcmp(argv[i], "lock") == 0)
			hold_lock(argv[2], ms);
		else
			collapse(argv[1], ms);
	}
	return 0;
}
