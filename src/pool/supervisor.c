#include "pool/supervisor.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/message.h"
#include "base/system_title.h"
#include "service/daemon.h"
#include "service/log.h"
#include "service/sd_notify.h"

/* How long output may keep coming after SIGKILL, in ms, from processes that have left their group.
 */
enum { AFTERMATH = 1000 };

/*
 * When a child ends or stops there is SIGCHLD, and only the stops matter here. Under load they are
 * looked at this often, in ms, so that a fast queue does not wake this thread for each job.
 */
enum { CHILD_INTERVAL = 100 };

/* --- signals --- */

/*
 * Reaps orphans that have ended, and looks for jobs that have stopped. One that wants the terminal
 * would wait for it for ever: jobs are in the background there. Others may be stopped by any
 * process.
 */
static void look_for_stopped(struct supervisor *supervisor)
{
	int64_t until_ms = process_patience();
	siginfo_t info = {0};

	timer_set(&supervisor->deadlines->children, clock_ms() + CHILD_INTERVAL);
	orphans_reap(&supervisor->orphans);
	/* Jobs of our own group have the terminal, or are stopped together with us. */
	if (supervisor->slot_parts->options->joins_group)
		return;
	while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
		bool wants_terminal = info.si_status == SIGTTIN || info.si_status == SIGTTOU;
		struct process *process =
		    wants_terminal ? pool_find(supervisor->pool, info.si_pid, until_ms) : NULL;
		if (process) {
			process_refuse_terminal(process, info.si_status);
		} else if (wants_terminal && queue_is_process(supervisor->queue, info.si_pid)) {
			message("the command that gives the items: stopped, it wants the terminal: "
				"killed");
			queue_signal(supervisor->queue, SIGKILL);
		}
		info.si_pid = 0;
	}
}

/*
 * A child has ended CHILD_INTERVAL ago, or it is time to look again: has the first process of a job
 * ended whose output is held? Where there is none, nothing has to wake the supervisor for that.
 */
static void look_for_lingering(struct supervisor *supervisor, int64_t now_ms)
{
	struct timer *linger = &supervisor->deadlines->linger;

	if (pool_report_lingering(supervisor->pool) && timer_due(linger) == TIMER_NEVER)
		timer_set(linger, now_ms + LINGER_SAID_AFTER);
}

/* The guardian may have died: another one takes its place. */
static void look_at_guardian(struct supervisor *supervisor)
{
	timer_set(&supervisor->deadlines->guardian, guardian_look(supervisor->guardian));
}

/* Signals all jobs, and the command that gives the items. */
static void signal_all(struct supervisor *supervisor, int signal)
{
	pool_signal(supervisor->pool, signal);
	queue_signal(supervisor->queue, signal);
	supervisor->refused |= pool_report_refusals(supervisor->pool);
}

/* Tells all jobs to end by `signal`, 0: not yet, and sets the time until they are killed. */
static void tell_jobs(struct supervisor *supervisor, int signal)
{
	supervisor->ending = TOLD;
	orphans_end_by(&supervisor->orphans, signal ? signal : SIGTERM);
	timer_set(&supervisor->deadlines->grace, clock_ms() + supervisor->options->grace_ms);
	if (signal != 0)
		signal_all(supervisor, signal);
}

/*
 * Kills all jobs. Then --back runs for their items, and for those that no job has begun with. It
 * has the time until the next stage of the end, or none if this `gives_up`.
 */
static void kill_jobs(struct supervisor *supervisor, bool gives_up)
{
	supervisor->ending = KILLED;
	orphans_end_by(&supervisor->orphans, SIGKILL);
	timer_set(&supervisor->deadlines->grace, clock_ms() + AFTERMATH);
	atomic_store(&supervisor->state->killed, true);
	atomic_store(
	    &supervisor->state->gives_up, gives_up || !queue_gives_back(supervisor->queue));
	signal_all(supervisor, SIGKILL);
}

/* pexec is told to stop: the first time it tells the jobs, the second time it kills them. */
static void stop(struct supervisor *supervisor, int signal)
{
	run_state_stop(supervisor->state, RUN_ENDS, 1, signal);
	if (supervisor->ending == NOT_ENDING)
		tell_jobs(supervisor, signal);
	else if (supervisor->ending == TOLD || supervisor->awaits_reader)
		kill_jobs(supervisor, true);
}

