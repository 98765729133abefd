#include "record/report_figures.h"

#include <math.h>
#include <stdlib.h>

static const struct report_quantile quantiles[REPORT_QUANTILES] = {{0, "shortest", 0},
    {0.25, "25 %", 0}, {0.5, "50 % (median)", 0}, {0.75, "75 %", 0}, {0.9, "90 %", 0},
    {0.95, "95 %", 0}, {0.99, "99 %", 0}, {1, "longest", 0}};

/* The shortest time that the histogram tells from others, and how much longer it goes at least. */
static const double least_s = 0.0005, least_spread = 1.5;

static int compare(const void *first, const void *second)
{
	double a = *(const double *)first, b = *(const double *)second;

	return (a > b) - (a < b);
}

static bool counts(const struct report_row *row)
{
	return row->started_s > 0 && row->end != REPORT_LEFT;
}

static bool has_failed(const struct report_row *row)
{
	return row->end != REPORT_DONE;
}

static void make_quantiles(struct report_figures *figures, const double *sorted)
{
	for (size_t i = 0; i < REPORT_QUANTILES; i++) {
		figures->quantiles[i] = quantiles[i];
		size_t last = figures->count - 1;
		/* The nearest rank: the time of an attempt that there was. */
		double rank = ceil(quantiles[i].share * (double)figures->count) - 1;
		size_t at = rank > 0 ? (size_t)rank : 0;
		figures->quantiles[i].seconds = sorted[at < last ? at : last];
	}
}

static void make_bars(struct report_figures *figures, const struct report_rows *rows,
    double shortest_s, double longest_s)
{
	double least = fmax(shortest_s, least_s), most = fmax(longest_s, least);
	double spread = fmax(most / least, least_spread);
	/* Times that are close together stand in the middle. */
	double from_s = sqrt(least * most / spread);

	for (size_t i = 0; i < REPORT_BARS; i++) {
		figures->bars[i].from_s = from_s * pow(spread, (double)i / REPORT_BARS);
		figures->bars[i].to_s = from_s * pow(spread, (double)(i + 1) / REPORT_BARS);
	}
	for (size_t i = 0; i < rows->count; i++) {
		const struct report_row *row = &rows->all[i];
		if (!counts(row))
			continue;
		double place = log(fmax(row->runtime_s, from_s) / from_s) / log(spread);
		size_t bar = (size_t)(place * REPORT_BARS);
		bar = bar < REPORT_BARS ? bar : REPORT_BARS - 1;
		figures->bars[bar].count++;
		figures->bars[bar].failed += has_failed(row);
	}
}

/* Adds an attempt to the parts of the time in which it ran. */
static void add_to_bins(
    struct report_figures *figures, const struct report_row *row, double first_s, double width_s)
{
	double from = (row->started_s - first_s) / width_s, to = from + row->runtime_s / width_s;
	size_t last = to >= REPORT_BINS ? REPORT_BINS - 1 : (size_t)to;

	for (size_t i = (size_t)from; i <= last; i++)
		figures->bins[i].at_work +=
		    fmax(0, fmin(to, (double)i + 1) - fmax(from, (double)i));
	if (row->end == REPORT_LEFT)
		return;
	figures->bins[last].ended++;
	figures->bins[last].failed += has_failed(row);
}

bool report_figures_make(struct report_figures *figures, const struct report_rows *rows)
{
	double *sorted = reallocarray(NULL, rows->count + 1, sizeof *sorted);
	double width_s = (rows->last_s - rows->first_s) / REPORT_BINS;

	*figures = (struct report_figures){.count = 0};
	if (!sorted)
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		const struct report_row *row = &rows->all[i];
		if (row->started_s > 0 && width_s > 0)
			add_to_bins(figures, row, rows->first_s, width_s);
		figures->has_usage |= row->user_s >= 0 || row->rss_bytes > 0;
		figures->work_s += row->started_s > 0 ? row->runtime_s : 0;
		if (!counts(row))
			continue;
		sorted[figures->count++] = row->runtime_s;
		figures->total_s += row->runtime_s;
		figures->cpu_s += row->user_s >= 0 ? (double)row->user_s + row->system_s : 0;
	}
	if (figures->count > 0) {
		qsort(sorted, figures->count, sizeof *sorted, compare);
		make_quantiles(figures, sorted);
		make_bars(figures, rows, sorted[0], sorted[figures->count - 1]);
	}
	free(sorted);
	return true;
}
