/*
 * system: what this machine grants us. All that only Linux has stands here, with a portable way
 * beside it.
 */
#ifndef PEXEC_BASE_SYSTEM_H
#define PEXEC_BASE_SYSTEM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/*
 * The processors that this process may use: its affinity mask, bounded by the cgroup's CPU quota
 * (versions 1 and 2, every level up to the root), rounded up; at least 1.
 */
unsigned system_cpus(void);

/*
 * The processes that this user may still be able to start: the lower of the process limit and the
 * cgroup's. An upper bound: others use up the same limits.
 */
unsigned long system_processes(void);

/*
 * Makes the soft descriptor limit at least `needed`, as far as the hard one allows. Returns how
 * many descriptors there may be now.
 */
unsigned long system_descriptors(unsigned long needed);

/* The bytes that one argument may have, its NUL included. */
size_t system_word_bytes(void);

/* From now on orphans among our descendants become our children, where the system can do that. */
void system_adopt_orphans(void);

/*
 * Moves bytes from a pipe to a descriptor, or from a file at `at` to a descriptor, without a copy
 * of ours in between. Return as write(2); with EINVAL or ENOSYS where that cannot be done, and
 * somebody has to copy.
 */
ssize_t system_pipe_to(int to, int pipe, size_t length);
ssize_t system_file_to(int to, int file, off_t at, size_t length);

/*
 * Lets a pipe hold so many bytes, or as many as the user may have, if that is more than it does. A
 * descriptor of another kind stays as it is.
 */
void system_widen_pipe(int fd, int bytes);

/*
 * Memory for much data, zeroed: of pages as large as there are, because a fault for each small one
 * takes longer than the copy of what it holds. NULL with errno without memory.
 */
enum { SYSTEM_LARGE = 2 * 1024 * 1024 };
void *system_large_memory(void);
void system_large_free(void *memory);

/*
 * Starts a process that runs `run` in our own memory. Returns its number, or -1 with errno, ENOSYS
 * where it could not be told of our death.
 */
pid_t system_start_companion(int (*run)(void *context), void *context);

/* In the companion: waits until the process that started it is dead. False: it cannot be told. */
bool system_await_death_of(pid_t parent);

/*
 * In the companion, once pexec is dead: closes what it shares with it, so that locks are free and
 * readers see the end.
 */
void system_close_all(void);

/*
 * A descriptor that becomes readable when this child of ours has ended, to be closed; -1 where the
 * system has none.
 */
int system_process_descriptor(pid_t child);

/* Waits for the end of the companion. */
void system_reap_companion(pid_t companion);

/*
 * The children of the main thread: orphans that it has adopted, and its companion. Returns how many
 * there are in `children`, `most` at most.
 */
size_t system_children(pid_t *children, size_t most);

/*
 * Waits until one of these signals, all of them blocked, is pending for the thread, but does not
 * take it; or until the timeout is over (NULL: none); or until nobody reads any more what is
 * written to the pipe `pipe` (-1: there is none): then returns true. `watch` is -1 at first, and
 * kept for the next call.
 */
bool system_await_signal(
    int *watch, const sigset_t *signals, const struct timespec *timeout, int pipe);

/*
 * Prepares for setproctitle(3), which writes over the words of the command line and the
 * environment. Call it before anything points to them.
 */
void system_prepare_title(int argc, char *argv[]);

/* What ps(1) shows in the place of the command line, behind the program's name. */
void system_set_title(const char *title);

/*
 * Opens a FIFO, or the one that descriptor `standard_input` is when the name is "-", for reading so
 * that it stays open: as if it always had a writer. Returns its descriptor, or -1 with errno.
 */
int system_open_fifo(const char *name, int standard_input);

/* Is this a pipe without a name, which nobody can open? */
bool system_is_unnamed_pipe(int fd);

/* Asks the C library to keep its memory small where there are many threads. */
void system_save_memory(void);

/* The name of a signal without SIG, as "TERM"; NULL when there is none. */
const char *system_signal_name(int signal);

/* The bytes that a command line may have beside this environment, pointers included. */
size_t system_argument_bytes(void);

#endif
