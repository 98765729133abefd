/* The system calls that are made to fail, and the errors that each of them may give. */
#ifndef SHORTAGE_CALLS_H
#define SHORTAGE_CALLS_H

#include <stdbool.h>

enum { CALL_MOST_ERRORS = 8 };

struct call {
	const char *name;
	int number;
	int errors[CALL_MOST_ERRORS + 1]; /* behind the last one: 0 */
	bool may_be_short;                /* it may move less than it was asked to */
	bool waits;                       /* it may be interrupted, and has only to be made again */
};

/* All of them; behind the last one is one without a name. */
extern const struct call calls[];

/* The call of a number; NULL: it is not among them. */
const struct call *calls_find(int number);

#endif
