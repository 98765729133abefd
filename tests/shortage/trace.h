/*
 * Runs a program with one fault in one of its system calls: made by its threads, by what it
 * forks to go into the background, and by what is to become a job up to its exec, but not by its
 * jobs nor by its guardian. Calls are counted from the entry point of the program: what the loader
 * does before it is none of pexec's.
 *
 * The program is watched with ptrace(2), on x86-64 Linux alone. Once the fault has happened, it
 * runs as fast as it does without.
 */
#ifndef SHORTAGE_TRACE_H
#define SHORTAGE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* System calls have numbers below this. */
enum { TRACE_CALLS = 512, TRACE_ANY_CALL = -1 };

/* What lasts comes to an end, after so many calls: pexec waits as long as it takes. */
enum { LASTING_CALLS = 5 };

enum fault_kind {
	FAULT_NONE,    /* the calls are counted */
	FAULT_ERROR,   /* the nth call fails */
	FAULT_LASTING, /* the nth call fails, and so do some that follow */
	FAULT_SHORT,   /* the nth call moves half of what it was asked to */
	FAULT_SIGNAL,  /* a signal comes just before the nth call */
};

struct fault {
	enum fault_kind kind;
	int call; /* its number, or TRACE_ANY_CALL */
	long nth; /* from 1 */
	int error;
	int signal;
	int64_t term_ms; /* SIGTERM comes this long after the fault, or this long after the start
			  * when it has not happened by then; 0: it does not come */
};

struct traced {
	bool hung;       /* it took longer than allowed, and was killed */
	bool is_daemon;  /* it has gone into the background: `status` is that of the daemon */
	int status;      /* as of wait(2) */
	int descriptors; /* open at its end; -1: unknown */
	long hits;       /* calls that the fault has met */
	long counts[TRACE_CALLS];
	int64_t runtime_ms;
	int64_t after_term_ms; /* it went on for so long after SIGTERM; 0: there was none */
	char stuck[400];       /* what its threads waited for when it hung */
};

/* What is run. */
struct trace_program {
	char *const *argv;
	char *const *environment;
	const char *directory;
	int in, out, err; /* its standard descriptors */
	bool untraced;    /* no fault, and nothing of ptrace(2): it may change its user */
	int64_t most_ms;  /* when it has hung */
};

/* Whether this system lets us trace. */
bool trace_is_possible(void);

/* Runs the program to its end. Whatever else has become our child meanwhile is reaped when it ends.
 */
void trace_run(
    const struct trace_program *program, const struct fault *fault, struct traced *traced);

/* Reaps a child, if one has ended, and lets one go that the kernel has attached as the run ended.
 * Returns its number, 0 if all go on, -1 if there are none. */
pid_t trace_reap(void);

#endif
