#include "record/report_page.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libutil.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "record/report_figures.h"
#include "record/report_text.h"
#include "record/table_format.h"

/* What a page is made from. */
struct page {
	FILE *stream;
	const struct report_facts *facts;
	const struct report_rows *rows;
	const struct report_sample *samples;
	size_t sample_count;
	struct report_figures figures;
};

/* All names in the data together, in bytes: of many rows each has less. */
enum { NAMES_BYTES = 4 * 1024 * 1024, LEAST_NAME = 12 };

/* The size of the histogram in its own units. */
enum { CHART_WIDTH = 720, CHART_HEIGHT = 160 };

static const char *const end_names[REPORT_ENDS] = {
    "done", "failed", "timed out", "retried", "ended with the run"};

/* The same for the style sheet. */
static const char *const end_classes[REPORT_ENDS] = {
    "done", "failed", "timeout", "retried", "left"};

/* --- the head: what was run, and how it ended --- */

static void put_title(struct page *page)
{
	const struct report_facts *facts = page->facts;
	const char *what = facts->command ? facts->command : facts->journal;

	report_put_bytes(page->stream, what, strnlen(what, 80));
	fputs(" \xe2\x80\x93 pexec", page->stream);
}

static void put_verdict(struct page *page)
{
	const struct report_facts *facts = page->facts;

	fprintf(page->stream, "<p class=\"verdict %s\">",
	    !facts->is_over  ? "goes-on"
	    : facts->is_good ? "good"
			     : "bad");
	report_put_string(page->stream, facts->ending);
	fputs("</p>\n", page->stream);
}

static void put_fact(struct page *page, const char *name, const char *value, bool is_code)
{
	if (!value)
		return;
	fprintf(page->stream, "<div><dt>%s</dt><dd>%s", name, is_code ? "<code>" : "");
	report_put_string(page->stream, value);
	fprintf(page->stream, "%s</dd></div>\n", is_code ? "</code>" : "");
}

static void put_facts(struct page *page)
{
	const struct report_facts *facts = page->facts;
	char text[REPORT_NUMBER], span[REPORT_NUMBER];

	put_fact(page, "Command", facts->command, true);
	put_fact(page, "From the journal", facts->journal, true);
	put_fact(page, "Directory", facts->directory, true);
	put_fact(page, "Host", facts->host, false);
	put_fact(page, "Began", report_time(text, facts->began_s), false);
	put_fact(page, facts->is_over ? "Ended" : "As of", report_time(text, facts->now_s), false);
	put_fact(page, facts->is_over ? "Took" : "So far",
	    report_span(span, fmax(0, facts->now_s - facts->began_s)), false);
}

static void put_tile(struct page *page, const char *class, const char *name, const char *value)
{
	fprintf(page->stream, "<div class=\"tile %s\"><dt>%s</dt><dd>%s</dd></div>\n", class, name,
	    value);
}

/* How many jobs there were at a time, and how many attempts came to their end in a second: from the
 * first start to the last end, or where the run goes on to now. */
static void put_pace(struct page *page)
{
	const struct report_rows *rows = page->rows;
	const struct report_facts *facts = page->facts;
	double first_s = rows->first_s, work_s = (double)rows->step * page->figures.work_s;

	for (size_t i = 0; i < facts->running_count; i++) {
		double started_s = facts->running[i].row.started_s;
		work_s += fmax(0, facts->now_s - started_s);
		if (first_s == 0 || started_s < first_s)
			first_s = started_s;
	}
	double span_s = (facts->is_over ? rows->last_s : facts->now_s) - first_s;
	double all = (double)rows->step * (double)page->figures.count;
	char text[REPORT_NUMBER];

	if (first_s == 0 || span_s <= 0)
		return;
	snprintf(text, sizeof text, "%.*f/s", all / span_s < 10 ? 2 : 0, all / span_s);
	if (page->figures.count > 0)
		put_tile(page, "", "rate", text);
	snprintf(text, sizeof text, "%.1f", work_s / span_s);
	put_tile(page, "", "jobs at a time", text);
}

