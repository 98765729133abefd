/*
 * pexec runs a command once for every item of a queue, a fixed number at a time.
 *
 * The program, from top to bottom; a folder includes only what stands below it (src/README.md
 * tells the rest of the house):
 *
 *     main.c    the run from start to end; run.c puts its parts together
 *
 *     dist/     no part of the program: what is installed beside it, and how that is made
 *     cli/      argv -> struct options: every check on what the user typed
 *     control/  --ctl: the thread that serves clients, what they can ask for; the file of -j
 *     pool/     the slots; the life of a slot, an attempt, a job; the supervisor, the guardian
 *     pace/     how many slots there may be, and when one more job may start
 *     queue/    items -> jobs: read, gather, number, decide by the journal, hand out
 *     follow/   a queue that grows: files that are rotated, and where in them a run was
 *     record/   what is kept of a job: journal, folder, table, acknowledgement
 *     command/  a command line with {} in it -> argv
 *     service/  a run that stays: alone, in the background, with a log, under a manager
 *     output/   what jobs print: collected, kept, passed on whole or line by line
 *     process/  one process, and what it inherits
 *     base/     messages, locks, timers, lists of strings; all that only this system has
 */
#include <err.h>
#include <unistd.h>

#include "base/console.h"
#include "base/escape.h"
#include "base/system_title.h"
#include "cli/options.h"
#include "control/ctl_client.h"
#include "pool/signals.h"
#include "pool/supervisor.h"
#include "process/caller_state.h"
#include "process/pid1.h"
#include "record/report_journal.h"
#include "run.h"
#include "service/daemon.h"

int main(int argc, char *argv[])
{
	static struct run run;
	const struct options *options = &run.options;
	int signal;

	/* The process, before anything changes it. */
	bool is_first = pid1_stay_behind();
	system_prepare_title(argc, argv);
	console_init();
	escape_init();
	caller_state_open_standard();
	caller_state_save(&run.caller);
	signals_hold();

	/* What is asked for. */
	options_parse(&run.options, argc, argv);
	if (options_is_ctl_call(options))
		return ctl_client_call(options->control.socket, &options->command.words);
	if (options_is_report_call(options)) {
		if (options->events.report)
			errx(1,
			    "--report %s: a journal has what a page needs (FILE.html), not a trace",
			    options->events.report);
		return report_journal(options->record.journal.path, options->record.report);
	}
	if (options->daemon && is_first)
		errx(1, "--daemon: the first process of a container cannot go into the "
			"background, all others end with it; leave the option out");

	/* The run. */
	deadlines_init(&run.deadlines);
	run_open(&run);
	if (options->daemon)
		daemon_start(&run.caller);
	if (options->steps_aside)
		daemon_step_aside(&run.caller);
	signals_take(&run.caller);
	signals_drain_on(&run.caller, options->pool.drain_on);
	/* nohup, or no terminal any more: SIGHUP still tells to open the log anew. */
	if (options->log.path || options->log.syslog)
		caller_state_unignore(&run.caller, SIGHUP);
	run_begin(&run);
	bool all_ended = supervise(&run.supervisor);
	int status = run_end(&run, all_ended, &signal);

	/* The end, as a signal would have made it, or with a status. */
	if (signal)
		signals_die(signal);
	if (!all_ended)
		_exit(status); /* a slot may still hold what exit(3) waits for */
	return status;
}
