#include "run.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/console.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/system_limits.h"
#include "base/system_memory.h"
#include "cli/operands.h"
#include "command/shell_quote.h"
#include "pool/ending_text.h"
#include "pool/rest.h"
#include "queue/claims.h"
#include "queue/queue_length.h"
#include "service/sd_notify.h"

/* More jobs that have failed are not told apart by an exit status, as with GNU parallel. */
enum { MOST_COUNTED = 101, TOLD_TO_END = 255 };

/* How long, in ms, the messages of a run that a signal has ended may take. */
enum { LAST_WORDS = 1000 };

/* --- opening --- */

/* What the process itself is set to, before there is anything else. */
static void settle_process(const struct options *options)
{
	char shown[ESCAPED_NAME];

	system_save_memory();
	errno = 0;
	if (options->nice != 0 && nice(options->nice) == -1 && errno != 0)
		err(1, "--nice %d", options->nice);
	if (options->directory && chdir(options->directory) != 0)
		err(1, "--chdir %s", escape_name(shown, options->directory));
	/* A job's own terminal has no keys. */
	if (options->output.pty &&
	    (setenv("PAGER", "cat", 1) != 0 || setenv("GIT_PAGER", "cat", 1) != 0))
		err(1, "--pty");
}

/*
 * Jobs get /dev/null in the place of our standard input. From ours one job would take what another
 * should have, or the loop around pexec; and a terminal would stop them, as they are in its
 * background. Done once here, it costs a job nothing.
 */
static void replace_stdin(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		err(1, "/dev/null");
	close(null);
}

/* The user may have forgotten the command or the items: nothing else tells what is waited for. */
static void say_terminal(const struct options *options)
{
	bool has_command = options->command.script || options->command.words.count > 0;

	if (!options->pool.quiet && operands_count_stdin(options) > 0 && isatty(STDIN_FILENO))
		message("reading %s from the terminal, a line each; Ctrl-D ends them",
		    has_command ? "items" : "commands");
}

/* The slots are shared with make, or with what jobs run. */
static void join_others(struct run *run)
{
	struct pool_options *options = &run->options.pool;
	enum jobserver_found found = JOBSERVER_NONE;

	if (run->options.attempt.dry_run)
		return;
	if (!options->jobs)
		found = jobserver_join(&run->jobserver, getenv("MAKEFLAGS"));
	if (found == JOBSERVER_CLOSED) {
		options->slots = 1;
		message("the jobserver of make cannot be reached: one job at a time "
			"(put a + before the line of the recipe, or say -j)");
	}
	if (found == JOBSERVER_FOUND && run->jobserver.slots > 0)
		options->slots = run->jobserver.slots;
	if (found != JOBSERVER_FOUND && options->jobserver)
		jobserver_serve(&run->jobserver, options->slots);
	run->shares = found == JOBSERVER_FOUND || options->jobserver;
}

void run_open(struct run *run)
{
	const struct options *options = &run->options;
	const struct journal_options *journal = &options->record.journal;
	bool reads_stdin = operands_count_stdin(options) > 0;

	terminal_choose_colors(options->colors);
	if (!options->is_unmanaged)
		sd_notify_init();
	ctl_server_init(&run->control, &options->control);
	settle_process(options);
	join_others(run);
	/* A command that is not there is said before anything is read. */
	command_open(&run->command, &options->command, options->attempt.dry_run);
	run_lock_take(&options->lock);
	log_open(&options->log);
	/* What is not read is not kept: neither a terminal, nor the end of a pipe. */
	if (!reads_stdin && !options->share_stdin)
		replace_stdin();
	say_terminal(options);
	run->is_typed =
	    options->pool.progress.kind != PROGRESS_NONE && reads_stdin && isatty(STDIN_FILENO);
	queue_open(&run->queue, &options->queue, &run->deadlines.retry);
	command_compile(&run->command, queue_names(&run->queue));
	records_init(&run->records, &options->record);
	records_open_journal(&run->records);
	queue_set_template(&run->queue, run->command.template,
	    journal->resume != RESUME_NO || options->queue.claims ? run->records.journal : NULL);
	queue_set_key(&run->queue, run->command.key);
	if (reads_stdin)
		replace_stdin(); /* the items have been opened */
	records_set_names(
	    &run->records, queue_names(&run->queue), command_names_results(&run->command));
	records_open_results(&run->records);
	queue_set_width(&run->queue, records_width(&run->records));
	events_init(&run->events);
	/* Commands that are only printed are no events. */
	if (!options->attempt.dry_run)
		event_files_open(&run->event_files, &options->events, journal->resume != RESUME_NO);
}