static void put_tiles(struct page *page)
{
	const struct report_rows *rows = page->rows;
	const struct report_figures *figures = &page->figures;
	char text[REPORT_NUMBER];

	for (int i = 0; i < REPORT_ENDS; i++) {
		snprintf(text, sizeof text, "%" PRIu64, rows->ends[i]);
		if (rows->ends[i] > 0 || i <= REPORT_FAILED)
			put_tile(
			    page, rows->ends[i] > 0 ? end_classes[i] : "none", end_names[i], text);
	}
	snprintf(text, sizeof text, "%zu", page->facts->running_count);
	if (page->facts->running_count > 0)
		put_tile(page, "running", "running", text);
	if (figures->count > 0)
		put_tile(page, "", "median", report_span(text, figures->quantiles[2].seconds));
	put_pace(page);
}

/* Where the page does not show all that there was, it says so. */
static void put_notes(struct page *page)
{
	const struct report_rows *rows = page->rows;
	FILE *stream = page->stream;

	if (rows->step > 1)
		fprintf(stream,
		    "<p class=note>There were %" PRIu64
		    " attempts. The timeline, the charts and the "
		    "histogram are made from every %" PRIu64 "th of them; the counts, the slowest "
		    "and the failed are of all.</p>\n",
		    rows->seen, rows->step);
	if (rows->lost > 0)
		fprintf(stream,
		    "<p class=note>For %" PRIu64 " attempts there was no memory: they are counted, "
		    "and shown nowhere else.</p>\n",
		    rows->lost);
	if (page->facts->left_out > 0)
		fprintf(stream,
		    "<p class=note>%" PRIu64 " line%s of the journal could not be read, and %s "
		    "missing here.</p>\n",
		    page->facts->left_out, page->facts->left_out == 1 ? "" : "s",
		    page->facts->left_out == 1 ? "is" : "are");
	if (page->facts->journal)
		fputs("<p class=note>A journal does not tell in which slot a job ran: the lanes of "
		      "the timeline are made from the times. What jobs said on stderr is not in "
		      "it.</p>\n",
		    stream);
}

/* --- how long jobs ran --- */

static size_t highest_bar(const struct report_figures *figures)
{
	size_t highest = 1;

	for (size_t i = 0; i < REPORT_BARS; i++)
		if (figures->bars[i].count > highest)
			highest = figures->bars[i].count;
	return highest;
}

static double bar_height(size_t count, size_t highest)
{
	double height = (double)count * CHART_HEIGHT / (double)highest;

	/* What is there is seen. */
	return count > 0 && height < 2 ? 2 : height;
}

static void put_bar(struct page *page, size_t index, size_t highest)
{
	const struct report_bar *bar = &page->figures.bars[index];
	double width = (double)CHART_WIDTH / REPORT_BARS;
	double all = bar_height(bar->count, highest), failed = bar_height(bar->failed, highest);
	char from[REPORT_NUMBER], to[REPORT_NUMBER];

	if (bar->count == 0)
		return;
	fprintf(page->stream,
	    "<g><title>%s to %s: %" PRIu64 "%s</title>"
	    "<rect class=bar x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
	    report_span(from, bar->from_s), report_span(to, bar->to_s),
	    (uint64_t)bar->count * page->rows->step, page->rows->step > 1 ? " or so" : "",
	    (double)index * width, CHART_HEIGHT - all, width - 2, all);
	if (bar->failed > 0)
		fprintf(page->stream,
		    "<rect class=\"bar failed\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		    "height=\"%.1f\"/>",
		    (double)index * width, CHART_HEIGHT - failed, width - 2, failed);
	fputs("</g>\n", page->stream);
}

/* Where the histogram has a time. */
static double bar_place(const struct report_figures *figures, double seconds)
{
	double from_s = figures->bars[0].from_s, to_s = figures->bars[REPORT_BARS - 1].to_s;

	return CHART_WIDTH * log(fmax(seconds, from_s) / from_s) / log(to_s / from_s);
}

