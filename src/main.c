/*
 * pexec runs a command once for every item of a queue, a fixed number at a time.
 *
 * The program, from top to bottom. A folder includes only what stands below it:
 *
 *     main.c     the run from start to end
 *     cli/       argv -> struct options: every check on what the user typed
 *     control/   --ctl: who is heard, what can be asked for; the client; the file of -j
 *     pool/      the slots: the life of a slot, of an attempt, of a job; signals, timers, the
 * guardian pace/      how many slots there may be, and when one more job may start queue/     items
 * -> jobs: sources, batches, numbers, what a journal leaves out follow/    a queue that grows:
 * files that are rotated, and where in them a run was record/    what is kept of a job: journal,
 * folder, table, acknowledgement command/   a command line with {} in it -> argv service/   a run
 * that stays: alone, in the background, with a log, under a service manager output/    what jobs
 * print: collected, kept, passed on whole or line by line process/   one process, and what it
 * inherits base/      messages, lists of strings, names, time; what only this system has
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/system.h"
#include "cli/options.h"
#include "command/command_path.h"
#include "command/template.h"
#include "control/ctl_client.h"
#include "control/ctl_server.h"
#include "pool/guardian.h"
#include "pool/pool.h"
#include "pool/supervisor.h"
#include "process/caller_state.h"
#include "process/pid1.h"
#include "queue/queue.h"
#include "record/results_dir.h"
#include "service/daemon.h"
#include "service/log.h"
#include "service/run_lock.h"
#include "service/sd_notify.h"

/* All that a run is made of. */
struct run {
	struct options options;
	struct queue queue;
	struct template *template, *tag;
	struct journal *journal;
	struct pool pool;
	struct ctl_server control;
};

