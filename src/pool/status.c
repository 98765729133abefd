#include "pool/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "queue/queue_length.h"

static const char *const phases[] = {
    [RUN_GOES_ON] = "running", [RUN_DRAINS] = "draining", [RUN_ENDS] = "ending"};

struct status status_of(const struct status_parts *parts)
{
	struct status status = {
	    .running = atomic_load(&parts->progress->running),
	    .slots = pool_limit(parts->pool),
	    .ready = queue_ready(parts->queue),
	    .delayed = queue_delayed(parts->queue),
	    .done = atomic_load(&parts->progress->done),
	    .failed = atomic_load(&parts->progress->failed),
	    .left = queue_left(parts->queue),
	    .seconds_s = (double)(clock_ms() - parts->progress->began_ms) / 1000,
	    .rate = -1,
	    .mean_s = -1,
	    .is_auto = sizer_is_on(parts->sizer),
	    .paused = atomic_load(&parts->gate->held),
	    .phase = run_state_phase(parts->gate->state),
	};
	gate_reason(parts->gate, status.running < status.slots, status.reason);
	return status;
}

void status_counts(const struct status *status, char text[STATUS_TEXT])
{
	snprintf(text, STATUS_TEXT, "%u running, %" PRIu64 " done, %" PRIu64 " failed",
	    status->running, status->done, status->failed);
}

static void add_reason(const struct status *status, char text[STATUS_TEXT])
{
	if (!*status->reason)
		return;
	strlcat(text, "; ", STATUS_TEXT);
	strlcat(text, status->reason, STATUS_TEXT);
}

void status_title(const struct status *status, char text[STATUS_TEXT])
{
	status_counts(status, text);
	add_reason(status, text);
}

/* Adds a number of something to a text. */
static void add(char text[STATUS_TEXT], const char *before, int64_t number, const char *what)
{
	size_t used = strlen(text);

	snprintf(text + used, STATUS_TEXT - used, "%s%" PRId64 " %s", before, number, what);
}

void status_line(const struct status *status, char text[STATUS_TEXT])
{
	status_counts(status, text);
	if (status->left >= 0)
		add(text, ", ", status->left, "left");
	add(text, "; ", status->slots, status->slots == 1 ? "slot" : "slots");
	if (status->is_auto)
		strlcat(text, " (auto)", STATUS_TEXT);
	/* Where the length of the queue is known they are in that number. */
	if (status->left < 0 && status->ready > 0)
		add(text, "; ", status->ready, "ready to run");
	if (status->delayed > 0)
		add(text, "; ", status->delayed, "to be tried again");
	add_reason(status, text);
	if (status->phase != RUN_GOES_ON) {
		strlcat(text, "; ", STATUS_TEXT);
		strlcat(text, phases[status->phase], STATUS_TEXT);
	}
}

void status_json(const struct status *status, char text[STATUS_TEXT])
{
	char left[32] = "null", reason[GATE_REASON + 2] = "null";
	char rate[32] = "null", mean[32] = "null";

	if (status->left >= 0)
		snprintf(left, sizeof left, "%" PRId64, status->left);
	/* Its text has nothing in it that JSON would escape. */
	if (*status->reason)
		snprintf(reason, sizeof reason, "\"%s\"", status->reason);
	if (status->rate >= 0)
		snprintf(rate, sizeof rate, "%.3f", status->rate);
	if (status->mean_s >= 0)
		snprintf(mean, sizeof mean, "%.3f", status->mean_s);
	snprintf(text, STATUS_TEXT,
	    "{\"pid\":%d,\"state\":\"%s\",\"paused\":%s,\"slots\":%u,%s\"running\":%u,"
	    "\"done\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"ready\":%u,\"delayed\":%u,"
	    "\"left\":%s,\"reason\":%s,"
	    "\"seconds\":%.3f,\"rate\":%s,\"mean\":%s}",
	    (int)getpid(), phases[status->phase], status->paused ? "true" : "false", status->slots,
	    status->is_auto ? "\"auto\":true," : "", status->running, status->done, status->failed,
	    status->ready, status->delayed, left, reason, status->seconds_s, rate, mean);
}
