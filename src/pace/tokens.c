#include "pace/tokens.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>

#include "base/message.h"
#include "base/thread.h"

bool tokens_are_needed(const struct tokens *tokens)
{
	return tokens->jobserver || tokens->semaphore;
}

/* Gives one back to where it has come from. */
static void hand_back(struct tokens *tokens)
{
	if (tokens->jobserver)
		jobserver_give(tokens->jobserver);
	else
		shared_semaphore_give(tokens->semaphore);
}

/* Gives back what no job uses and no slot wants. */
static void hand_back_surplus(struct tokens *tokens)
{
	unsigned surplus = 0;

	lock_take(&tokens->lock);
	unsigned needed = tokens->used + tokens->wanted;
	for (; tokens->have > needed && tokens->have > tokens->own; tokens->have--)
		surplus++;
	lock_release(&tokens->lock);
	while (surplus-- > 0)
		hand_back(tokens);
}

/* --- the thread --- */

/* Waits for one more. False: it was told to end, or none comes any more. */
static bool await_one(struct tokens *tokens)
{
	if (tokens->jobserver)
		return jobserver_take(tokens->jobserver, &tokens->stop);
	while (shared_semaphore_take(tokens->semaphore, -1) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

/* No token comes any more: the one of our own is left, or the run cannot go on. */
static void give_up(struct tokens *tokens)
{
	message_errno("waiting for a %s%s",
	    tokens->jobserver ? "token of the jobserver" : "unit of --semaphore",
	    tokens->own ? ": one job runs at a time from now on" : "");
	if (!tokens->own)
		run_state_stop(tokens->state, RUN_DRAINS, 1, 0);
}

/* Is one more wanted than there are? Not when the thread has to end. */
static bool is_wanted(struct tokens *tokens, bool *closing)
{
	lock_take(&tokens->lock);
	*closing = tokens->closing;
	bool wanted = tokens->used + tokens->wanted > tokens->have;
	lock_release(&tokens->lock);
	return wanted && !*closing;
}

/* One more is ours. */
static void add_one(struct tokens *tokens)
{
	lock_take(&tokens->lock);
	tokens->have++;
	lock_release(&tokens->lock);
	hand_back_surplus(tokens);
	run_state_changed(tokens->state);
}

static void *tokens_main(void *argument)
{
	struct tokens *tokens = argument;
	bool closing = false;

	while (!closing) {
		unsigned seen = eventcount_read(&tokens->changed);
		if (!is_wanted(tokens, &closing)) {
			if (!closing)
				eventcount_wait(&tokens->changed, seen, INT64_MAX);
			continue;
		}
		if (await_one(tokens)) {
			add_one(tokens);
			continue;
		}
		if (is_wanted(tokens, &closing))
			give_up(tokens);
		return NULL;
	}
	return NULL;
}

void tokens_open(struct tokens *tokens, struct jobserver *jobserver,
    struct shared_semaphore *semaphore, struct run_state *state)
{
	*tokens = (struct tokens){.jobserver = jobserver, .semaphore = semaphore, .state = state};
	if (!tokens_are_needed(tokens))
		return;
	tokens->own = tokens->have = jobserver && !jobserver->serves;
	lock_init(&tokens->lock, LOCK_PACE);
	eventcount_init(&tokens->changed);
	if (interrupt_open(&tokens->stop) != 0)
		err(1, "sharing slots");
	errno = thread_start(&tokens->thread, THREAD_STACK, tokens_main, tokens);
	if (errno)
		err(1, "sharing slots");
	/* It cannot be waited for: see tokens_close. */
	if (semaphore)
		pthread_detach(tokens->thread);
}

/* --- slots --- */

void tokens_add_own(struct tokens *tokens)
{
	lock_take(&tokens->lock);
	tokens->own++;
	tokens->have++;
	lock_release(&tokens->lock);
	run_state_changed(tokens->state);
}

void tokens_want(struct tokens *tokens)
{
	lock_take(&tokens->lock);
	tokens->wanted++;
	lock_release(&tokens->lock);
	eventcount_signal(&tokens->changed);
}

void tokens_want_no_more(struct tokens *tokens)
{
	lock_take(&tokens->lock);
	assert(tokens->wanted > 0);
	tokens->wanted--;
	lock_release(&tokens->lock);
	hand_back_surplus(tokens);
}

bool tokens_are_awaited(struct tokens *tokens)
{
	if (!tokens_are_needed(tokens))
		return false;
	lock_take(&tokens->lock);
	bool awaited = tokens->wanted > 0 && tokens->used >= tokens->have;
	lock_release(&tokens->lock);
	return awaited;
}

bool tokens_take(struct tokens *tokens)
{
	lock_take(&tokens->lock);
	bool free = tokens->used < tokens->have;
	tokens->used += free;
	lock_release(&tokens->lock);
	return free;
}

void tokens_give(struct tokens *tokens)
{
	lock_take(&tokens->lock);
	assert(tokens->used > 0);
	tokens->used--;
	/* Our own is for a slot of ours; any other one goes to whoever waits for it longest. */
	bool back = tokens->have > tokens->own && !tokens->keeps;
	tokens->have -= back;
	lock_release(&tokens->lock);
	if (back)
		hand_back(tokens);
	run_state_changed(tokens->state);
	eventcount_signal(&tokens->changed);
}

void tokens_close(struct tokens *tokens)
{
	if (!tokens_are_needed(tokens))
		return;
	lock_take(&tokens->lock);
	tokens->closing = true;
	lock_release(&tokens->lock);
	interrupt_raise(&tokens->stop);
	eventcount_signal(&tokens->changed);
	/* A wait for a semaphore cannot be broken off; but what it gets the kernel takes back. */
	if (tokens->semaphore) {
		hand_back_surplus(tokens);
		shared_semaphore_close(tokens->semaphore);
		return;
	}
	pthread_join(tokens->thread, NULL);
	hand_back_surplus(tokens);
	interrupt_close(&tokens->stop);
	eventcount_destroy(&tokens->changed);
	lock_destroy(&tokens->lock);
	jobserver_close(tokens->jobserver);
}
