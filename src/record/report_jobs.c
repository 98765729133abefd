#include "record/report_parts.h"

#include <inttypes.h>
#include <string.h>

#include "record/report_text.h"

/* --- what is told of a job --- */

static void put_how(struct page *page, const struct report_row *row)
{
	FILE *stream = page->stream;

	fprintf(stream, "<td class=ended data-of=\"Ended\"><span><span class=\"end %s\">%s</span>",
	    page_end_classes[row->end], page_end_names[row->end]);
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
		bool is_whole = report_put_command(stream, texts->command, texts->command_bytes);
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

void page_put_running(struct page *page)
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

/* --- the slowest, and the failed --- */

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
	if (page->figures.has_usage)
		put_usage(page, row);
	put_texts(page, detail, with_error);
	putc('\n', stream);
}

static void put_detail_names(struct page *page, const char *last)
{
	fprintf(page->stream,
	    "<thead><tr><th scope=col class=number>Job%s"
	    "<th scope=col class=number>Ran<th scope=col class=number>Began<th scope=col>Ended%s"
	    "<th scope=col>%s</thead>\n<tbody>\n",
	    page->facts->journal ? "" : "<th scope=col>Item",
	    page->figures.has_usage
		? "<th scope=col class=number>CPU<th scope=col class=number>Memory"
		: "",
	    last);
}

void page_put_slowest(struct page *page)
{
	put_detail_names(page, "To run it again");
	for (size_t i = 0; i < page->rows->slowest_count; i++)
		put_detail(page, &page->rows->slowest[i], false);
	fputs("</tbody>\n", page->stream);
}

void page_put_failures(struct page *page)
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
