#include "record/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "record/report_text.h"

const char *const page_end_names[REPORT_ENDS] = {
    "done", "failed", "timed out", "retried", "ended with the run"};

const char *const page_end_classes[REPORT_ENDS] = {"done", "failed", "timeout", "retried", "left"};

void page_put_title(struct page *page)
{
	const struct report_facts *facts = page->facts;
	const char *what = facts->command ? facts->command : facts->journal;

	report_put_bytes(page->stream, what, strnlen(what, 80));
	fputs(" \xe2\x80\x93 pexec", page->stream);
}

void page_put_verdict(struct page *page)
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

void page_put_facts(struct page *page)
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

void page_put_tiles(struct page *page)
{
	const struct report_rows *rows = page->rows;
	const struct report_figures *figures = &page->figures;
	char text[REPORT_NUMBER];

	for (int i = 0; i < REPORT_ENDS; i++) {
		snprintf(text, sizeof text, "%" PRIu64, rows->ends[i]);
		if (rows->ends[i] > 0 || i <= REPORT_FAILED)
			put_tile(page, rows->ends[i] > 0 ? page_end_classes[i] : "none",
			    page_end_names[i], text);
	}
	snprintf(text, sizeof text, "%zu", page->facts->running_count);
	if (page->facts->running_count > 0)
		put_tile(page, "running", "running", text);
	if (figures->count > 0)
		put_tile(page, "", "median", report_span(text, figures->quantiles[2].seconds));
	put_pace(page);
}

/* Where the page does not show all that there was, it says so. */
void page_put_notes(struct page *page)
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

void page_put_maker(struct page *page)
{
	fputs("pexec " PEXEC_VERSION, page->stream);
}