/* --- putting together --- */

/* Opens what other runs share with us: in the process that stays, as units are a process's. */
static struct shared_semaphore *open_semaphore(struct run *run)
{
	const struct semaphore_options *options = &run->options.pool.semaphore;
	char shown[ESCAPED_NAME];

	if (!options->name || run->options.attempt.dry_run)
		return NULL;
	if (shared_semaphore_open(&run->semaphore, options->name, options->most) != 0)
		err(1, "--semaphore %s", escape_name(shown, options->name));
	return &run->semaphore;
}

/* The pace: whether the run goes on, and when a job may start. */
static void begin_pace(struct run *run)
{
	const struct options *options = &run->options;

	run_state_init(&run->state, &run->queue.interrupt, &run->deadlines.list, &run->events);
	gate_init(&run->gate, &run->state, &run->queue, &run->events, options->pool.delay_ms,
	    options->queue.next && !options->queue.gives_back, &run->deadlines.shortage,
	    &run->deadlines.waiting);
	tokens_open(&run->gate.jobserver, run->shares ? &run->jobserver : NULL, NULL, &run->state);
	tokens_open(&run->gate.semaphore, NULL, open_semaphore(run), &run->state);
	run->gate.semaphore.keeps = options->pool.semaphore.is_kept;
	const struct sizer_options sizing = {.range = options->pool.range,
	    .cpus = system_cpus(),
	    .journal = options->pool.found,
	    .resumes = options->pool.begins_with_found,
	    .tells = options->pool.is_verbose};
	sizer_init(&run->sizer, &sizing, &run->deadlines.sizing);
	room_init(&run->gate.room, &options->room, &run->deadlines.room);
	weights_init(&run->gate.weights, options->command.weight != NULL, &run->pool.limit);
	time_limit_init(&run->limit, options->pool.timeout_ms, options->pool.timeout_percent,
	    &run->deadlines.expiry);
	progress_init(&run->progress, &run->deadlines.status, options->pool.timeout_percent > 0,
	    options->pool.summary);
}

/* What the user sees of it while it goes: before the guardian, which knows of that. */
static void begin_line(struct run *run)
{
	const struct options *options = &run->options;
	const struct progress_place place = {.ungroup = options->output.ungroup,
	    .busy = run->is_typed || options->attempt.asks || options->attempt.opens_tty ||
		    options->attempt.dry_run};

	progress_line_begin(
	    &run->line, &options->pool.progress, &run->status_parts, &run->deadlines.line, &place);
	if (run->line.shown)
		progress_add_line(
		    &run->progress, run->line.in_terminal ? &run->deadlines.line : NULL);
}

/* What jobs print, and the end of each. */
static void begin_output(struct run *run)
{
	const struct output_options *options = &run->options.output;

	output_init(&run->output, options, &run->deadlines.stuck);
	run->settle = (struct settle){.halt = &run->options.pool.halt,
	    .queue = &run->queue,
	    .gate = &run->gate,
	    .state = &run->state,
	    .output = &run->output,
	    .records = &run->records,
	    .events = &run->events,
	    .progress = &run->progress,
	    .limit = &run->limit,
	    .total = queue_total(&run->queue),
	    .ordered = options->ordered,
	    .resumable = options->ordered && run->records.writes && !run->queue.fetch,
	    .most_kept_bytes = options->buffer_bytes / 2};
	settle_init(&run->settle);
}

/* Do the tags that go to `fd` have colours? */
static bool has_coloured_tags(const struct options *options, int fd)
{
	return options->command.tag_string && options->attempt.colours_tags &&
	       terminal_has_colors(fd);
}

