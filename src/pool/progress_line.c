#include "pool/progress_line.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/message.h"
#include "base/terminal.h"
#include "base/utf8.h"
#include "pool/progress_text.h"
#include "queue/queue_length.h"

/* While nothing changes but the time, the line is drawn this often, in ms. */
enum { CLOCK_INTERVAL = 1000 };

/* So long, in ms, is waited for who writes to the terminal, before the line is given up. */
enum { DROP_PATIENCE = 500 };

/* The rate of late is that of the last 10 to 20 seconds, or of more where fewer jobs end. */
enum { RATE_SECONDS = 10, RATE_JOBS = 10 };

/* Where there is no terminal: how long it is, in ms, from one line to the next, and until when. */
static const struct {
	int64_t until_ms, interval_ms;
} log_intervals[] = {{300000, 30000}, {3600000, 60000}, {INT64_MAX, 300000}};

static int64_t log_interval(const struct progress_line *line, int64_t elapsed_ms)
{
	size_t i = 0;

	while (elapsed_ms >= log_intervals[i].until_ms)
		i++;
	return line->options->every_ms > 0 ? line->options->every_ms : log_intervals[i].interval_ms;
}

static bool is_pipe(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

void progress_line_begin(struct progress_line *line, const struct progress_options *options,
    const struct status_parts *parts, struct timer *timer, const struct progress_place *place)
{
	*line = (struct progress_line){
	    .options = options, .parts = parts, .timer = timer, .total = -1, .next_total = -1};
	if (options->kind == PROGRESS_NONE)
		return;
	line->in_terminal = terminal_can_draw(STDERR_FILENO);
	line->shown = !place->busy && (line->in_terminal || options->kind != PROGRESS_TERMINAL);
	if (!line->shown)
		return;
	estimate_init(&line->estimate);
	int64_t first_ms = line->in_terminal ? LINE_INTERVAL : log_interval(line, 0);
	timer_set(timer, clock_ms() + first_ms);
	/* Jobs, or who reads our output, may write to the terminal without asking. */
	bool others_write = place->ungroup || is_pipe(STDOUT_FILENO);
	if (line->in_terminal)
		console_begin_foot(others_write ? FOOT_PINNED : FOOT_BEHIND);
}

/* --- what is shown --- */

/* How many jobs there are in all. */
static int64_t count_jobs(const struct progress_line *line, uint64_t over)
{
	int64_t begun = (int64_t)over + atomic_load(&line->parts->progress->at_work);
	int64_t left = queue_jobs_left(line->parts->queue), given = (int64_t)line->options->total;

	if (left >= 0)
		return begun + left;
	if (given > 0)
		return given > begun ? given : begun;
	return -1;
}

/*
 * The numbers that the total is made of change one after the other: what was seen only once is not
 * believed.
 */
static void look_at_total(struct progress_line *line, uint64_t over)
{
	int64_t total = count_jobs(line, over);

	if (line->total < 0 || total == line->next_total)
		line->total = total;
	line->next_total = total;
	if (line->total >= 0 && line->total < (int64_t)over)
		line->total = (int64_t)over;
}

static struct estimate_sample take_sample(const struct progress_line *line, int64_t now_ms)
{
	struct progress *progress = line->parts->progress;
	struct estimate_sample sample = {.at_s = (double)(now_ms - progress->began_ms) / 1000};

	progress_lengths(progress, &sample.over, &sample.spent_s, &sample.squares_s);
	return sample;
}

/* The rate of late; below 0: that is not known. */
static double rate_of_late(struct progress_line *line, const struct estimate_sample *now)
{
	const struct estimate_sample *newer = &line->rate_from[1];

	if (now->at_s >= newer->at_s + RATE_SECONDS && now->over >= newer->over + RATE_JOBS) {
		line->rate_from[0] = *newer;
		line->rate_from[1] = *now;
	}
	const struct estimate_sample *from = &line->rate_from[0];
	if (now->over <= from->over || now->at_s <= from->at_s)
		return -1;
	return (double)(now->over - from->over) / (now->at_s - from->at_s);
}

/* How long the rest takes. */
static void estimate_rest(struct progress_line *line, const struct estimate_sample *now,
    const struct work_at_hand *work, struct progress_view *view)
{
	uint64_t begun = now->over + view->running, total = (uint64_t)line->total;
	struct estimate_rest rest = {.running = view->running, .at_work_s = work->spent_s};

	queue_known_times(line->parts->queue, &rest.known_s, &rest.known_left_s);
	if (line->total < 0)
		return;
	rest.left = total > begun ? total - begun : 0;
	view->has_range =
	    now->over < total && estimate_left(&line->estimate, now, &rest, &view->left);
}

/* Why nothing starts, or that the run is about to end. */
static const char *reason_of(const struct status *status)
{
	return status->phase == RUN_DRAINS ? "draining"
	       : status->phase == RUN_ENDS ? "ending"
					   : status->reason;
}

/* The line, for a terminal of so many columns; 0: for none. Returns its length. */
static size_t make_line(struct progress_line *line, int64_t now_ms, unsigned columns, bool is_over,
    char text[PROGRESS_TEXT])
{
	struct status status = status_of(line->parts);
	struct estimate_sample sample = take_sample(line, now_ms);
	struct work_at_hand work = pool_work_at_hand(line->parts->pool, now_ms);
	const struct progress_look look = {.columns = columns,
	    .colors = terminal_has_colors(STDERR_FILENO),
	    .utf8 = utf8_is_asked_for()};

	look_at_total(line, sample.over);
	struct progress_view view = {.over = sample.over,
	    .failed = status.failed,
	    .total = line->total,
	    .running = status.running,
	    .took_s = is_over ? sample.at_s : -1,
	    .longest_s = work.jobs > 0 ? work.longest_s : -1,
	    .item = work.item,
	    .reason = is_over ? "" : reason_of(&status)};
	estimate_add(&line->estimate, &sample);
	view.rate = is_over ? (double)sample.over / sample.at_s : rate_of_late(line, &sample);
	if (!is_over)
		estimate_rest(line, &sample, &work, &view);
	return progress_text(&view, &look, text);
}

/* --- where it is shown --- */

static void draw(struct progress_line *line, int64_t now_ms)
{
	char text[PROGRESS_TEXT];
	size_t length = 0;

	/* Another process has the terminal, and perhaps its user types. */
	if (terminal_is_ours(STDERR_FILENO))
		length = make_line(line, now_ms, terminal_size(STDERR_FILENO).columns, false, text);
	console_set_foot(text, length);
}

static void say(struct progress_line *line, int64_t now_ms)
{
	char text[PROGRESS_TEXT];

	make_line(line, now_ms, 0, false, text);
	message("%s", text);
}

void progress_line_show(struct progress_line *line, int64_t now_ms)
{
	struct progress *progress = line->parts->progress;

	if (!line->shown)
		return;
	if (line->in_terminal) {
		progress_drawn(progress, now_ms, LINE_INTERVAL);
		draw(line, now_ms);
		timer_set_by(line->timer, now_ms + CLOCK_INTERVAL);
		return;
	}
	say(line, now_ms);
	timer_set(line->timer, now_ms + log_interval(line, now_ms - progress->began_ms));
}

void progress_line_renew(struct progress_line *line)
{
	if (line->shown && line->in_terminal)
		timer_set(line->timer, 0);
}

void progress_line_hide(struct progress_line *line)
{
	if (line->shown && line->in_terminal)
		console_drop_foot(DROP_PATIENCE);
}

void progress_line_end(struct progress_line *line)
{
	char text[PROGRESS_TEXT + 1];

	progress_line_hide(line);
	if (!line->shown || line->options->kind != PROGRESS_KEPT)
		return;
	unsigned columns = line->in_terminal ? terminal_size(STDERR_FILENO).columns : 0;
	size_t length = make_line(line, clock_ms(), columns, true, text);
	line->shown = false;
	if (columns == 0) {
		message("%s", text);
		return;
	}
	text[length] = '\n';
	console_say(text, length + 1);
}
