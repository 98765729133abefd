#include "pool/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/console.h"
#include "base/io.h"
#include "base/turn.h"

/* How often a slot that waits for the user looks whether the run goes on, in ms. */
enum { LOOK_INTERVAL = 100 };

static struct turn asking;

static void init_asking(void)
{
	turn_init(&asking);
}

static void print(const char *text, size_t length)
{
	console_take();
	console_write(STDERR_FILENO, text, length);
	console_release();
}

/* Reads a byte of the terminal. False: there is none any more, or the run ends. */
static bool read_byte(const struct run_state *state, int terminal, char *byte)
{
	struct pollfd input = {.fd = terminal, .events = POLLIN};

	while (run_state_goes_on(state)) {
		io_await(&input, 1, LOOK_INTERVAL);
		if (input.revents)
			return read(terminal, byte, 1) == 1;
	}
	return false;
}

static enum answer read_answer(const struct run_state *state, int terminal)
{
	char first, byte;

	if (!read_byte(state, terminal, &first))
		return ANSWER_NO;
	for (byte = first; byte != '\n';)
		if (!read_byte(state, terminal, &byte))
			return ANSWER_NO;
	return first == 'y' || first == 'Y' ? ANSWER_YES : ANSWER_NO;
}

static enum answer ask(const struct run_state *state, const char *line, size_t length)
{
	static const char question[] = "?...";

	if (!run_state_goes_on(state))
		return ANSWER_NO;
	print(line, length);
	int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0)
		return ANSWER_NONE;
	print(question, sizeof question - 1);
	enum answer answer = read_answer(state, terminal);
	close(terminal);
	return answer;
}

enum answer prompt_ask(const struct run_state *state, const char *line, size_t length)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_asking);
	turn_take(&asking);
	enum answer answer = ask(state, line, length);
	int error = errno;
	turn_give(&asking);
	errno = error;
	return answer;
}