/* The slots, and what their threads work with. */
static void begin_pool(struct run *run)
{
	const struct options *options = &run->options;
	const struct descriptor_uses uses = {.ungroup = options->output.ungroup,
	    .lingers = options->output.linger_ms >= 0,
	    .acknowledges = acknowledges(&options->record.acknowledge),
	    .ordered = options->output.ordered,
	    .has_folder = run->records.folder >= 0,
	    .has_socket = options->control.socket != NULL,
	    .has_slots_file = options->control.slots_file != NULL,
	    .has_events = run->event_files.count > 0,
	    .follows = options->queue.follow,
	    .fetches = run->queue.fetch != NULL,
	    .is_fed = options->queue.pipe || options->queue.tees,
	    .counts_ahead = options->queue.counts_ahead};

	run->attempt_parts = (struct attempt_parts){.options = &options->attempt,
	    .command = &run->command,
	    .caller = &run->caller,
	    .orphans = &run->orphans,
	    .run_mark = run->guardian.mark,
	    .records = &run->records,
	    .events = &run->events,
	    .output = &run->output,
	    .gate = &run->gate,
	    .state = &run->state,
	    .settle = &run->settle,
	    .progress = &run->progress,
	    .limit = &run->limit,
	    .sizer = &run->sizer,
	    .ungroup = options->output.ungroup,
	    .is_fed = options->queue.pipe || options->queue.tees,
	    .feeding = {.queue = &run->queue,
		.state = &run->state,
		.budget = &run->output.budget,
		.gate = &run->gate,
		.slots = &run->pool.limit,
		.spreads = options->queue.spreads},
	    .colors = {has_coloured_tags(options, STDOUT_FILENO),
		has_coloured_tags(options, STDERR_FILENO)},
	    .exit_on_size = options->queue.exit_on_size};
	run->slot_parts = (struct slot_parts){.options = &options->attempt,
	    .queue = &run->queue,
	    .gate = &run->gate,
	    .state = &run->state,
	    .events = &run->events,
	    .output = &run->output,
	    .settle = &run->settle,
	    .progress = &run->progress,
	    .pool = &run->pool,
	    .timers = &run->deadlines.list};
	run->pool = (struct pool){.slot_parts = &run->slot_parts,
	    .attempt_parts = &run->attempt_parts,
	    .state = &run->state,
	    .events = &run->events,
	    .output = &run->output,
	    .progress = &run->progress,
	    .caller = &run->caller,
	    .processes = guardian_slot_processes(&run->guardian),
	    .needs = descriptors_needed(&uses),
	    .shortage = &run->gate.shortage,
	    .jobserver = run->shares && run->jobserver.serves ? &run->jobserver : NULL};
	/* What is left may be taken by jobs that are over, but whose turn to write has not come. */
	settle_set_most_files(&run->settle, (unsigned)pool_init(&run->pool, options->pool.slots));
	if (run->sizer.is_used)
		pool_begin_with(&run->pool, sizer_begin(&run->sizer, pool_limit(&run->pool)));
}

/* The guardian, and what it guards. */
static void begin_guardian(struct run *run)
{
	const struct options *options = &run->options;

	if (!options->pool.keep_orphans && !options->attempt.dry_run)
		guardian_start(&run->guardian);
	if (!run->guardian.wanted)
		run->caller.parent = 0;
}

/* The thread that looks after all of it, and the one that clients talk to. */
static void begin_control(struct run *run)
{
	const struct options *options = &run->options;

	run->status_parts = (struct status_parts){.progress = &run->progress,
	    .pool = &run->pool,
	    .queue = &run->queue,
	    .gate = &run->gate,
	    .sizer = &run->sizer};
	run->supervisor = (struct supervisor){.options = &options->pool,
	    .slot_parts = &run->slot_parts,
	    .status_parts = &run->status_parts,
	    .pool = &run->pool,
	    .queue = &run->queue,
	    .gate = &run->gate,
	    .sizer = &run->sizer,
	    .state = &run->state,
	    .output = &run->output,
	    .settle = &run->settle,
	    .progress = &run->progress,
	    .line = &run->line,
	    .limit = &run->limit,
	    .records = &run->records,
	    .deadlines = &run->deadlines,
	    .reopens_log = options->log.path || options->log.syslog,
	    .guardian = &run->guardian};
	run->ctl_parts = (struct ctl_parts){.slot_parts = &run->slot_parts,
	    .status_parts = &run->status_parts,
	    .pool = &run->pool,
	    .queue = &run->queue,
	    .gate = &run->gate,
	    .sizer = &run->sizer,
	    .state = &run->state,
	    .budget = &run->output.budget,
	    .progress = &run->progress,
	    .limit = &run->limit,
	    .events = &run->events,
	    .notes = &run->control.notes,
	    .words = &options->command.words};
	ctl_server_open(&run->control, &run->ctl_parts);
}

/* Those who want to know what happens are told from now on: first of the beginning. */
static void begin_events(struct run *run)
{
	events_begin(&run->events, &run->state.changed);
	event_files_begin(&run->event_files, &run->events);
	events_tell(&run->events, (struct event){.kind = EVENT_BEGIN,
				      .slots = pool_limit(&run->pool),
				      .total = run->settle.total,
				      .words = &run->options.command.words});
}

