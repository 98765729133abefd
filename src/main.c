/*
 * pexec runs a command once for every item of a queue, a fixed number at a time.
 *
 * The program, from top to bottom; calls go downwards only:
 *
 *     main          the run from start to end, as a table of contents
 *     init          the duties of process 1, for containers
 *     options       argv -> struct options: every check on what the user typed
 *     client        asks a pexec that runs (--ctl)
 *     supervisor    the main thread: signals, deadlines, slots up and down
 *     daemon        the way into the background
 *     log           where our stdout and stderr go: --log
 *     relay         the way to syslogd
 *     instance      one run at a time: --lock and --pidfile
 *     control       a thread that obeys clients, and follows the file of -j
 *     listener      the socket of --ctl, and how a run comes by it
 *     file_watch    tells when the file of -j has changed
 *     slot_count    how many slots a number stands for
 *     notify        tells the service manager how pexec is doing
 *     status        what the run has come to so far, in words and as JSON
 *     slot          the life of a job: read this one first
 *     acknowledge   tells whatever holds the queue what became of a job: --done, --failed
 *     pool          what the slots share: how many there are, the state, the counters
 *     statistics    what the jobs have come to
 *     queue         items -> jobs: numbers, batches
 *     job           one of them, as it is handed on
 *     source        where items come from: stdin, files, lists
 *     fetch         the commands that give items: --source, --next
 *     follow        records from a file that grows and is rotated
 *     generation    one of the files that a followed name has stood for
 *     rotation      the files that have had a name, one after the other
 *     position      where in them the jobs of earlier runs were
 *     watch         tells when files grow and names change; all that only Linux has of that
 *     columns       an item -> its columns
 *     journal       the file of --joblog, and what it says of earlier runs
 *     reader        records from one descriptor, as they arrive
 *     template      a command line with {} in it -> argv
 *     guardian      ends the jobs when pexec itself is killed
 *     spawn         a process: start, signal, wait
 *     inherit       what jobs get from whoever started pexec
 *     results       a folder with what came of each job
 *     table         records of jobs in a file
 *     output        collects what jobs print, and who may write to our stdout and stderr when
 *     capture       what one job prints: its pipes, and what is kept of it
 *     store         bytes that are kept: memory, then an unlinked file
 *     say           pexec's own messages, and the right to write
 *     transfer      complete writes
 *     system        what this machine grants us; all that only Linux has
 *     visible       bytes from outside, made safe to print
 *     words         lists of byte strings
 *     place         names of files that hold in any directory
 *     variables     what jobs are told in their environment
 *     clock         the time
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"
#include "control.h"
#include "daemon.h"
#include "guardian.h"
#include "inherit.h"
#include "init.h"
#include "instance.h"
#include "log.h"
#include "notify.h"
#include "options.h"
#include "pool.h"
#include "queue.h"
#include "results.h"
#include "say.h"
#include "supervisor.h"
#include "system.h"
#include "template.h"
#include "visible.h"

/* All that a run is made of. */
struct run {
	struct options options;
	struct queue queue;
	struct template *template, *tag;
	struct journal *journal;
	struct pool pool;
	struct control control;
};