/* Our terminal may be another one than it was, or have another size. */
static void renew_terminal(struct supervisor *supervisor)
{
	progress_line_renew(supervisor->line);
	pool_fit_terminals(supervisor->pool);
}

/*
 * Ctrl-Z: the jobs stop, then pexec itself, and they go on together. Where a SIGCONT came right
 * behind, SIGTSTP is pending no more, and nothing stops here.
 */
static void suspend(struct supervisor *supervisor)
{
	int64_t stopped_ms = clock_ms();

	gate_set_stopped(supervisor->gate, true);
	pool_stop_jobs(supervisor->pool);
	queue_signal(supervisor->queue, SIGSTOP);
	progress_line_hide(supervisor->line);
	signals_stop_here();
	pool_postpone(supervisor->pool, clock_ms() - stopped_ms);
	signal_all(supervisor, SIGCONT);
	gate_set_stopped(supervisor->gate, false);
	renew_terminal(supervisor);
}

/* SIGHUP: a log is opened anew; without one it is a signal to stop. */
static void hang_up(struct supervisor *supervisor)
{
	if (!supervisor->reopens_log) {
		stop(supervisor, SIGHUP);
		return;
	}
	sd_notify_reloading();
	log_reopen();
	sd_notify_ready();
}

/* SIGUSR1, SIGUSR2: a number of the user's, which ends -j auto. */
static void resize(struct supervisor *supervisor, int change)
{
	unsigned limit = pool_limit(supervisor->pool);
	unsigned slots = change < 0 && limit == 1 ? 1 : limit + (unsigned)change;

	if (sizer_stop(supervisor->sizer, slots))
		message("%u slot%s from now on, set by a signal: -j auto is over", slots,
		    slots == 1 ? "" : "s");
	pool_resize(supervisor->pool, change);
	slot_start_wanted(supervisor->slot_parts);
}

static void drain(struct supervisor *supervisor)
{
	run_state_stop(supervisor->state, RUN_DRAINS, 0, 0);
}

static void handle(struct supervisor *supervisor, int signal)
{
	if (signal != 0 && signal == supervisor->options->drain_on) {
		drain(supervisor);
		return;
	}
	switch (signal) {
	case 0: /* something is due */
		break;
	case SIGWINCH:
		renew_terminal(supervisor);
		break;
	case SIGURG: /* a thread has set a timer, or wants a look; or the guardian has died */
		look_at_guardian(supervisor);
		break;
	case SIGCHLD:
		look_for_stopped(supervisor);
		look_at_guardian(supervisor);
		break;
	case SIGUSR1:
		resize(supervisor, 1);
		break;
	case SIGUSR2:
		resize(supervisor, -1);
		break;
	case SIGQUIT:
		drain(supervisor);
		break;
	case SIGTSTP:
		suspend(supervisor);
		break;
	case SIGCONT:
		signal_all(supervisor, SIGCONT);
		renew_terminal(supervisor);
		break;
	case SIGHUP:
		hang_up(supervisor);
		break;
	default:
		stop(supervisor, signal);
	}
}

/* --- what is due --- */

/*
 * Ends the jobs whose time has run out, step by step; and all of them so when the run ends for a
 * reason of its own.
 */
static void expire_jobs(struct supervisor *supervisor)
{
	struct time_limit *limit = supervisor->limit;
	bool kill_requested = atomic_exchange(&limit->kill_requested, false);
	int64_t timeout_ms = supervisor->by_itself ? 0 : time_limit_ms(limit);

	if (!supervisor->by_itself && timeout_ms == 0) {
		if (!kill_requested)
			return;
		timeout_ms = NO_TIMEOUT;
	}
	int64_t due_ms =
	    pool_expire(supervisor->pool, timeout_ms, &supervisor->options->termination);
	supervisor->refused |= pool_report_refusals(supervisor->pool);
	/* Its end takes several steps: it is looked at again for the next one. */
	if (kill_requested && due_ms != TIMER_NEVER)
		atomic_store(&limit->kill_requested, true);
	timer_set_by(&supervisor->deadlines->expiry, due_ms);
}

