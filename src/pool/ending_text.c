#include "pool/ending_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pool/rest.h"

/* Why there was an end. */
static const char *reason(struct run_state *state, const struct run_end *end)
{
	if (end->signal)
		return "ended by a signal";
	if (run_state_is_halted(state))
		return "ended by --halt";
	if (run_state_is_drained(state))
		return "drained";
	return run_state_goes_on(state) ? "complete" : "broken off";
}

const char *ending_text(char text[ENDING_TEXT], struct run_state *state,
    const struct progress *progress, const struct run_end *end)
{
	uint64_t failed = atomic_load(&progress->failed);
	char jobs[REST_TEXT] = "", how[REST_TEXT];

	if (failed > 0)
		snprintf(jobs, sizeof jobs, ", %" PRIu64 " job%s failed", failed,
		    failed == 1 ? "" : "s");
	if (end->signal)
		snprintf(how, sizeof how, "signal %d (%s)", end->signal, strsignal(end->signal));
	else
		snprintf(how, sizeof how, "exit status %d", end->status);
	snprintf(text, ENDING_TEXT, "%s%s%s%s; %s", reason(state, end), jobs,
	    *end->rest ? ", " : "", end->rest, how);
	return text;
}