/* What the process itself is set to, before there is anything else. */
static void settle_process(const struct options *options)
{
	char shown[VISIBLE_NAME];

	/* A line of a message is one write, whoever else writes. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	system_save_memory();
	errno = 0;
	if (options->nice != 0 && nice(options->nice) == -1 && errno != 0)
		err(1, "--nice %d", options->nice);
	if (options->directory && chdir(options->directory) != 0)
		err(1, "--chdir %s", visible_name(shown, options->directory));
}

/*
 * Finds the command, once for all jobs; `program` is NULL when each has its own. A command that is
 * not there is said now: exits with 127 when there is none, 126 when it cannot be run.
 */
static char *find_command(const struct options *options, const char *program)
{
	if (!program || options->dry_run)
		return NULL;
	char *path = command_find(program, options->started_in);
	if (!path) {
		char name[VISIBLE_NAME];
		int error = errno;
		visible_name(name, program);
		errno = error;
		err(error == ENOENT ? 127 : 126, "cannot run %s", name);
	}
	return path;
}

/* --results: a table or a folder. */
static void open_results(struct pool *pool, const struct options *options)
{
	const char *name = options->dry_run ? NULL : options->results;
	bool is_table = name && options->into_table;

	pool->results = name && !is_table ? results_open(name) : -1;
	pool->table = is_table ? table_open(name, options->resume != RESUME_NO) : NULL;
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
	if (!options->journal || (options->dry_run && !options->resume))
		return NULL;
	return journal_open(options);
}

/* --sync cannot be kept: no job runs whose line may not be safe. */
static void end_unsafe_run(void *context)
{
	pool_stop(context, POOL_DRAINING, 1, 0);
}

/* All has been opened, and nothing else can be wrong: what earlier runs have left is emptied. */
static void begin_records(struct pool *pool, const struct options *options)
{
	if (pool->journal)
		journal_begin(pool->journal);
	if (pool->table)
		table_begin(pool->table);
	if (pool->journal && options->journal_sync)
		journal_start_sync(pool->journal, end_unsafe_run, pool);
}

/* Finds and opens all that the run needs. Whatever is wrong with it ends pexec here. */
static void prepare(struct run *run)
{
	const struct options *options = &run->options;
	struct pool *pool = &run->pool;

	notify_init();
	control_init(&run->control, options);
	settle_process(options);
	/* A command that is not there is said before anything is read. */
	pool->path = find_command(options, template_literal_program(options));
	instance_begin(options);
	log_open(options);
	/* A daemon does not keep what it has no use for, such as a terminal. */
	if (options->daemon && options_jobs_share_stdin(options))
		replace_stdin();
	queue_open(&run->queue, options);
	run->template = template_compile(options, queue_names(&run->queue));
	run->tag = template_compile_word(options, queue_names(&run->queue), options->tag_string);
	if (!pool->path)
		pool->path = find_command(options, template_program(run->template));
	run->journal = open_journal(options);
	queue_set_template(&run->queue, run->template, options->resume ? run->journal : NULL);
	pool->journal = options->dry_run ? NULL : run->journal;
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
		daemon_start(&pool->inheritance);
	supervisor_take_signals(&pool->inheritance);
	/* nohup, or nobody at the other end: whoever wants the log opened anew still says it. */
	if (options->log || options->syslog)
		inherit_unignore(&pool->inheritance, SIGHUP);
	pool_init(pool, options, &run->queue, run->template, run->tag);
	control_open(&run->control, pool);
	begin_records(pool, options);
	log_begin();
	control_start(&run->control);
}

/* The slots are through: what is to be kept and said, and given back. */
static void close_records(struct run *run)
{
	struct pool *pool = &run->pool;

	if (run->journal)
		journal_close(run->journal);
	if (pool->table)
		table_close(pool->table);
	queue_report_rest(&run->queue);
	if (run->options.summary) {
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
	control_end(&run->control);
	if (all_ended && pool->journal)
		journal_stop_sync(pool->journal);
	int status = pool_exit_status(pool), signal = pool->signal;
	if (all_ended)
		close_records(run);
	log_end();
	instance_end();
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

	bool is_first = init_if_first_process();
	system_prepare_title(argc, argv);
	say_init();
	inherit_standard_streams();
	inherit_save(&run.pool.inheritance);
	supervisor_hold_signals();
	options_parse(&run.options, argc, argv);
	if (client_is_call(&run.options))
		return client_call(&run.options);
	if (run.options.daemon && is_first)
		errx(1, "--daemon: the first process of a container cannot go into the "
			"background, all others end with it; leave the option out");
	prepare(&run);
	begin(&run);
	return finish(&run, supervise(&run.pool));
}