/* Marks where some quantiles are, those that do not stand too close to the one before. */
static void put_marks(struct page *page)
{
	static const struct {
		size_t quantile;
		const char *name;
	} marks[] = {{2, "50 %"}, {4, "90 %"}, {6, "99 %"}};
	const double room = 72;
	double before = -room;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		double x =
		    bar_place(&page->figures, page->figures.quantiles[marks[i].quantile].seconds);
		if (x - before < room)
			continue;
		before = x;
		fprintf(page->stream,
		    "<line class=mark x1=\"%.1f\" x2=\"%.1f\" y1=\"-6\" y2=\"%d\"/>"
		    "<text class=\"%s\" x=\"%.1f\" y=\"-10\">%s</text>\n",
		    x, x, CHART_HEIGHT,
		    x < room / 2                 ? "first"
		    : x > CHART_WIDTH - room / 2 ? "last"
						 : "middle",
		    x, marks[i].name);
	}
}

static void put_histogram(struct page *page)
{
	const struct report_figures *figures = &page->figures;
	size_t highest = highest_bar(figures);
	char text[REPORT_NUMBER];

	if (figures->count == 0) {
		bool any = page->rows->first_s > 0 || page->facts->running_count > 0;
		fprintf(page->stream, "<p class=note>No %s.</p>\n",
		    any ? "attempt has come to an end of its own" : "process was started");
		return;
	}
	fprintf(page->stream,
	    "<svg class=histogram viewBox=\"-8 -36 %d %d\" role=img "
	    "aria-label=\"How many attempts took how long; the table has the same in numbers\">\n",
	    CHART_WIDTH + 16, CHART_HEIGHT + 68);
	for (size_t i = 0; i < REPORT_BARS; i++)
		put_bar(page, i, highest);
	fprintf(page->stream, "<line class=axis x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n",
	    CHART_WIDTH, CHART_HEIGHT, CHART_HEIGHT);
	for (size_t i = 0; i <= REPORT_BARS; i += REPORT_BARS / 4) {
		double seconds =
		    i < REPORT_BARS ? figures->bars[i].from_s : figures->bars[REPORT_BARS - 1].to_s;
		fprintf(page->stream, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n",
		    i == 0             ? "first"
		    : i == REPORT_BARS ? "last"
				       : "middle",
		    (int)i * CHART_WIDTH / REPORT_BARS, CHART_HEIGHT + 22,
		    report_span(text, seconds));
	}
	put_marks(page);
	fputs("</svg>\n", page->stream);
}

static void put_quantiles(struct page *page)
{
	char text[REPORT_NUMBER];

	fputs("<thead><tr><th scope=col>attempts<th scope=col class=number>ran at most</thead>\n"
	      "<tbody>\n",
	    page->stream);
	for (size_t i = 0; page->figures.count > 0 && i < REPORT_QUANTILES; i++)
		fprintf(page->stream, "<tr><th scope=row>%s<td class=number>%s\n",
		    page->figures.quantiles[i].name,
		    report_span(text, page->figures.quantiles[i].seconds));
	fputs("</tbody>\n", page->stream);
}

/* --- what there was over time --- */

/* The last sample up to a time; NULL: there is none. */
static const struct report_sample *sample_at(const struct page *page, double at_s)
{
	const struct report_sample *found = NULL;

	for (size_t i = 0; i < page->sample_count && page->samples[i].at_s <= at_s; i++)
		found = &page->samples[i];
	return found;
}

/* Does this system tell how busy it was? */
static bool has_samples(const struct page *page)
{
	for (size_t i = 0; i < page->sample_count; i++)
		if (page->samples[i].load >= 0 || page->samples[i].free_bytes >= 0)
			return true;
	return false;
}

static void put_sampled(struct page *page, double value, const char *unit)
{
	if (value >= 0)
		fprintf(page->stream, "<td class=number>%.1f%s", value, unit);
	else
		fputs("<td class=number>", page->stream);
}

