#include "pace/slot_count.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/system_limits.h"

/* No number is as long as this; a longer file is none. */
enum { MOST_TEXT = 64 };

bool slot_count_parse(const char *text, unsigned *slots, char reason[SLOT_COUNT_REASON])
{
	const char *digits = text + (*text == '+' || *text == '-');
	size_t length = strlen(digits);
	bool percent = length > 0 && digits[length - 1] == '%';
	const char *problem = "invalid";
	long long value = 0;
	char copy[16];

	if (length < sizeof copy && isdigit((unsigned char)*digits)) {
		memcpy(copy, digits, length + 1);
		if (percent)
			copy[length - 1] = '\0';
		value = strtonum(copy, 0, percent ? 1000000 : MAX_SLOTS, &problem);
	}
	if (problem || (percent && digits != text)) {
		snprintf(reason, SLOT_COUNT_REASON,
		    "%s (N, +N, -N or N%% of the CPUs, or 0 for the most; N up to %d)",
		    problem ? problem : "invalid", MAX_SLOTS);
		return false;
	}
	long long cpus = *text == '+' || *text == '-' || percent ? system_cpus() : 0;
	if (percent)
		value = (cpus * value + 99) / 100;
	else if (*text == '+')
		value = cpus + value;
	else if (*text == '-')
		value = cpus - value;
	else if (value == 0)
		value = (long long)system_processes();
	if (value < 1) {
		snprintf(reason, SLOT_COUNT_REASON,
		    "fewer than one slot left (CPUs to use here: %lld)", cpus);
		return false;
	}
	*slots = value < MAX_SLOTS ? (unsigned)value : MAX_SLOTS;
	return true;
}

static const char automatic[] = "auto";

bool slot_range_is_asked(const char *text)
{
	size_t length = sizeof automatic - 1;

	return strncmp(text, automatic, length) == 0 &&
	       (text[length] == '\0' || text[length] == ':');
}

/* Reads MIN-MAX. False when it is something else. */
static bool read_range(const char *text, struct slot_range *range)
{
	char least[16];
	const char *dash = strchr(text, '-'), *problem, *other;
	size_t length = dash ? (size_t)(dash - text) : sizeof least;

	if (length >= sizeof least || !isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)dash[1]))
		return false;
	memcpy(least, text, length);
	least[length] = '\0';
	range->least = (unsigned)strtonum(least, 1, MAX_SLOTS, &problem);
	range->most = (unsigned)strtonum(dash + 1, 1, MAX_SLOTS, &other);
	return !problem && !other && range->least <= range->most;
}

bool slot_range_parse(const char *text, struct slot_range *range, char reason[SLOT_COUNT_REASON])
{
	const char *given = text + sizeof automatic - 1;
	unsigned long processes = system_processes();
	unsigned most = AUTO_SLOTS_PER_CPU * system_cpus();

	*range = (struct slot_range){.least = 1, .most = most < MAX_SLOTS ? most : MAX_SLOTS};
	if (*given == ':' && !read_range(given + 1, range)) {
		snprintf(reason, SLOT_COUNT_REASON,
		    "a range is auto:MIN-MAX, with numbers from 1 to %d", MAX_SLOTS);
		return false;
	}
	if (range->most > processes)
		range->most = processes > 0 ? (unsigned)processes : 1;
	if (range->least > range->most)
		range->least = range->most;
	return true;
}

/* Reads a small regular file. Returns its length, which is `size` where it has more, or -1. */
static ssize_t read_file(const char *name, char *text, size_t size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	ssize_t length = -1;

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		length = read(fd, text, size);
	else
		errno = EINVAL;
	int error = errno;
	close(fd);
	errno = error;
	return length;
}

/* The only word of a file, in `text`. NULL with the reason: it has none. */
static char *read_word(const char *name, char text[MOST_TEXT], char reason[SLOT_COUNT_REASON])
{
	char shown[ESCAPED];
	ssize_t length = read_file(name, text, MOST_TEXT);

	if (length < 0) {
		strlcpy(reason, errno == EINVAL ? "no regular file" : strerror(errno),
		    SLOT_COUNT_REASON);
		return NULL;
	}
	char *word = text;
	while (length > 0 && isspace((unsigned char)word[length - 1]))
		length--;
	while (length > 0 && isspace((unsigned char)*word))
		word++, length--;
	if (length == MOST_TEXT || memchr(word, '\0', (size_t)length)) {
		escape(shown, sizeof shown, word, (size_t)length);
		snprintf(reason, SLOT_COUNT_REASON, "'%s' in it is no number", shown);
		return NULL;
	}
	word[length] = '\0';
	return word;
}

/* What is wrong with the word of a file. */
static void blame_word(const char *word, const char *why, char reason[SLOT_COUNT_REASON])
{
	char shown[ESCAPED];

	escape(shown, sizeof shown, word, strlen(word));
	snprintf(reason, SLOT_COUNT_REASON, "'%s' in it: ", shown);
	strlcat(reason, why, SLOT_COUNT_REASON);
}

bool slot_count_read(const char *name, unsigned *slots, char reason[SLOT_COUNT_REASON])
{
	char text[MOST_TEXT], why[SLOT_COUNT_REASON];
	const char *word = read_word(name, text, reason);

	if (!word)
		return false;
	bool is_one = slot_count_parse(word, slots, why);
	if (!is_one)
		blame_word(word, why, reason);
	return is_one;
}

bool slot_setting_read(
    const char *name, struct slot_setting *setting, char reason[SLOT_COUNT_REASON], bool *empty)
{
	char text[MOST_TEXT], why[SLOT_COUNT_REASON];
	const char *word = read_word(name, text, reason);

	*setting = (struct slot_setting){0};
	*empty = word && !*word;
	if (!word)
		return false;
	bool finds = slot_range_is_asked(word);
	bool is_one = finds ? slot_range_parse(word, &setting->range, why)
			    : slot_count_parse(word, &setting->slots, why);
	if (!is_one)
		blame_word(word, why, reason);
	if (finds)
		setting->slots = setting->range.most;
	return is_one;
}
