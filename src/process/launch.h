/*
 * launch: a program becomes a child of ours.
 */
#ifndef PEXEC_PROCESS_LAUNCH_H
#define PEXEC_PROCESS_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "process/caller_state.h"

/* An entry in memory that children share, for the guardian and for the child up to its exec. */
struct shared_process {
	uint64_t seq; /* of the job while anything of it may be running; 0: none, or it is no job */
	pid_t pid;    /* while the process may be running; otherwise 0 */
	int error;    /* the errno of a failed exec */
	bool used;    /* by a struct process; the first entry that is not used ends the list */
	bool joins;   /* it is in our group: `pid` is no group's number */
};

/* The program that process_start executes. */
struct launch {
	const char *path;
	char *const *arguments;
	char *const *environment;
	const char *directory; /* where it runs; NULL: where pexec does */
	int in;                /* becomes its stdin; 0: that of pexec */
	int out, err;          /* become its stdout and stderr; -1: those of pexec */
	bool spared;  /* it is no job: of the signals that end jobs, only SIGKILL reaches it */
	bool joins;   /* it stays in our group, and with the terminal that this has */
	uint64_t seq; /* of the job; 0: it is none */
	const char
	    *mark; /* a variable in its environment that no other job has; NULL: there is none */
	bool tied; /* the thread that starts it waits for it: it ends with that thread */
	const struct caller_state *caller;
};

/*
 * Starts the program. Returns the number of its process, or -1 with errno. When the exec has failed
 * its errno is in `shared`; where vfork is a fork, as under the thread sanitizer, that is not known
 * before its end.
 */
pid_t launch_process(const struct launch *launch, volatile struct shared_process *shared);

/*
 * Has a thread started a process that has not come to its program yet? Until then it holds all
 * descriptors that we had when it was started, also those that we have closed since.
 */
bool launch_is_under_way(void);

#endif