static void put_bin(struct page *page, size_t index, bool is_sampled)
{
	const struct report_bin *bin = &page->figures.bins[index];
	const struct report_rows *rows = page->rows;
	double width_s = (rows->last_s - rows->first_s) / REPORT_BINS;
	double from_s = rows->first_s + width_s * (double)index;
	const struct report_sample *sample = sample_at(page, from_s + width_s);
	char text[REPORT_NUMBER];

	fprintf(page->stream,
	    "<tr><th scope=row>+%s<td class=number>%.1f<td class=number>%" PRIu64
	    "<td class=number>%" PRIu64,
	    report_span(text, width_s * (double)index), bin->at_work * (double)rows->step,
	    bin->ended * rows->step, bin->failed * rows->step);
	if (is_sampled && !sample)
		fputs("<td><td><td><td><td>", page->stream);
	if (is_sampled && sample) {
		put_sampled(page, sample->load, "");
		fprintf(page->stream, "<td class=number>%s",
		    sample->free_bytes >= 0 ? report_size(text, sample->free_bytes) : "");
		for (int i = 0; i < SYSTEM_RESOURCES; i++)
			put_sampled(page, sample->pressure[i], " %");
	}
	putc('\n', page->stream);
}

static void put_over_time(struct page *page)
{
	bool is_sampled = has_samples(page);

	fputs("<thead><tr><th scope=col>from<th scope=col class=number>at work"
	      "<th scope=col class=number>ended<th scope=col class=number>of them not well",
	    page->stream);
	if (is_sampled)
		fputs("<th scope=col class=number>processes that run or wait"
		      "<th scope=col class=number>memory free"
		      "<th scope=col class=number>pressure: CPU<th scope=col class=number>memory"
		      "<th scope=col class=number>I/O",
		    page->stream);
	fputs("</thead>\n<tbody>\n", page->stream);
	for (size_t i = 0; page->rows->last_s > page->rows->first_s && i < REPORT_BINS; i++)
		put_bin(page, i, is_sampled);
	fputs("</tbody>\n", page->stream);
}

/* --- the slowest, and the failed --- */

static void put_how(struct page *page, const struct report_row *row)
{
	FILE *stream = page->stream;

	fprintf(stream, "<td class=ended data-of=\"Ended\"><span><span class=\"end %s\">%s</span>",
	    end_classes[row->end], end_names[row->end]);
	if (row->signal)
		fprintf(stream, " by signal %d (%s)", row->signal, strsignal((int)row->signal));
	else if (row->end != REPORT_DONE && row->exit_value > 0)
		fprintf(stream, " with status %d", row->exit_value);
	if (row->attempt > 1 || row->end == REPORT_RETRIED)
		fprintf(stream, ", attempt %u", (unsigned)row->attempt);
	fputs("</span>", stream);
}

static void put_usage(struct page *page, const struct report_row *row)
{
	char text[REPORT_NUMBER];

	fputs("<td class=number data-of=\"CPU\">", page->stream);
	if (row->user_s >= 0)
		fputs(report_span(text, (double)row->user_s + row->system_s), page->stream);
	fputs("<td class=number data-of=\"Memory\">", page->stream);
	if (row->rss_bytes > 0)
		fputs(report_size(text, (double)row->rss_bytes), page->stream);
}

/* The command, and where it is known what the job said. */
static void put_texts(struct page *page, const struct report_detail *detail, bool with_error)
{
	const struct report_texts *texts = &detail->texts;
	FILE *stream = page->stream;

	fputs("<td class=again data-of=\"To run it again\">", page->stream);
	if (!texts->command) {
		fprintf(stream, "<span class=note>more than %d bytes</span>", REPORT_COMMAND);
	} else if (texts->command_bytes > 0) {
		fputs("<code class=run>", stream);
		bool is_whole = report_put_bytes(stream, texts->command, texts->command_bytes);
		fputs("</code>", stream);
		if (!is_whole)
			fputs("<span class=note>What \\x stands before is a byte: it is not to be "
			      "copied from here.</span>",
			    stream);
	}
	if (!with_error || texts->error_bytes == 0)
		return;
	fputs("<pre class=error tabindex=0 aria-label=\"the end of its standard error\">", stream);
	/* A newline right behind the tag would not be shown. */
	putc('\n', stream);
	report_put_output(stream, texts->error, texts->error_bytes);
	fputs("</pre>", stream);
}

/* When an attempt began: without the day where that is no question. */
static void put_beginning(struct page *page, double started_s)
{
	bool is_short = page->rows->last_s - page->rows->first_s < 43200;
	char text[REPORT_NUMBER];
	const char *time = report_time(text, started_s), *blank = strchr(time, ' ');

	fputs(is_short && blank ? blank + 1 : time, page->stream);
}