/* Jobs have waited for others for a while: that is shown, and with --verbose said once. */
static void show_wait(struct supervisor *supervisor)
{
	struct status status = status_of(supervisor->status_parts);

	progress_changed(supervisor->progress);
	if (supervisor->wait_said || !supervisor->options->is_verbose || !*status.reason ||
	    status.paused)
		return;
	supervisor->wait_said = true;
	message("%s", status.reason);
}

/* Shows what the run has come to: in ps(1), and to the service manager. */
static void show_status(struct supervisor *supervisor, int64_t now_ms)
{
	char text[STATUS_TEXT];

	progress_shown(supervisor->progress, now_ms);
	struct status status = status_of(supervisor->status_parts);
	status_title(&status, text);
	system_set_title(text);
	status_line(&status, text);
	sd_notify_status(text);
	gate_tell(supervisor->gate);
	/* Nothing runs that could soon print much. */
	if (status.running == 0)
		output_rest(supervisor->output);
}

/*
 * -k: jobs wait for their turn, and it is that of a job that was put back. When they have all the
 * slots it gets one more.
 */
static void bring_on_turn(struct supervisor *supervisor)
{
	if (run_state_goes_on(supervisor->state) && output_is_stuck(supervisor->output) &&
	    settle_turn_is_idle(supervisor->settle) && queue_ready(supervisor->queue) > 0 &&
	    atomic_load(&supervisor->pool->waiting) == 0)
		slot_start_extra(supervisor->slot_parts);
}

/*
 * The run has ended, and jobs that were put back are not run any more. The slots that are left
 * settle them; where none is left, or all wait for the turn of one of these, another slot does.
 */
static void bring_on_rest(struct supervisor *supervisor)
{
	struct queue *queue = supervisor->queue;
	bool any = queue_ready(queue) > 0 || queue_delayed(queue) > 0 || queue_aside(queue) > 0;

	if (!run_state_goes_on(supervisor->state) && any &&
	    !shortage_holds(&supervisor->gate->shortage) &&
	    atomic_load(&supervisor->pool->waiting) == 0 &&
	    (atomic_load(&supervisor->pool->busy) == 0 || output_is_stuck(supervisor->output)))
		slot_start_extra(supervisor->slot_parts);
}

/*
 * The run has ended, and there is what --next has given and no job has got. A slot gives that back
 * at once: those that have a job may be busy for long.
 */
static void bring_on_giving_back(struct supervisor *supervisor)
{
	if (run_state_goes_on(supervisor->state) || !queue_gives_back(supervisor->queue) ||
	    atomic_load(&supervisor->state->gives_up) ||
	    shortage_holds(&supervisor->gate->shortage))
		return;
	if (atomic_load(&supervisor->pool->waiting) == 0 &&
	    atomic_load(&supervisor->progress->giving_back) == 0 &&
	    queue_has_given(supervisor->queue))
		slot_start_extra(supervisor->slot_parts);
}

/* Processes that cannot be ended hold the output of their job: what has come of it is all. */
static void abandon_output(struct supervisor *supervisor)
{
	supervisor->ending = ABANDONED;
	timer_set(&supervisor->deadlines->grace, clock_ms() + AFTERMATH);
	supervisor->refused |= pool_report_refusals(supervisor->pool);
	if (!supervisor->refused)
		pool_report_abandoned(supervisor->pool);
	pool_abandon(supervisor->pool);
	output_abandon(supervisor->output);
}

/*
 * Is there a process to wait for, or does a slot start one after the other? A slot that writes to a
 * reader who does not read reaps nothing: its process may have ended long ago.
 */
static bool has_processes(struct supervisor *supervisor)
{
	const struct progress *progress = supervisor->progress;

	return console_is_taken()
		   ? pool_has_living(supervisor->pool)
		   : atomic_load(&progress->running) > 0 || atomic_load(&progress->giving_back) > 0;
}

/*
 * Is there more time than this stage of the end has? Without a process what is left is output that
 * is not taken. It has time, unless a signal has said to hurry. When it has been taken --done or
 * --back may run, and has the time that a job has to end.
 */
