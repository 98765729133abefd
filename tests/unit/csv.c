/* csv: bytes -> records, a record -> its fields, or what is wrong with it. */
#undef NDEBUG
#include "base/csv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record has these fields, each in brackets. */
static void check_fields(char separator, const char *record, const char *expected)
{
	const char *at = record, *end = record + strlen(record);
	struct strlist fields = {0};
	char shown[256] = "";

	for (bool more = true; more;) {
		more = csv_next_field(&at, end, separator, &fields);
		strlist_end(&fields);
	}
	assert(at == end && !strlist_failed(&fields));
	for (size_t i = 0; i < fields.count; i++)
		snprintf(shown + strlen(shown), sizeof shown - strlen(shown), "[%s]",
		    strlist_at(&fields, i));
	if (strcmp(shown, expected) != 0) {
		fprintf(stderr, "%s: %s, not %s\n", record, shown, expected);
		exit(1);
	}
	strlist_free(&fields);
}

static void check_fault(const char *record, enum csv_fault expected, size_t expected_at)
{
	size_t at = 0;
	enum csv_fault fault = csv_check(record, strlen(record), ',', &at);

	if (fault != expected || (fault != CSV_WHOLE && at != expected_at)) {
		fprintf(stderr, "%s: %s at %zu\n", record, csv_fault_text(fault), at);
		exit(1);
	}
}

/* The first record is as long, wherever what is read is cut in two; -1: it does not end. */
static void check_end(const char *bytes, ptrdiff_t expected)
{
	size_t length = strlen(bytes);

	for (size_t cut = 0; cut <= length; cut++) {
		enum csv_state state = CSV_FIELD_BEGINS;
		const char *end = csv_find_end(&state, bytes, cut, ',');
		/* What was found is found again. */
		if (end)
			assert(csv_find_end(&state, end, 1, ',') == end);
		else
			end = csv_find_end(&state, bytes + cut, length - cut, ',');
		if ((end ? end - bytes : -1) != expected) {
			fprintf(stderr, "%s, cut at %zu\n", bytes, cut);
			exit(1);
		}
	}
}

int main(void)
{
	static const struct {
		char separator;
		const char *record, *expected;
	} fields[] = {
	    {',', "", "[]"},
	    {',', ",", "[][]"},
	    {',', "a,b c, d ", "[a][b c][ d ]"},
	    {',', "\"a,b\",c", "[a,b][c]"},
	    {',', "\"\",\"\"", "[][]"},
	    {',', "\"a\"\"b\",\"\"\"\",\"\"\"x\"\"\"", "[a\"b][\"][\"x\"]"},
	    {',', "\"a\nb\r\nc\",d", "[a\nb\r\nc][d]"},
	    {';', "a,b;\"c;d\"", "[a,b][c;d]"},
	    {'\t', "a\t\"b\t\"\t", "[a][b\t][]"},
	    /* Broken ones are taken as they are. */
	    {',', "a\"b,c", "[a\"b][c]"},
	    {',', "\"ab\"c,d", "[abc][d]"},
	    {',', "\"ab,c", "[ab,c]"},
	};
	static const struct {
		const char *record;
		enum csv_fault fault;
		size_t at;
	} faults[] = {
	    {"", CSV_WHOLE, 0},
	    {"a,\"b,\"\"\n\",", CSV_WHOLE, 0},
	    {"a\"", CSV_STRAY_QUOTE, 2},
	    {"a,b \"c\"", CSV_STRAY_QUOTE, 5},
	    {"\"a\"b", CSV_BEHIND_CLOSING, 4},
	    {"\"a\" ,b", CSV_BEHIND_CLOSING, 4},
	    {"\"a\"\nb", CSV_BEHIND_CLOSING, 4},
	    {"\"", CSV_NOT_CLOSED, 1},
	    {"\"a\",\"b\"\"", CSV_NOT_CLOSED, 5},
	    {"a,\"b,c\nd", CSV_NOT_CLOSED, 3},
	};
	static const struct {
		const char *bytes;
		ptrdiff_t end;
	} ends[] = {
	    {"", -1},
	    {"a,b", -1},
	    {"\n", 0},
	    {"a,b\nc\n", 3},
	    {"a\r\nc", 2},
	    {"\"a\nb\",c\nd\n", 7},
	    {"\"a\"\"\n\"\nb", 6},
	    {"a,\"\n\"\n", 5},
	    {"\"a\n", -1},
	    /* A quote in a plain field opens nothing. */
	    {"a\"b\nc\"\n", 3},
	    {"\"a\"b\nc\n", 4},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		check_fields(fields[i].separator, fields[i].record, fields[i].expected);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		check_fault(faults[i].record, faults[i].fault, faults[i].at);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		check_end(ends[i].bytes, ends[i].end);
}
