#include "pool/rest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "queue/queue_length.h"

struct rest rest_of(const struct progress *progress, struct queue *queue)
{
	uint64_t left_out = atomic_load(&progress->left_out);

	return (struct rest){.jobs = left_out - atomic_load(&progress->given_back),
	    .items = queue_rest(queue),
	    .is_at_most = queue->resume.journal != NULL,
	    .is_endless = queue_is_endless(queue)};
}

bool rest_is_none(const struct rest *rest)
{
	return rest->jobs == 0 && rest->items == 0;
}

/* Are there items left that matter? */
static bool has_items(const struct rest *rest)
{
	return rest->items != 0 && !rest->is_endless;
}

bool rest_is_undone(const struct rest *rest)
{
	return rest->jobs > 0 || has_items(rest);
}

const char *rest_text(const struct rest *rest, char text[REST_TEXT])
{
	char jobs[REST_TEXT / 2] = "", items[REST_TEXT / 2] = "";

	if (rest->jobs > 0)
		snprintf(jobs, sizeof jobs, "%" PRIu64 " job%s left for another run", rest->jobs,
		    rest->jobs == 1 ? "" : "s");
	if (has_items(rest) && rest->items < 0)
		strlcpy(items, "there may be more in the queue", sizeof items);
	else if (has_items(rest))
		snprintf(items, sizeof items, "%s%" PRId64 " item%s not begun",
		    rest->is_at_most ? "up to " : "", rest->items, rest->items == 1 ? "" : "s");
	snprintf(text, REST_TEXT, "%s%s%s", jobs, *jobs && *items ? ", " : "", items);
	return text;
}