/* What the process itself is set to, before there is anything else. */
static void settle_process(const struct options *options)
{
	char shown[ESCAPED_NAME];

	/* A line of a message is one write, whoever else writes. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	system_save_memory();
	errno = 0;
	if (options->nice != 0 && nice(options->nice) == -1 && errno != 0)
		err(1, "--nice %d", options->nice);
	if (options->directory && chdir(options->directory) != 0)
		err(1, "--chdir %s", escape_name(shown, options->directory));
}

/*
 * Finds the command, once for all jobs; `program` is NULL when each has its own. A command that is
 * not there is said now: exits with 127 when there is none, 126 when it cannot be run.
 */
static char *find_command(const struct options *options, const char *program)
{
	if (!program || options->attempt.dry_run)
		return NULL;
	char *path = command_path(program, options->command.started_in);
	if (!path) {
		char name[ESCAPED_NAME];
		int error = errno;
		escape_name(name, program);
		errno = error;
		err(error == ENOENT ? 127 : 126, "cannot run %s", name);
	}
	return path;
}

/* --results: a table or a folder. */
static void open_results(struct pool *pool, const struct options *options)
{
	const char *name = options->attempt.dry_run ? NULL : options->record.results;
	bool is_table = name && options->record.results_are_table;

	pool->results = name && !is_table ? results_dir_open(name) : -1;
	pool->table =
	    is_table ? results_table_open(name, options->record.journal.resume != RESUME_NO) : NULL;
}

/* Jobs get /dev/null in the place of our standard input. Done once here, it costs a job nothing. */
static void replace_stdin(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		err(1, "/dev/null");
	close(null);
}

/*
 * --joblog. What is only printed is not recorded; but what a run would leave out is not printed,
 * either.
 */
static struct journal *open_journal(const struct options *options)
{
	if (!options->record.journal.path ||
	    (options->attempt.dry_run && !options->record.journal.resume))
		return NULL;
	return journal_open(&options->record.journal);
}

/* All has been opened, and nothing else can be wrong: what earlier runs have left is emptied. */
static void begin_records(struct pool *pool, const struct options *options)
{
	if (pool->journal)
		journal_begin(pool->journal);
	if (pool->table)
		results_table_begin(pool->table);
	if (pool->journal && options->record.journal.sync)
		journal_start_sync(pool->journal, &pool->journal_lost);
}

/* Finds and opens all that the run needs. Whatever is wrong with it ends pexec here. */
static void prepare(struct run *run)
{
	const struct options *options = &run->options;
	struct pool *pool = &run->pool;

	sd_notify_init();
	ctl_server_init(&run->control, &options->control);
	settle_process(options);
	/* A command that is not there is said before anything is read. */
	pool->path = find_command(options, template_literal_program(&options->command));
	run_lock_take(&options->lock);
	log_open(&options->log);
	/* A daemon does not keep what it has no use for, such as a terminal. */
	if (options->daemon && options_jobs_share_stdin(options))
		replace_stdin();
	queue_open(&run->queue, &options->queue);
	run->template = template_compile(&options->command, queue_names(&run->queue));
	run->tag = template_compile_word(
	    &options->command, queue_names(&run->queue), options->command.tag_string);
	if (!pool->path)
		pool->path = find_command(options, template_program(run->template));
	run->journal = open_journal(options);
	queue_set_template(
	    &run->queue, run->template, options->record.journal.resume ? run->journal : NULL);
	pool->journal = options->attempt.dry_run ? NULL : run->journal;
	if (!options_jobs_share_stdin(options))
		replace_stdin(); /* the items have been opened */
	open_results(pool, options);
}

/* Goes into the background where that is wanted, and makes the pool ready for its first slot. */
static void begin(struct run *run)
{
	const struct options *options = &run->options;
	struct pool *pool = &run->pool;

	if (options->daemon)
		daemon_start(&pool->caller);
	supervisor_take_signals(&pool->caller);
	/* nohup, or nobody at the other end: whoever wants the log opened anew still says it. */
	if (options->log.path || options->log.syslog)
		caller_state_unignore(&pool->caller, SIGHUP);
	pool_init(pool, options, &run->queue, run->template, run->tag);
	ctl_server_open(&run->control, pool);
	begin_records(pool, options);
	log_begin();
	ctl_server_start(&run->control);
}

/* The slots are through: what is to be kept and said, and given back. */
static void close_records(struct run *run)
{
	struct pool *pool = &run->pool;

	if (run->journal)
		journal_close(run->journal);
	if (pool->table)
		results_table_close(pool->table);
	queue_report_rest(&run->queue);
	if (run->options.pool.summary) {
		/* Nobody may read it. */
		supervisor_leave_signals();
		statistics_print(&pool->statistics, atomic_load(&pool->left_out));
	}
	pool_free(pool);
}

/*
 * The run is over. Returns the status of pexec, or ends it as a signal did. Where not `all_ended`,
 * a slot could not be waited for: it may still write to what would be closed here, and hold what
 * exit(3) waits for.
 */
static int finish(struct run *run, bool all_ended)
{
	struct pool *pool = &run->pool;

	guardian_dismiss(pool->guardian);
	ctl_server_end(&run->control);
	if (all_ended && pool->journal)
		journal_stop_sync(pool->journal);
	if (pool->journal && journal_is_lost(pool->journal))
		pool_stop(pool, POOL_DRAINING, 1, 0);
	int status = pool_exit_status(pool), signal = pool->signal;
	if (all_ended)
		close_records(run);
	log_end();
	run_lock_end();
	guardian_reap(pool->guardian);
	if (signal)
		die_of_signal(signal);
	if (!all_ended)
		_exit(status);
	template_free(run->template);
	template_free(run->tag);
	queue_close(&run->queue);
	return status;
}

int main(int argc, char *argv[])
{
	static struct run run;

	bool is_first = pid1_stay_behind();
	system_prepare_title(argc, argv);
	message_init();
	caller_state_open_standard();
	caller_state_save(&run.pool.caller);
	supervisor_hold_signals();
	options_parse(&run.options, argc, argv);
	if (options_is_ctl_call(&run.options))
		return ctl_client_call(run.options.control.socket, &run.options.command.words);
	if (run.options.daemon && is_first)
		errx(1, "--daemon: the first process of a container cannot go into the "
			"background, all others end with it; leave the option out");
	prepare(&run);
	begin(&run);
	return finish(&run, supervise(&run.pool));
}
