/*
 * throughput: how much work a number of slots gets done, estimated from a window of ended jobs.
 *
 * Two estimates are made of each window, and taken together by their errors when two windows are
 * compared:
 *
 * - Counted: ends for each second of a slot, times the slots. That is Little's law (L = X * R,
 *   J. D. C. Little, 1961) with the time of jobs that have not ended in it, as in the estimate of a
 *   rate from observations that are cut off: so a window may close at any time. Where run times
 *   have a heavy tail it says little: one long job is as much as a hundred.
 * - By run times: the mean of their logarithms tells by which factor jobs take longer than with
 *   another number of slots; so the rate has changed by the ratio of the slots over that factor.
 *   That is robust, but right only as far as all jobs slow down alike.
 *
 * A pure function of numbers: no clock, no system.
 */
#ifndef PEXEC_PACE_THROUGHPUT_H
#define PEXEC_PACE_THROUGHPUT_H

/*
 * What was seen in a window. It has only jobs that began with this number of slots: what was in
 * flight when the number changed belongs to no window. Sums over the jobs that ended in it:
 */
struct window {
	unsigned slots;
	double slot_s;     /* seconds of slots, each counted from its first such job on */
	double busy_s;     /* of these, the seconds in which a job ran, ended or not */
	double ends;       /* processes that have ended */
	double failed;     /* of these, with failure */
	double runtime_s;  /* the sum of run times, */
	double runtime_s2; /* of their squares, */
	double log_sum;    /* of their logarithms (of seconds), */
	double log_sum2;   /* and of the squares of these */
	double cpu_s;      /* processor time, user and system, of jobs and their children */
	unsigned running;  /* jobs that have begun in the window's time and not ended */
	double idle;       /* share of the machine's processors that idled; below 0: not known */
	double
	    memory_wait; /* share of the time in which a process waited for memory (PSI "some") */
};

/* What it comes to. A deviation is one of a logarithm: 0.1 is 10 %. */
struct throughput {
	unsigned slots;
	double ends;
	double log_rate;         /* of finished jobs per second */
	double rate_variance;    /* of that, as counted */
	double log_runtime;      /* mean of the logarithms, of seconds */
	double runtime_variance; /* of the logarithm of one job */
	double busy;             /* share of the slots' time in which a job ran */
	double runtime_s, cpu_s; /* of a job, mean */
	double cpu_share;        /* processors that a slot keeps busy */
};

/* Estimates; the window has at least one end. */
struct throughput throughput_of(const struct window *window);

/* Adds the sums of a window to those of another one with the same number of slots. */
void window_add(struct window *sum, const struct window *window);

/* Lets what is known count for less: as if only this share of it had been seen. */
void window_fade(struct window *sum, double share);

struct gain {
	double log;       /* of the ratio of the rates: 0.1 is 10 % more */
	double deviation; /* of that */
};

/* What `to` gets done more than `from`. */
struct gain throughput_gain(const struct throughput *from, const struct throughput *to);

/* Finished jobs per second. */
double throughput_rate(const struct throughput *throughput);

#endif
