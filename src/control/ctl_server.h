/*
 * control: a thread that obeys clients on a Unix socket (--ctl), and follows the file of -j.
 *
 * A client sends one request, a line of a command and its argument, and gets one answer: `ok` and a
 * newline before what it says, or `error`, a blank and the reason. A request that begins with a NUL
 * byte ends with one instead of a newline. An answer may go on while the run does (ctl_follower.h).
 * Whatever a client does or leaves undone, it costs the
 * pool nothing: no slot waits for it, and what it may send and how long it may take are bounded.
 *
 * There is no thread unless one of the two is wanted.
 */
#ifndef PEXEC_CONTROL_CTL_SERVER_H
#define PEXEC_CONTROL_CTL_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "base/strlist.h"
#include "control/ctl_commands.h"
#include "control/run_notes.h"
#include "control/slots_file.h"

struct control_options {
	const char *socket;     /* --ctl, its name; NULL: none */
	const char *slots_file; /* -j FILE; NULL: -j is a number */
	const char *started_in; /* names are relative to that; NULL: to the working directory */
	unsigned given;         /* options on the command line */
	const struct strings *words; /* the command on the command line, for messages */
};

/* More clients than that take the place of the one that has been there for the longest time. */
enum { MOST_CLIENTS = 16 };

/* So many of these at most stay to follow the run; one more is refused. */
enum { MOST_FOLLOWERS = 8 };

struct ctl_client {
	int fd;                        /* -1: this place is free */
	int64_t deadline_ms;           /* when it is sent away, of clock_ms() */
	char *request;                 /* pages of its own, given back whole: what has come of it */
	size_t used;                   /* bytes of that */
	char *answer;                  /* NULL: the request is not complete */
	size_t length, sent;           /* of the answer */
	struct ctl_follower *follower; /* the answer goes on; NULL: this is all of it */
	bool has_more;                 /* there is more of it at once */
	bool is_patient;               /* it may take its time with it: it is a pager, perhaps */
};

struct ctl_server {
	const struct control_options *options;
	const struct ctl_parts *parts;
	char *path;           /* of the socket; NULL: none */
	int listener;         /* -1: none */
	int64_t accept_at_ms; /* no client is let in before, of clock_ms(): there was no room */
	struct ctl_client clients[MOST_CLIENTS];
	struct run_notes notes; /* where there is a socket */
	bool has_file;          /* of -j */
	struct slots_file file; /* that one */
	struct interrupt look;  /* is raised when the thread has something to send, or `ends` */
	atomic_bool ends;
	pthread_t thread;
	bool runs;
};

/*
 * Takes the names of the socket and of the file while the working directory is the one that they
 * were typed in. Exits with status 1 and a message when another pexec listens on that socket.
 */
void ctl_server_init(struct ctl_server *control, const struct control_options *options);

/*
 * Opens the socket, and the file. A socket without a listener is replaced; exits with status 1 and
 * a message when it cannot be had.
 */
void ctl_server_open(struct ctl_server *control, const struct ctl_parts *parts);

/* Starts the thread: from now on clients are heard. */
void ctl_server_start(struct ctl_server *control);

/* Ends the thread, removes the socket, and lets those who follow the run have the end of it: while
 * they read, or with `is_hurried` and from a signal on, for a second. */
void ctl_server_end(struct ctl_server *control, bool is_hurried);

#endif