/* The command as it was typed, for --report. */
static void show_typed(const struct command_options *options, struct strlist *line)
{
	struct strlist words = {0};

	if (options->script) {
		strlist_add(&words, "-c", 2);
		strlist_add(&words, options->script, strlen(options->script));
	}
	for (size_t i = 0; i < options->words.count; i++)
		strlist_add(&words, options->words.at[i], strlen(options->words.at[i]));
	shell_quote_line(&words, line);
	if (strlist_failed(&words) || strlist_failed(line))
		errx(1, "--report: %s", strerror(ENOMEM));
	strlist_free(&words);
}

/* What a report tells of the run. */
static void begin_report(struct run *run)
{
	const struct command_options *command = &run->options.command;
	struct strlist line = {0};
	char host[HOST_NAME_MAX + 1] = "";

	if (!run->records.report)
		return;
	char *directory = getcwd(NULL, 0);
	gethostname(host, sizeof host - 1);
	show_typed(command, &line);
	bool has_command = command->script || command->words.count > 0;
	const struct report_facts facts = {
	    .command = has_command ? line.bytes : "each item is a command",
	    .directory = directory,
	    .host = host,
	    .has_errors = !run->options.output.ungroup};
	report_begin(run->records.report, &facts);
	strlist_free(&line);
	free(directory);
}

/*
 * The run takes its jobs together with others from now on. What these have done since their
 * journals were read, before it was one of them, none of them has taken again: it is read now.
 */
static void begin_claims(struct run *run)
{
	struct claims *claims = run->options.queue.claims;

	claims_begin(claims, &run->pool.limit);
	if (claims && run->options.record.journal.resume != RESUME_NO)
		journal_read_others(run->records.journal, claims_begun_s(claims));
}

void run_begin(struct run *run)
{
	begin_pace(run);
	begin_line(run);
	begin_output(run);
	orphan_list_init(&run->orphans);
	guardian_init(&run->guardian, run->shares ? &run->jobserver : NULL);
	if (run->queue.fetch)
		fetch_set_process(run->queue.fetch, guardian_fetch_process(&run->guardian),
		    &run->orphans, &run->caller);
	queue_set_slots(&run->queue, &run->pool.limit, &run->progress.at_work);
	begin_pool(run);
	if (!run->options.attempt.dry_run)
		descriptors_require(run->pool.needs.each + run->pool.needs.soon);
	begin_guardian(run);
	begin_control(run);
	/* All has been opened, and nothing else can be wrong. */
	records_begin(&run->records, &run->deadlines.journal);
	begin_claims(run);
	log_begin();
	queue_count_ahead(&run->queue);
	begin_events(run);
	begin_report(run);
	supervisor_begin(&run->supervisor);
	ctl_server_start(&run->control);
}

/* --- the end --- */

/* --summary: what the run came to, what it leaves, and what -j auto has found. */
static void report_summary(struct run *run, const struct rest *rest)
{
	char text[REST_TEXT], slots[AUTOSIZE_TEXT];

	if (!run->options.pool.summary)
		return;
	summary_print(&run->progress.summary, rest_text(rest, text));
	if (*sizer_text(&run->sizer, slots))
		message("slots: %s", slots);
}

/* The slots are through: what they worked with is given back. */
static void close_parts(struct run *run)
{
	settle_destroy(&run->settle);
	pool_free(&run->pool);
	output_free(&run->output);
	gate_destroy(&run->gate);
	sizer_free(&run->sizer);
	progress_destroy(&run->progress);
	guardian_free(&run->guardian);
	command_close(&run->command);
	queue_close(&run->queue);
}

/* The exit status of the run, that leaves this. */
static int exit_status(struct run *run, const struct rest *rest)
{
	int halted = run_state_halt_status(&run->state);

	if (halted >= 0)
		return halted;
	/* A run that its jobs may end does not say itself what it leaves. */
	bool says_undone = run->options.attempt.failures == FAILURE_IS_COUNTED;

	uint64_t failed = atomic_load(&run->progress.failed);
	bool counts = run->options.pool.status == STATUS_COUNTS_FAILED;
	int status = run_state_exit_status(&run->state, failed > 0 && !counts, rest_is_none(rest),
	    says_undone && rest_is_undone(rest));

	if (status != 0 || !counts)
		return status;
	return failed < MOST_COUNTED ? (int)failed : MOST_COUNTED;
}