/* --- the jobs at work --- */

/* So many are in the table. */
enum { RUNNING_SHOWN = 200 };

static void put_running_row(struct page *page, const struct report_running *running)
{
	const struct report_row *row = &running->row;
	FILE *stream = page->stream;
	char text[REPORT_NUMBER];

	fprintf(stream, "<tr><th scope=row class=number data-of=\"Job\">%" PRIu64, row->seq);
	fputs("<td class=item data-of=\"Item\"><bdi>", stream);
	report_put_bytes(stream, running->name, running->name_bytes);
	fputs("</bdi><td class=number data-of=\"Since\">", stream);
	fputs(report_time(text, row->started_s), stream);
	fprintf(
	    stream, "<td class=number data-of=\"Runs for\">%s", report_span(text, row->runtime_s));
	fprintf(stream,
	    "<td class=number data-of=\"Slot\">%u<td class=number data-of=\"Attempt\">%u"
	    "<td class=number data-of=\"Process\">%d\n",
	    row->slot, row->attempt, (int)running->pid);
}

static void put_running(struct page *page)
{
	const struct report_facts *facts = page->facts;
	FILE *stream = page->stream;
	size_t shown = facts->running_count < RUNNING_SHOWN ? facts->running_count : RUNNING_SHOWN;

	if (shown == 0)
		return;
	fputs(
	    "<section aria-labelledby=running-title>\n<h2 id=running-title>Running</h2>\n", stream);
	if (shown < facts->running_count)
		fprintf(stream, "<p class=note>The %zu of %zu that began first.</p>\n", shown,
		    facts->running_count);
	fputs("<div class=wide tabindex=0 role=region aria-labelledby=running-title>"
	      "<table class=jobs>\n<thead><tr><th scope=col class=number>Job<th scope=col>Item"
	      "<th scope=col class=number>Since<th scope=col class=number>Runs for"
	      "<th scope=col class=number>Slot<th scope=col class=number>Attempt"
	      "<th scope=col class=number>Process</thead>\n<tbody>\n",
	    stream);
	for (size_t i = 0; i < shown; i++)
		put_running_row(page, &facts->running[i]);
	fputs("</tbody></table></div>\n</section>\n", stream);
}

/* --- single jobs that are over --- */

static void put_detail(struct page *page, const struct report_detail *detail, bool with_error)
{
	const struct report_row *row = &detail->row;
	FILE *stream = page->stream;
	char text[REPORT_NUMBER];

	fprintf(stream, "<tr><th scope=row class=number data-of=\"Job\">%" PRIu64, row->seq);
	if (!page->facts->journal) {
		fputs("<td class=item data-of=\"Item\"><bdi>", stream);
		report_put_bytes(stream, detail->texts.name, detail->texts.name_bytes);
		fputs("</bdi>", stream);
	}
	fputs("<td class=number data-of=\"Ran\">", stream);
	if (row->started_s > 0)
		fputs(report_span(text, row->runtime_s), stream);
	fputs("<td class=number data-of=\"Began\">", stream);
	if (row->started_s > 0)
		put_beginning(page, row->started_s);
	put_how(page, row);
	put_usage(page, row);
	put_texts(page, detail, with_error);
	putc('\n', stream);
}

static void put_detail_names(struct page *page, const char *last)
{
	fprintf(page->stream,
	    "<thead><tr><th scope=col class=number>Job%s"
	    "<th scope=col class=number>Ran<th scope=col class=number>Began<th scope=col>Ended"
	    "<th scope=col class=number>CPU<th scope=col class=number>Memory"
	    "<th scope=col>%s</thead>\n<tbody>\n",
	    page->facts->journal ? "" : "<th scope=col>Item", last);
}

static void put_slowest(struct page *page)
{
	put_detail_names(page, "To run it again");
	for (size_t i = 0; i < page->rows->slowest_count; i++)
		put_detail(page, &page->rows->slowest[i], false);
	fputs("</tbody>\n", page->stream);
}

