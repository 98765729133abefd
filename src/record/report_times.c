#include "record/report_parts.h"

#include <inttypes.h>
#include <math.h>

#include "record/report_text.h"

/* The size of the histogram in its own units. */
enum { CHART_WIDTH = 720, CHART_HEIGHT = 160 };

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

void page_put_histogram(struct page *page)
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

void page_put_quantiles(struct page *page)
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

void page_put_over_time(struct page *page)
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
