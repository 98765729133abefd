/*
 * options: argv -> struct options.
 *
 * Every check on what the user typed is made here, and every usage error comes from here. Each
 * subsystem declares the options that it acts by in a struct of its own; this one puts them
 * together. Below this folder an option's name stands in messages only.
 */
#ifndef PEXEC_CLI_OPTIONS_H
#define PEXEC_CLI_OPTIONS_H

#include <stdbool.h>

#include "base/terminal.h"
#include "command/template.h"
#include "control/ctl_server.h"
#include "output/output.h"
#include "pace/room_options.h"
#include "pool/pool_options.h"
#include "queue/queue_options.h"
#include "record/event_files.h"
#include "record/record.h"
#include "service/log.h"
#include "service/run_lock.h"

/* What is said of blocks and their records, as it was typed: block_rules makes of it what the queue
 * acts by. */
struct block_texts {
	const char *header; /* --header: N, an expression, or : for a line; NULL: none is given */
	const char *end, *start; /* --recend, --recstart; NULL: not given */
	bool regexp;             /* these are expressions */
};

struct options {
	struct queue_options queue;
	struct block_texts blocks;
	struct command_options command;
	struct record_options record;
	struct event_options events;
	struct output_options output;
	struct pool_options pool;
	struct room_options room;
	struct attempt_options attempt;
	struct control_options control;
	struct log_options log;
	struct run_lock_options lock;
	bool daemon;                 /* run in the background */
	bool steps_aside;            /* the same in the user's session, once a job may start */
	const char *share;           /* --share: the file by which runs share a queue; or NULL */
	struct strings filled;       /* names with {shard} filled in */
	bool share_stdin;            /* jobs have pexec's own standard input */
	const char *directory;       /* where to run: --chdir, or / for a daemon; NULL: here */
	int nice;                    /* added to the niceness */
	enum terminal_colors colors; /* --color */
	bool is_unmanaged;           /* no service manager is told of the run */
};

/*
 * Reads the command line. Exits with status 1 and a message when it is wrong, with 0 after --help
 * and --version.
 */
void options_parse(struct options *options, int argc, char *argv[]);

/*
 * Is the command line a call to another pexec? It is when --ctl is its only option, and the word
 * behind it one of the commands, without a -- before it.
 */
bool options_is_ctl_call(const struct options *options);

/*
 * Is a page asked for of a run that is over? It is when nothing says what is to be run, and
 * --report and --joblog are the only options, or standard input has no commands.
 */
bool options_is_report_call(const struct options *options);

#endif