static void put_failures(struct page *page)
{
	size_t kept = report_failures_kept(page->rows);

	if (kept == 0) {
		fputs("<p>None.</p>\n", page->stream);
		return;
	}
	if (kept < page->rows->failure_count)
		fprintf(page->stream,
		    "<p class=note>The first %d and the last %d of %" PRIu64 ".</p>\n",
		    REPORT_FAILURES, REPORT_FAILURES, page->rows->failure_count);
	if (!page->facts->has_errors && !page->facts->journal)
		fputs("<p class=note>With -u jobs write to stderr by themselves: what they said is "
		      "not known.</p>\n",
		    page->stream);
	fputs("<div class=wide tabindex=0 role=region aria-labelledby=failed-title>"
	      "<table class=jobs>\n",
	    page->stream);
	put_detail_names(page, "To run it again, and the end of its stderr");
	for (size_t i = 0; i < kept; i++)
		put_detail(page, report_failure(page->rows, i), true);
	fputs("</tbody></table></div>\n", page->stream);
}

/* --- the data for the script --- */

/* A number of a row as it stands in the data. */
typedef int64_t column_value(const struct report_row *row);

/* Times are in tenths of a millisecond. */
static int64_t tick(double seconds)
{
	return llround(seconds * 1e4);
}

static int64_t column_seq(const struct report_row *row)
{
	return (int64_t)row->seq;
}

static int64_t column_start(const struct report_row *row)
{
	return tick(row->started_s);
}

static int64_t column_run(const struct report_row *row)
{
	return tick(row->runtime_s);
}

static int64_t column_slot(const struct report_row *row)
{
	return row->slot;
}

static int64_t column_end(const struct report_row *row)
{
	return row->end;
}

/* The exit status, or 1000 and the signal. */
static int64_t column_status(const struct report_row *row)
{
	return row->signal ? 1000 + row->signal : row->exit_value;
}

static int64_t column_attempt(const struct report_row *row)
{
	return row->attempt;
}

static int64_t column_cpu(const struct report_row *row)
{
	return row->user_s < 0 ? REPORT_UNKNOWN : tick((double)row->user_s + row->system_s);
}

static int64_t column_memory(const struct report_row *row)
{
	return row->rss_bytes < 0 ? REPORT_UNKNOWN : row->rss_bytes / 1024;
}

static const struct {
	const char *name;
	column_value *value;
} columns[] = {
    {"seq", column_seq},
    {"start", column_start},
    {"run", column_run},
    {"slot", column_slot},
    {"end", column_end},
    {"status", column_status},
    {"attempt", column_attempt},
    {"cpu", column_cpu},
    {"memory", column_memory},
};

/* Writes a number with a comma before it, unless it is the first. */
static void put_number(FILE *stream, bool is_first, int64_t number)
{
	char text[24], *at = text + sizeof text;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	/* printf(3) takes most of the time of a large page. */
	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--at = '-';
	if (!is_first)
		*--at = ',';
	fwrite(at, 1, (size_t)(text + sizeof text - at), stream);
}

/* The row with an index: those of attempts that are over, and behind them of jobs at work; NULL:
 * there are no more. */
static const struct report_row *row_at(const struct page *page, size_t index)
{
	size_t over = page->rows->count;

	if (index < over)
		return &page->rows->all[index];
	return index - over < page->facts->running_count ? &page->facts->running[index - over].row
							 : NULL;
}

static void put_column(struct page *page, column_value *value, int64_t begin)
{
	int64_t before = begin;
	bool is_first = true;
	const struct report_row *row;

	for (size_t i = 0; (row = row_at(page, i)); i++) {
		if (row->started_s == 0)
			continue;
		int64_t now = value(row);
		put_number(page->stream, is_first, now - before);
		before = now;
		is_first = false;
	}
}

/* The bytes that a name may take: written as JSON a byte takes up to six. */
static size_t name_room(const struct page *page)
{
	size_t room = NAMES_BYTES / (page->rows->count + 1);

	return room > REPORT_NAME ? REPORT_NAME + 3 : room < LEAST_NAME ? LEAST_NAME : room;
}

