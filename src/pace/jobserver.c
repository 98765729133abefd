#include "pace/jobserver.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* What a token is when we make it; make has the same. */
static const unsigned char TOKEN = '+';

/* Makes it empty. Exits with status 1 and a message without memory. */
static void prepare(struct jobserver *jobserver)
{
	*jobserver = (struct jobserver){.take = -1, .give = -1};
	lock_init(&jobserver->lock, LOCK_PACE);
	/* Pages that are never written to cost nothing. */
	jobserver->taken = mmap(NULL, sizeof *jobserver->taken, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (jobserver->taken == MAP_FAILED)
		err(1, "sharing slots");
}

/* --- as a client --- */

/* The value of the last word of `flags` that begins with `option`; NULL: there is none. Behind
 * `--` are variables. */
static const char *last_option(const char *flags, const char *option)
{
	const char *value = NULL;
	size_t length = strlen(option);

	for (const char *word = flags; *word;) {
		word += strspn(word, " ");
		if (strncmp(word, "--", 2) == 0 && strchr(" ", word[2]))
			break;
		if (strncmp(word, option, length) == 0)
			value = word + length;
		word += strcspn(word, " ");
	}
	return value;
}

/* The N of the -jN in `flags`; 0: there is none. */
static unsigned slots_of(const char *flags)
{
	const char *value = last_option(flags, "-j");
	unsigned long slots = value ? strtoul(value, NULL, 10) : 0;

	return slots < INT_MAX ? (unsigned)slots : 0;
}

static bool is_fifo(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* A pipe that is inherited is shared with others: only a description of our own may be made
 * non-blocking. Where none can be had, two that reach for the last token can hold each other up. */
static int reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int own = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static bool join_pipe(struct jobserver *jobserver, const char *auth)
{
	int take, give;

	if (sscanf(auth, "%d,%d", &take, &give) != 2 || take < 0 || give < 0 || !is_fifo(take) ||
	    !is_fifo(give))
		return false;
	jobserver->take = reopen(take);
	jobserver->give = fcntl(give, F_DUPFD_CLOEXEC, 0);
	return jobserver->take >= 0 && jobserver->give >= 0;
}

static bool join_fifo(struct jobserver *jobserver, const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof name, "%.*s", (int)strcspn(path, " "), path);
	jobserver->take = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	jobserver->give = jobserver->take;
	return jobserver->take >= 0 && is_fifo(jobserver->take);
}

enum jobserver_found jobserver_join(struct jobserver *jobserver, const char *flags)
{
	const char *auth = flags ? last_option(flags, "--jobserver-auth=") : NULL;

	/* Its name up to make 4.1. */
	if (flags && !auth)
		auth = last_option(flags, "--jobserver-fds=");
	if (!auth)
		return JOBSERVER_NONE;
	prepare(jobserver);
	jobserver->slots = slots_of(flags);
	bool found = strncmp(auth, "fifo:", 5) == 0 ? join_fifo(jobserver, auth + 5)
						    : join_pipe(jobserver, auth);
	return found ? JOBSERVER_FOUND : JOBSERVER_CLOSED;
}

/* --- as a server --- */

/* Does the make that jobs will find understand a FIFO? Also where there is none: others do. */
static bool make_knows_fifos(void)
{
	int major = 0, minor = 0;
	FILE *make = popen("exec 2>/dev/null; command -v make >&2 && make --version", "re");

	if (!make)
		return false;
	bool told = fscanf(make, "GNU Make %d.%d", &major, &minor) == 2;
	pclose(make);
	return !told || major > 4 || (major == 4 && minor >= 4);
}

/* Makes a FIFO in a folder of its own. */
static void make_fifo(struct jobserver *jobserver)
{
	const char *folder = getenv("TMPDIR");
	char *path = jobserver->path;

	snprintf(path, sizeof jobserver->path, "%s/pexec-jobserver.XXXXXX",
	    folder && *folder ? folder : "/tmp");
	if (!mkdtemp(path))
		err(1, "--jobserver: making %s", path);
	strlcat(path, "/fifo", sizeof jobserver->path);
	if (mkfifo(path, 0600) != 0)
		err(1, "--jobserver: making %s", path);
	jobserver->take = jobserver->give = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (jobserver->take < 0)
		err(1, "--jobserver: opening %s", path);
}

/* Makes a pipe that jobs inherit: its ends are not close-on-exec, as they are meant for all. */
static void make_pipe(struct jobserver *jobserver, int ends[2])
{
	if (pipe(ends) != 0)
		err(1, "--jobserver");
	jobserver->take = reopen(ends[0]);
	jobserver->give = ends[1];
	if (jobserver->take < 0)
		err(1, "--jobserver");
}

/* Lets jobs know, behind what MAKEFLAGS has already. */
static void announce(const struct jobserver *jobserver, const int ends[2])
{
	const char *before = getenv("MAKEFLAGS");
	char *flags, where[PATH_MAX + 8];

	if (*jobserver->path)
		snprintf(where, sizeof where, "fifo:%s", jobserver->path);
	else
		snprintf(where, sizeof where, "%d,%d", ends[0], ends[1]);
	if (asprintf(&flags, "%s -j%u --jobserver-auth=%s", before ? before : "", jobserver->total,
		where) < 0 ||
	    setenv("MAKEFLAGS", flags, 1) != 0)
		err(1, "--jobserver");
	free(flags);
}

void jobserver_serve(struct jobserver *jobserver, unsigned total)
{
	int ends[2] = {-1, -1};

	prepare(jobserver);
	jobserver->serves = true;
	if (make_knows_fifos())
		make_fifo(jobserver);
	else
		make_pipe(jobserver, ends);
	jobserver_set_total(jobserver, total);
	announce(jobserver, ends);
}

/* --- tokens --- */

/* Writes one. */
static bool put(int give, unsigned char token)
{
	ssize_t written;

	while ((written = write(give, &token, 1)) < 0 && errno == EINTR)
		;
	return written == 1;
}

/* Gives one back that was taken. If it cannot be written it is kept for the next that wants one. */
static void put_back(struct jobserver *jobserver)
{
	volatile struct jobserver_tokens *taken = jobserver->taken;

	if (put(jobserver->give, taken->bytes[taken->count - 1]))
		taken->count--;
	else
		jobserver->kept++;
}

/* Takes one that was kept. */
static bool take_kept(struct jobserver *jobserver)
{
	if (jobserver->kept == 0)
		return false;
	jobserver->kept--;
	return true;
}

void jobserver_set_total(struct jobserver *jobserver, unsigned total)
{
	volatile struct jobserver_tokens *taken = jobserver->taken;

	lock_take(&jobserver->lock);
	for (; jobserver->total < total; jobserver->total++) {
		if (jobserver->owed > 0) {
			jobserver->owed--;
			continue;
		}
		taken->bytes[taken->count++] = TOKEN;
		put_back(jobserver);
	}
	jobserver->owed += jobserver->total - total;
	jobserver->total = total;
	lock_release(&jobserver->lock);
}

/* Reads one: 1, or 0 at the end, or -1 with errno. It is noted at once, should we be killed. */
static ssize_t read_token(struct jobserver *jobserver)
{
	volatile struct jobserver_tokens *taken = jobserver->taken;
	unsigned char byte;

	ssize_t length = read(jobserver->take, &byte, 1);
	if (length == 1) {
		taken->bytes[taken->count] = byte;
		taken->count++;
	}
	return length;
}

bool jobserver_take(struct jobserver *jobserver, const struct interrupt *stop)
{
	struct pollfd fds[] = {{.fd = jobserver->take, .events = POLLIN},
	    {.fd = interrupt_descriptor(stop), .events = POLLIN}};

	for (;;) {
		lock_take(&jobserver->lock);
		bool was_kept = take_kept(jobserver);
		lock_release(&jobserver->lock);
		if (was_kept)
			return true;
		io_await(fds, 2, -1);
		errno = 0;
		if (interrupt_count(stop) > 0)
			return false;
		/* Another process may have been faster. */
		lock_take(&jobserver->lock);
		ssize_t length = read_token(jobserver);
		lock_release(&jobserver->lock);
		if (length == 1)
			return true;
		if (length == 0)
			errno = EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return false;
	}
}

void jobserver_give(struct jobserver *jobserver)
{
	volatile struct jobserver_tokens *taken = jobserver->taken;

	lock_take(&jobserver->lock);
	if (jobserver->owed > 0) {
		jobserver->owed--;
		taken->count--;
	} else {
		put_back(jobserver);
	}
	lock_release(&jobserver->lock);
}

/* Removes the FIFO of a server, and its folder. */
static void remove_fifo(const char *fifo)
{
	char path[PATH_MAX];

	strlcpy(path, fifo, sizeof path);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

void jobserver_bury(const struct jobserver *jobserver)
{
	volatile struct jobserver_tokens *taken = jobserver->taken;

	if (atomic_exchange(&taken->buried, true))
		return;
	while (!jobserver->serves && taken->count > 0) {
		taken->count--;
		put(jobserver->give, taken->bytes[taken->count]);
	}
	if (*jobserver->path)
		remove_fifo(jobserver->path);
}

void jobserver_close(struct jobserver *jobserver)
{
	jobserver_bury(jobserver);
	munmap((void *)jobserver->taken, sizeof *jobserver->taken);
	if (jobserver->give != jobserver->take)
		close(jobserver->give);
	close(jobserver->take);
	lock_destroy(&jobserver->lock);
}