static bool has_time(struct supervisor *supervisor, bool processes)
{
	bool awaited_reader = supervisor->awaits_reader;

	if (run_state_signal(supervisor->state) != 0)
		return false;
	supervisor->awaits_reader = !processes;
	if (processes && !awaited_reader)
		return false;
	timer_set(&supervisor->deadlines->grace,
	    clock_ms() + (processes ? supervisor->options->grace_ms : AFTERMATH));
	return true;
}

/* The time of this stage of the end is over. `orphans`: are there any? */
static void go_further(struct supervisor *supervisor, bool orphans)
{
	bool processes = orphans || has_processes(supervisor);

	if (has_time(supervisor, processes))
		return;
	if (!processes || supervisor->ending == ABANDONED)
		supervisor->ending = GAVE_UP;
	else if (supervisor->ending == KILLED && atomic_load(&supervisor->state->gives_up))
		abandon_output(supervisor);
	else
		kill_jobs(supervisor, supervisor->ending == KILLED);
}

/* Starts slots for jobs that wait, where there was no room before, or none waits for them. */
static void start_slots(struct supervisor *supervisor, int64_t now_ms)
{
	struct deadlines *deadlines = supervisor->deadlines;

	if (timer_take(&deadlines->retry, now_ms) && queue_release(supervisor->queue, now_ms) > 0)
		run_state_changed(supervisor->state);
	if (timer_take(&deadlines->shortage, now_ms) || queue_ready(supervisor->queue) > 0)
		slot_start_wanted(supervisor->slot_parts);
	if (timer_take(&deadlines->stuck, now_ms))
		bring_on_turn(supervisor);
	bring_on_rest(supervisor);
	bring_on_giving_back(supervisor);
}

/* -j auto: there may be another number of slots. One that the user has set meanwhile counts more.
 */
static void size_pool(struct supervisor *supervisor)
{
	unsigned slots = sizer_look(supervisor->sizer), by_hand;

	if (slots == 0)
		return;
	pool_set_slots(supervisor->pool, slots);
	if ((by_hand = sizer_by_hand(supervisor->sizer)) > 0)
		pool_set_slots(supervisor->pool, by_hand);
	slot_start_wanted(supervisor->slot_parts);
}

/* The run begins to end: says so to the service manager, and to the jobs if a slot has ended it. */
static void begin_end(struct supervisor *supervisor)
{
	enum run_phase phase = run_state_phase(supervisor->state);

	if (phase == supervisor->phase)
		return;
	supervisor->phase = phase;
	progress_changed(supervisor->progress);
	sd_notify_stopping();
	if (phase == RUN_ENDS && supervisor->ending == NOT_ENDING) {
		supervisor->by_itself = true;
		tell_jobs(supervisor, 0);
		timer_set(&supervisor->deadlines->expiry, 0);
	}
}

/* The first job has waited for a unit of the semaphore as long as it may. */
static void end_patience(struct supervisor *supervisor)
{
	bool may_go_without = supervisor->options->semaphore.may_go_without;

	if (!tokens_are_awaited(&supervisor->gate->semaphore))
		return;
	message("Semaphore timed out. %s", may_go_without ? "Stealing the semaphore." : "Exiting.");
	if (may_go_without)
		tokens_add_own(&supervisor->gate->semaphore);
	else
		run_state_stop(supervisor->state, RUN_DRAINS, 1, 0);
}