static size_t json_bytes(char byte)
{
	unsigned char value = (unsigned char)byte;

	return value < 0x20 || strchr("<>&\"\\\x7f", byte) ? 6 : value < 0x80 ? 1 : 2;
}

/* Writes a name, or where it takes more than the room, its beginning and its end. */
static void put_name(struct table_writer *writer, const char *name, size_t length, size_t room)
{
	size_t head = 0, tail = length, used = 0;

	while (head < tail && used + json_bytes(name[head]) <= room / 3)
		used += json_bytes(name[head++]);
	while (head < tail && used + json_bytes(name[tail - 1]) <= room)
		used += json_bytes(name[--tail]);
	table_begin_text(writer);
	if (head < tail) {
		while (head > 0 && ((unsigned char)name[head] & 0xc0) == 0x80)
			head--;
		while (tail < length && ((unsigned char)name[tail] & 0xc0) == 0x80)
			tail++;
		table_put_part(writer, name, head);
		table_put_part(writer, "\xe2\x80\xa6", 3);
		table_put_part(writer, name + tail, length - tail);
	} else {
		table_put_part(writer, name, length);
	}
	table_end_text(writer);
}

static void put_names(struct page *page)
{
	const struct strlist *names = &page->rows->names;
	struct table_writer writer = {
	    .format = table_format_of(".json"), .stream = page->stream, .text.in_html = true};
	size_t room = name_room(page);
	bool is_first = true;

	fputs(",\n\"names\":[", page->stream);
	for (size_t i = 0; i < page->rows->count; i++) {
		if (page->rows->all[i].started_s == 0)
			continue;
		fputs(is_first ? "" : ",", page->stream);
		put_name(&writer, strlist_at(names, i), strlist_length(names, i), room);
		is_first = false;
	}
	for (size_t i = 0; i < page->facts->running_count; i++) {
		const struct report_running *running = &page->facts->running[i];
		fputs(is_first ? "" : ",", page->stream);
		put_name(&writer, running->name, running->name_bytes, room);
		is_first = false;
	}
	fputs("]", page->stream);
}

/* Samples: time, running, slots, load, free memory in MiB, pressure; -1: not known. */
static void put_samples(struct page *page)
{
	fputs(",\n\"samples\":[", page->stream);
	for (size_t i = 0; i < page->sample_count; i++) {
		const struct report_sample *sample = &page->samples[i];
		double free_mib = sample->free_bytes < 0 ? -1 : sample->free_bytes / 1048576;
		fprintf(page->stream, "%s[%.3f,%u,%u,%.0f,%.0f,%.1f,%.1f,%.1f]", i > 0 ? "," : "",
		    sample->at_s - page->facts->began_s, sample->running, sample->slots,
		    sample->load, free_mib, sample->pressure[SYSTEM_CPU],
		    sample->pressure[SYSTEM_MEMORY], sample->pressure[SYSTEM_IO]);
	}
	fputs("]", page->stream);
}

/* How far the clock on the wall is ahead of UTC, in seconds. */
static long zone_offset(double at_s)
{
	time_t time = (time_t)at_s;
	struct tm parts;

	return localtime_r(&time, &parts) ? parts.tm_gmtoff : 0;
}

static void put_data(struct page *page)
{
	const struct report_facts *facts = page->facts;
	FILE *stream = page->stream;

	fprintf(stream,
	    "{\"began\":%.4f,\"now\":%.4f,\"zone\":%ld,\"step\":%" PRIu64 ",\"over\":%s",
	    facts->began_s, facts->now_s, zone_offset(facts->began_s), page->rows->step,
	    facts->is_over ? "true" : "false");
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		bool is_start = columns[i].value == column_start;
		fprintf(stream, ",\n\"%s\":[", columns[i].name);
		put_column(page, columns[i].value, is_start ? tick(facts->began_s) : 0);
		fputs("]", stream);
	}
	put_names(page);
	put_samples(page);
	fputs("}\n", stream);
}

static void put_maker(struct page *page)
{
	fputs("pexec " PEXEC_VERSION, page->stream);
}

/* --- the template --- */

