#include "pool/status.h"
#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const states[] = {
    [POOL_RUNNING] = "running", [POOL_DRAINING] = "draining", [POOL_ENDING] = "ending"};

struct status status_of(struct pool *pool)
{
	return (struct status){
	    .running = atomic_load(&pool->running),
	    .slots = atomic_load(&pool->limit),
	    .delayed = queue_delayed(pool->queue),
	    .done = atomic_load(&pool->done),
	    .failed = atomic_load(&pool->failed),
	    .left = queue_left(pool->queue),
	    .seconds = (clock_ms() - pool->began) / 1000,
	    .paused = atomic_load(&pool->held),
	    .state = atomic_load(&pool->state),
	};
}

void status_counts(const struct status *status, char text[STATUS_TEXT])
{
	snprintf(text, STATUS_TEXT, "%u running, %" PRIu64 " done, %" PRIu64 " failed",
	    status->running, status->done, status->failed);
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
	if (status->delayed > 0)
		add(text, "; ", status->delayed, "to be tried again");
	if (status->paused)
		strlcat(text, "; paused", STATUS_TEXT);
	if (status->state != POOL_RUNNING) {
		strlcat(text, "; ", STATUS_TEXT);
		strlcat(text, states[status->state], STATUS_TEXT);
	}
}

void status_json(const struct status *status, char text[STATUS_TEXT])
{
	char left[32] = "null";

	if (status->left >= 0)
		snprintf(left, sizeof left, "%" PRId64, status->left);
	snprintf(text, STATUS_TEXT,
	    "{\"pid\":%d,\"state\":\"%s\",\"paused\":%s,\"slots\":%u,\"running\":%u,"
	    "\"done\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"delayed\":%u,\"left\":%s,"
	    "\"seconds\":%" PRId64 "}",
	    (int)getpid(), states[status->state], status->paused ? "true" : "false", status->slots,
	    status->running, status->done, status->failed, status->delayed, left, status->seconds);
}
