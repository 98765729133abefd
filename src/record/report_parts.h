/*
 * report_parts: the parts of the page of --report, each in its place in the template.
 *
 * Each writes HTML, or the data for the script, to the stream of the page; errors are kept by the
 * stream, for ferror(3).
 */
#ifndef PEXEC_RECORD_REPORT_PARTS_H
#define PEXEC_RECORD_REPORT_PARTS_H

#include <stdio.h>

#include "record/report_figures.h"
#include "record/report_page.h"

/* What a page is made from. */
struct page {
	FILE *stream;
	const struct report_facts *facts;
	const struct report_rows *rows;
	const struct report_sample *samples;
	size_t sample_count;
	struct report_figures figures;
};

/* How an attempt came to its end, in words, and for the style sheet. */
extern const char *const page_end_names[REPORT_ENDS], *const page_end_classes[REPORT_ENDS];

/* The head: what was run, and how it ended. */
void page_put_title(struct page *page);
void page_put_verdict(struct page *page);
void page_put_facts(struct page *page);
void page_put_tiles(struct page *page);
void page_put_notes(struct page *page); /* where the page does not show all that there was */
void page_put_maker(struct page *page);

/* How long attempts ran, and what there was over time. */
void page_put_histogram(struct page *page);
void page_put_quantiles(struct page *page);
void page_put_over_time(struct page *page);

/* Single jobs: those at work, the slowest, the failed. */
void page_put_running(struct page *page);
void page_put_slowest(struct page *page);
void page_put_failures(struct page *page);

/* The data for the script. */
void page_put_data(struct page *page);

#endif