static const struct {
	const char *name;
	void (*put)(struct page *page);
} parts[] = {
    {"title", put_title},
    {"verdict", put_verdict},
    {"facts", put_facts},
    {"tiles", put_tiles},
    {"notes", put_notes},
    {"running", put_running},
    {"histogram", put_histogram},
    {"quantiles", put_quantiles},
    {"over-time", put_over_time},
    {"slowest", put_slowest},
    {"failures", put_failures},
    {"data", put_data},
    {"maker", put_maker},
};

static void put_part(struct page *page, const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strlen(parts[i].name) == length && memcmp(parts[i].name, name, length) == 0)
			parts[i].put(page);
}

static void put_page(struct page *page)
{
	const char *at = report_template, *mark;

	while ((mark = strstr(at, "%%"))) {
		const char *name = mark + 2, *end = strstr(name, "%%");
		fwrite(at, 1, (size_t)(mark - at), page->stream);
		put_part(page, name, (size_t)(end - name));
		at = end + 2;
	}
	fputs(at, page->stream);
}

/* --- the file --- */

/*
 * Opens a file beside the page, empty, by a name that the caller frees: always the same one, so
 * that a run that was killed leaves no more than that. It is locked: two runs do not write to it at
 * once. Returns its descriptor, or -1 with errno.
 */
static int open_beside(const char *path, char **name)
{
	if (asprintf(name, "%s.new", path) < 0) {
		errno = ENOMEM;
		return -1;
	}
	int guard = path_guard(*name);
	int fd = guard < 0
		     ? -1
		     : flopen(*name, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC | guard,
			   0666);
	int error = errno;
	/* It may have been made, and not locked. */
	if (guard >= 0 && fd < 0 && error != EWOULDBLOCK)
		unlink(*name);
	if (fd < 0)
		free(*name);
	errno = error;
	return fd;
}

/* Where a page goes: where a link leads, to a file or to where there is none yet. NULL with errno.
 */
static char *target_of(const char *path)
{
	struct stat status;
	int guard = path_guard(path);

	if (guard < 0)
		return NULL;
	if (stat(path, &status) != 0)
		return strdup(path);
	if (S_ISREG(status.st_mode))
		return guard ? strdup(path) : realpath(path, NULL);
	errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
	return NULL;
}

/* Fills the file of `fd`, and closes it. Returns 0, or -1 with errno. */
static int fill(struct page *page, int fd)
{
	page->stream = fdopen(fd, "w");
	if (!page->stream) {
		close(fd);
		return -1;
	}
	setvbuf(page->stream, NULL, _IOFBF, IO_BLOCK);
	errno = 0;
	put_page(page);
	/* What could not be written is still in the buffer: trying again tells why. */
	bool failed = fflush(page->stream) != 0 || ferror(page->stream) != 0;
	int error = errno ? errno : EIO;
	/* Some file systems say only now that there was no room. */
	if (fclose(page->stream) == 0 && !failed)
		return 0;
	if (failed)
		errno = error;
	return -1;
}

/* Writes the page to a file of another name, and renames that. */
static int replace(struct page *page, const char *target)
{
	char *name;
	int fd = open_beside(target, &name);

	if (fd < 0)
		return -1;
	/* The file is locked until it has its name. */
	int lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int result = fill(page, fd);
	if (result == 0)
		result = rename(name, target);
	int error = errno;
	if (lock >= 0)
		close(lock);
	if (result != 0)
		unlink(name);
	free(name);
	errno = error;
	return result;
}

int report_page_write(const char *path, const struct report_facts *facts,
    const struct report_rows *rows, const struct report_sample *samples, size_t sample_count)
{
	struct page page = {
	    .facts = facts, .rows = rows, .samples = samples, .sample_count = sample_count};
	char *target = target_of(path);

	if (!target)
		return -1;
	int result = -1;
	if (report_figures_make(&page.figures, rows))
		result = replace(&page, target);
	int error = errno;
	free(target);
	errno = error;
	return result;
}

int report_page_try(const char *path)
{
	char *target = target_of(path), *folder = target ? path_folder(target) : NULL;
	int result = folder ? faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) : -1;
	int error = errno;

	free(target);
	free(folder);
	errno = error;
	return result;
}