/* Does what is due by now. */
static void look_at_timers(struct supervisor *supervisor)
{
	struct deadlines *deadlines = supervisor->deadlines;
	int64_t now_ms = clock_ms();

	if (timer_take(&deadlines->journal, now_ms) && records_are_lost(supervisor->records))
		run_state_stop(supervisor->state, RUN_DRAINS, 1, 0);
	begin_end(supervisor);
	gate_drop_question(supervisor->gate, atomic_load(&supervisor->pool->busy) == 1);
	bool orphans = orphans_look(&supervisor->orphans);
	if (timer_take(&deadlines->expiry, now_ms))
		expire_jobs(supervisor);
	if (timer_take(&deadlines->sizing, now_ms))
		size_pool(supervisor);
	start_slots(supervisor, now_ms);
	if (timer_take(&deadlines->unit, now_ms))
		end_patience(supervisor);
	if (timer_take(&deadlines->room, now_ms))
		room_watch_look(&supervisor->room, now_ms);
	if (timer_take(&deadlines->waiting, now_ms))
		show_wait(supervisor);
	if (timer_take(&deadlines->report, now_ms))
		report_watch_look(&supervisor->report, now_ms);
	if (timer_take(&deadlines->status, now_ms))
		show_status(supervisor, now_ms);
	if (timer_take(&deadlines->line, now_ms))
		progress_line_show(supervisor->line, now_ms);
	if (timer_take(&deadlines->watchdog, now_ms))
		timer_set(&deadlines->watchdog, sd_notify_keep_alive(now_ms));
	if (timer_take(&deadlines->messages, now_ms))
		console_retry();
	/* From now on SIGCHLD is waited for. */
	bool ended = timer_take(&deadlines->children, now_ms);
	if (timer_take(&deadlines->linger, now_ms) || ended)
		look_for_lingering(supervisor, now_ms);
	if (timer_take(&deadlines->guardian, now_ms)) {
		guardian_start(supervisor->guardian);
		look_at_guardian(supervisor);
	}
	if (timer_take(&deadlines->grace, now_ms))
		go_further(supervisor, orphans);
}

/* --- the run --- */

/* Is there nothing left to do, for good? */
static bool is_over(struct supervisor *supervisor)
{
	struct queue *queue = supervisor->queue;

	if (supervisor->ending == GAVE_UP)
		return true;
	return atomic_load(&supervisor->pool->busy) == 0 && queue_ready(queue) == 0 &&
	       queue_delayed(queue) == 0 && queue_aside(queue) == 0 &&
	       !orphans_look(&supervisor->orphans) && queue_seal(queue) &&
	       pool_close(supervisor->pool);
}

/* Waits until a signal comes or something is due. */
static void sleep_and_look(struct supervisor *supervisor)
{
	struct timers *timers = &supervisor->deadlines->list;
	bool children = timer_due(&supervisor->deadlines->children) == TIMER_NEVER, reader_gone;
	int signal =
	    signals_await(&supervisor->watch, timers_earliest(timers), children, &reader_gone);

	timers_awake(timers);
	if (reader_gone)
		run_state_lose_output(supervisor->state, EPIPE);
	handle(supervisor, signal);
	look_at_timers(supervisor);
}

void supervisor_begin(struct supervisor *supervisor)
{
	struct deadlines *deadlines = supervisor->deadlines;

	bool watches =
	    !supervisor->output->options->recorded && !supervisor->options->outlives_reader;

	signals_watch(&supervisor->watch, watches ? STDOUT_FILENO : -1);
	orphans_init(
	    &supervisor->orphans, supervisor->pool, supervisor->queue, supervisor->guardian);
	supervisor->room = (struct room_watch){.gate = supervisor->gate,
	    .pool = supervisor->pool,
	    .progress = supervisor->progress,
	    .limit = supervisor->limit,
	    .quiet = supervisor->options->quiet};
	report_watch_begin(&supervisor->report, supervisor->records->report, supervisor->pool,
	    supervisor->progress, &deadlines->report);
	console_set_timer(&deadlines->messages);
	look_at_guardian(supervisor);
	timer_set(&deadlines->watchdog, sd_notify_due());
	if (supervisor->options->semaphore.patience_ms > 0)
		timer_set(
		    &deadlines->unit, clock_ms() + supervisor->options->semaphore.patience_ms);
	/* A job that stops at once is seen then: a short run does not wake this thread for its
	 * jobs. */
	timer_set(&deadlines->children, clock_ms() + CHILD_INTERVAL);
}

bool supervise(struct supervisor *supervisor)
{
	if (!slot_start_first(supervisor->slot_parts))
		err(1, "starting the first slot");
	if (!supervisor->slot_parts->options->tells_waiter && !daemon_ready())
		message("who has started this daemon does not wait for it any more");
	sd_notify_ready();
	while (!is_over(supervisor))
		sleep_and_look(supervisor);
	sd_notify_stopping();
	if (supervisor->ending != GAVE_UP) {
		pool_join(supervisor->pool);
		return true;
	}
	queue_signal(supervisor->queue, SIGKILL);
	if (console_is_taken())
		message("not waiting any longer for the reader of the output: the rest of it is "
			"lost");
	return false;
}
