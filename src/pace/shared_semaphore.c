#include "pace/shared_semaphore.h"
#include "base/features.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"

/* The semaphores of a set. All operations of one semop(2) happen together, or none does. */
enum {
	FREE,    /* ALL less the units that are taken */
	MADE,    /* 1: the others have their values. A new set is all zeros */
	CHECKED, /* the check of the name */
	SET_SIZE
};

/* The value of FREE when no unit is taken: twice as much has to fit, for SEM_UNDO. */
enum { ALL = SEMAPHORE_MOST + 1 };

#if HAVE_SEMTIMEDOP

static int operate(int id, struct sembuf *operations, size_t count, int64_t timeout_ms)
{
	struct timespec time = {
	    .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000};

	return semtimedop(id, operations, count, timeout_ms < 0 ? NULL : &time);
}

#else

/* A wait that has an end is one of many looks: between two of them there is this time. */
static const struct timespec BETWEEN_LOOKS = {.tv_nsec = 50 * 1000000};

static int operate(int id, struct sembuf *operations, size_t count, int64_t timeout_ms)
{
	int64_t until_ms = clock_ms() + timeout_ms;

	for (size_t i = 0; timeout_ms >= 0 && i < count; i++)
		operations[i].sem_flg |= IPC_NOWAIT;
	for (;;) {
		int result = semop(id, operations, count);
		if (result == 0 || timeout_ms < 0 || errno != EAGAIN || clock_ms() >= until_ms)
			return result;
		if (nanosleep(&BETWEEN_LOOKS, NULL) != 0)
			return -1;
	}
}

#endif

/* Gives a new set its values; of several processes at once, one does. */
static int make(const struct shared_semaphore *semaphore)
{
	struct sembuf operations[] = {
	    {MADE, 0, IPC_NOWAIT},
	    {MADE, 1, 0},
	    {FREE, ALL, 0},
	    {CHECKED, (short)semaphore->check, 0},
	};

	return operate(semaphore->id, operations, 4, -1) == 0 || errno == EAGAIN ? 0 : -1;
}

/* Has the set been removed? Then another one is opened. */
static bool was_removed(int error)
{
	return error == EIDRM || error == EINVAL;
}

static int open_set(struct shared_semaphore *semaphore)
{
	for (;;) {
		semaphore->id = semget(semaphore->key, SET_SIZE, IPC_CREAT | 0600);
		if (semaphore->id < 0)
			return -1;
		int check = make(semaphore) == 0 ? semctl(semaphore->id, CHECKED, GETVAL) : -1;
		if (check == semaphore->check)
			return 0;
		if (check >= 0)
			errno = EEXIST;
		if (!was_removed(errno))
			return -1;
	}
}

int shared_semaphore_open(struct shared_semaphore *semaphore, const char *name, unsigned most)
{
	uid_t user = geteuid();
	uint64_t hash = hash_add(hash_add(HASH_BEGIN, &user, sizeof user), name, strlen(name));
	key_t key = (key_t)(hash & 0x7fffffff);

	*semaphore = (struct shared_semaphore){.key = key == IPC_PRIVATE ? 1 : key,
	    .check = 1 + (int)(hash >> 32 & 0x3fff),
	    .most = most};
	return open_set(semaphore);
}

/* As semop(2), also when the set is removed meanwhile. */
static int insist(struct shared_semaphore *semaphore, const struct sembuf *wanted, size_t count,
    int64_t timeout_ms)
{
	struct sembuf operations[2];

	for (;;) {
		for (size_t i = 0; i < count; i++)
			operations[i] = wanted[i];
		if (operate(semaphore->id, operations, count, timeout_ms) == 0)
			return 0;
		if (!was_removed(errno) || open_set(semaphore) != 0)
			return -1;
	}
}

int shared_semaphore_take(struct shared_semaphore *semaphore, int64_t timeout_ms)
{
	short enough = (short)(ALL - (int)semaphore->most + 1);
	/* Waits until so many are free, and in the end takes one of them. */
	const struct sembuf operations[] = {
	    {FREE, (short)-enough, SEM_UNDO},
	    {FREE, (short)(enough - 1), SEM_UNDO},
	};

	return insist(semaphore, operations, 2, timeout_ms);
}

void shared_semaphore_close(struct shared_semaphore *semaphore)
{
	/* Taken back by the kernel should this process end before it has removed the set. */
	struct sembuf all = {FREE, -ALL, IPC_NOWAIT | SEM_UNDO};

	if (semop(semaphore->id, &all, 1) != 0)
		return;
	/* Who begins to wait now is told that it is gone, and makes another one. A set that cannot
	 * be removed stays for whoever comes next. */
	all.sem_op = ALL;
	if (semctl(semaphore->id, 0, IPC_RMID) != 0)
		semop(semaphore->id, &all, 1);
}

void shared_semaphore_give(struct shared_semaphore *semaphore)
{
	struct sembuf give = {FREE, 1, SEM_UNDO};

	semop(semaphore->id, &give, 1);
	shared_semaphore_close(semaphore);
}

int shared_semaphore_await_none(struct shared_semaphore *semaphore)
{
	const struct sembuf operations[] = {{FREE, -ALL, 0}, {FREE, ALL, 0}};

	return insist(semaphore, operations, 2, -1);
}
