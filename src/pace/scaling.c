#include "pace/scaling.h"

#include <math.h>
#include <stdbool.h>

enum { TERMS = 3 };

/* Sums for least squares: the weighted products of terms, and of each with the run time. */
struct sums {
	double terms[TERMS][TERMS], times[TERMS];
};

/* Each run time counts by its relative error. */
static struct sums sum_up(const struct scaling_point *points, size_t count)
{
	struct sums sums = {0};

	for (size_t p = 0; p < count; p++) {
		double n = points[p].slots, time = n / points[p].rate;
		double row[TERMS] = {1, n - 1, n * (n - 1)};
		double weight = points[p].weight / (time * time);
		for (int i = 0; i < TERMS; i++) {
			for (int k = 0; k < TERMS; k++)
				sums.terms[i][k] += weight * row[i] * row[k];
			sums.times[i] += weight * row[i] * time;
		}
	}
	return sums;
}

/*
 * Solves for the terms in `set` (bit i: term i), the others are 0, by Gauss-Jordan elimination.
 * False when there are too few points for them, or one comes out below 0.
 */
static bool solve(const struct sums *sums, unsigned set, double found[TERMS])
{
	double m[TERMS][TERMS + 1];

	for (int i = 0; i < TERMS; i++) {
		bool used = set >> i & 1;
		for (int k = 0; k < TERMS; k++)
			m[i][k] = used && (set >> k & 1) ? sums->terms[i][k] : i == k;
		m[i][TERMS] = used ? sums->times[i] : 0;
	}
	for (int i = 0; i < TERMS; i++) {
		/* What elimination has left of a diagonal is lost in rounding. */
		if (m[i][i] <= 1e-9 * ((set >> i & 1) ? sums->terms[i][i] : 1))
			return false;
		for (int row = 0; row < TERMS; row++) {
			double factor = row == i ? 0 : m[row][i] / m[i][i];
			for (int k = i; k <= TERMS; k++)
				m[row][k] -= factor * m[i][k];
		}
	}
	for (int i = 0; i < TERMS; i++)
		if ((found[i] = m[i][TERMS] / m[i][i]) < 0)
			return false;
	return true;
}

/* The sum of weighted squares that the terms explain: the more, the better they fit. */
static double explained(const struct sums *sums, const double found[TERMS])
{
	double sum = 0;

	for (int i = 0; i < TERMS; i++) {
		sum += 2 * found[i] * sums->times[i];
		for (int k = 0; k < TERMS; k++)
			sum -= found[i] * found[k] * sums->terms[i][k];
	}
	return sum;
}

struct scaling scaling_fit(const struct scaling_point *points, size_t count)
{
	struct sums sums = sum_up(points, count);
	struct scaling best = {.most_rate = INFINITY};
	double most = -1, found[TERMS];

	/*
	 * None may be below 0: the best of all sets of terms is that of the constrained problem.
	 * Where two sets fit as well as each other, as they do to two points, the one that comes
	 * first counts: it takes what slows down for coherence, and so does not promise more from
	 * numbers that lie beyond all that were tried. Contention alone never costs more than a
	 * job does: b is at most a.
	 */
	static const unsigned sets[] = {1, 5, 3, 7};
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		if (solve(&sums, sets[i], found) && found[1] <= found[0] &&
		    explained(&sums, found) > most + 1e-9 * fabs(most)) {
			most = explained(&sums, found);
			best.a = found[0];
			best.b = found[1];
			best.c = found[2];
		}
	return best;
}

double scaling_rate(const struct scaling *scaling, unsigned slots)
{
	double n = slots;
	double time = scaling->a + scaling->b * (n - 1) + scaling->c * n * (n - 1);
	double rate = n / time, bound = rate / scaling->most_rate;

	/* Near a bound jobs come together by chance: the way to it is round, as measured curves
	 * are. */
	return rate / cbrt(1 + bound * bound * bound);
}

unsigned scaling_best(
    const struct scaling *scaling, unsigned least, unsigned most, double tolerance)
{
	double best = 0;

	/* In steps of 3 %: nearer numbers are not told from each other by measuring, either. */
	for (unsigned n = least; n <= most; n += 1 + n / 32)
		best = fmax(best, scaling_rate(scaling, n));
	for (unsigned n = least; n < most; n += 1 + n / 32)
		if (scaling_rate(scaling, n) >= best * (1 - tolerance))
			return n;
	return most;
}