/* Says what a run leaves that was drained; a summary says it by itself. */
static void report_drain(struct run *run, const struct rest *rest)
{
	char text[REST_TEXT];

	if (run_state_is_drained(&run->state) && rest_is_undone(rest) && !run->options.pool.summary)
		message("drained: %s", rest_text(rest, text));
}

/*
 * Names the jobs that have failed, where a message has not, nor will: on a terminal they are seen.
 */
static void report_failures(struct run *run)
{
	const struct pool_options *options = &run->options.pool;
	const struct progress *progress = &run->progress;
	uint64_t failed = atomic_load(&progress->failed);
	uint64_t all = failed + atomic_load(&progress->done);
	char text[FAILURES_TEXT];

	if (failures_are_unsaid(&progress->failures) && !options->quiet && !isatty(STDERR_FILENO))
		message("%" PRIu64 " of %" PRIu64 " job%s failed: %s", failed, all,
		    all == 1 ? "" : "s", failures_text(&progress->failures, failed, text));
}

/* Tells that the run is over, and what it has come to. */
static void tell_stop(struct run *run, int status, int signal)
{
	const struct progress *progress = &run->progress;

	events_tell(&run->events, (struct event){.kind = EVENT_STOP,
				      .status = status,
				      .signal = signal,
				      .done = atomic_load(&progress->done),
				      .failed = atomic_load(&progress->failed),
				      .left_out = atomic_load(&progress->left_out)});
}

/* Waits until those who want to know what has happened have it. Returns the exit status. */
static int end_events(struct run *run, int status, int64_t patience_ms)
{
	bool are_whole = event_files_end(&run->event_files, patience_ms);

	return status == 0 && !are_whole ? 1 : status;
}

/* The page of --report, the last one. Returns the exit status: where it cannot be written, not 0.
 */
static int end_report(struct run *run, const struct run_end *end)
{
	char text[ENDING_TEXT];
	bool is_good = end->status == 0 && end->signal == 0;

	if (!run->records.report)
		return end->status;
	ending_text(text, &run->state, &run->progress, end);
	if (report_finish(run->records.report, text, is_good) == 0)
		return end->status;
	return end->status ? end->status : 1;
}

int run_end(struct run *run, bool all_ended, int *signal)
{
	char text[REST_TEXT];

	/* Slots that are not waited for may hold some. */
	if (!all_ended && run->shares)
		jobserver_bury(&run->jobserver);
	progress_line_end(&run->line);
	guardian_dismiss(&run->guardian);
	if (all_ended)
		records_make_safe(&run->records);
	if (records_are_lost(&run->records) || output_has_left_file(&run->output))
		run_state_stop(&run->state, RUN_DRAINS, 1, 0);
	*signal = run_state_signal(&run->state);
	bool was_told = *signal == SIGTERM && run->options.pool.status == STATUS_COUNTS_FAILED;
	if (was_told)
		*signal = 0;
	struct rest rest = rest_of(&run->progress, &run->queue);
	int status = was_told ? TOLD_TO_END : exit_status(run, &rest);
	/* Nobody else says that these are lost. */
	if (queue_report_rest(&run->queue) && status == 0)
		status = RUN_LEFT_UNDONE;
	status = end_report(run,
	    &(struct run_end){.signal = *signal, .status = status, .rest = rest_text(&rest, text)});
	report_drain(run, &rest);
	if (all_ended) {
		records_close(&run->records);
		claims_leave(run->options.queue.claims,
		    queue_is_through(&run->queue) && rest_is_none(&rest));
		report_summary(run, &rest);
	}
	/* A reader may take its time, and can be interrupted: but not a run that was told to end.
	 */
	bool patient = *signal == 0 && all_ended;
	if (patient)
		report_failures(run);
	tell_stop(run, status, *signal);
	ctl_server_end(&run->control, !patient);
	if (all_ended)
		close_parts(run);
	if (patient) {
		event_files_settle(&run->event_files, LAST_WORDS);
		signals_leave();
	}
	status = end_events(run, status, patient ? INT64_MAX : LAST_WORDS);
	if (all_ended)
		run_state_destroy(&run->state);
	run_lock_end();
	console_finish(patient ? INT64_MAX : LAST_WORDS);
	log_end();
	guardian_reap(&run->guardian);
	return status;
}
