#include "base/digits.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

const char *digits_read(const char *text, uint64_t *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*number = strtoumax(text, &end, 10);
	return errno == 0 && *number <= INT64_MAX ? end : NULL;
}
