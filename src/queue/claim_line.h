/*
 * claim_line: a line of the file of --share, and how the file is read: see claim_file.h.
 */
#ifndef PEXEC_QUEUE_CLAIM_LINE_H
#define PEXEC_QUEUE_CLAIM_LINE_H

#include <stdint.h>
#include <sys/types.h>

/* Jobs by their numbers. */
struct claim_range {
	uint64_t first, last;
};

/* More parts than any cluster has processes. */
#define CLAIM_MOST_PARTS (UINT64_C(1) << 40)

/* The longest line, in bytes: a word and three numbers. */
enum { CLAIM_MOST_LINE = 80 };

/* A line, taken apart. */
struct claim_line {
	enum { LINE_BEGUN, LINE_PART, LINE_TAKE, LINE_END, LINE_NONE } kind;
	uint64_t id;              /* of a run; not LINE_BEGUN */
	int64_t begun_s;          /* LINE_BEGUN: in seconds since 1970 */
	uint64_t part;            /* LINE_PART */
	struct claim_range range; /* LINE_TAKE */
};

/* Is handed a line. Returns 0 or an error of errno(3): EBADMSG for one that cannot be here. */
typedef int claim_use(void *context, const struct claim_line *line);

/*
 * Hands the lines of a file from `at` on to `use`. Returns where the last whole line ends; or -1
 * with errno, EBADMSG for what is no line.
 */
off_t claim_lines_read(int fd, off_t at, claim_use *use, void *context);

#endif
