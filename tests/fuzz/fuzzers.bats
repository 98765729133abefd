#!/usr/bin/env bats
# A short run of every fuzzer.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	mkdir seeds
}

# A beginning for the fuzzer, as printf has it: seed INPUT
seed() {
	# shellcheck disable=SC2059 # it is a format
	printf "$1" >"seeds/$(find seeds -type f | wc -l)"
}

# Ends after so many runs, on a slow machine after some seconds: fuzz NAME RUNS
fuzz() {
	# Fresh pages for every allocation would take most of the time.
	export ASAN_OPTIONS=quarantine_size_mb=1:${ASAN_OPTIONS:-}
	run "$BUILD/fuzz/$1" -seed=1 -runs="$2" -max_total_time=4 -max_len=120 -len_control=0 \
		-print_funcs=0 seeds
	assert_success
}

@test "fuzz: the item reader" {
	needs_plain_build 'fuzzers have their own'
	# delimiter, limit, flags, more?, length of the schedule, schedule, content
	seed '\n\10\1\252\0a\nbb\n\nccc'
	seed '\n\10\0\0\11\0\1\2\3\4\5\170\0\1a\nbb\n\nccc\n'
	seed '\0\0\1\377\4\171\171\170\172\377\1a\376\1b\0c'
	seed ',\5\7\0\3\207\207\207\377\200a,\377\1b\377\1c,d'
	fuzz reader 600
}

@test "fuzz: the template, its cost, and commands in print" {
	needs_plain_build 'fuzzers have their own'
	# flags, numbers of words, items and columns, seq, slot, then the strings
	seed '\0\3\2\0\1\2\200\0a\201\202\203\204\0\205\206\0d/a.b\0/x\0'
	seed '\10\2\1\3\377\377\207\210\211\212\213\0\214\215\216\217\0item\0a/b.c\0//\0x.\0'
	seed '\6\3\2\0\0\1@@\0@@@\223\224\0\225\226\227x\0\200\231\0if\0a=b\0'
	seed '\1\1\2\0\0\0-echo "x"\0\203\0\0\200\0'
	fuzz template 4000
}

@test "fuzz: commands for a shell print their values, in dash and bash, and nothing else runs" {
	needs_plain_build 'fuzzers have their own'
	# text or a command; bash?, two values; then choices in the grammar
	seed '\0\1\200a\0\201b\0\1\2\3\4\5\1\2\3\4\5\6\1\2\3\4\5\6'
	seed '\0\0\231\0\232x\0\4\3\5\3\6\1\4\5\2\1\0\3\2\1\5\4\3\2\1'
	seed '\0\1\234\0\237\0\5\1\16\2\17\3\4\2\2\2\3\1\1\5\5\4\4\6\6'
	# bash, appended, several; the text
	seed '\3\0\3\0\4\10\0\10\4\6\0\6'
	seed '\3\1\46\47\3\0\23\51\5\3\12\3\0\13'
	fuzz shell 300
}

@test "fuzz: the reader of journals" {
	needs_plain_build 'fuzzers have their own'
	# the way to resume, then the journal; over 127: header, columns, "\\t:...0\\t", "0\\t0\\t", \\n, \\t, 1, -1...
	seed '\1\200\2041\202\203echo a\2042\202\207\205\206\205echo b\204'
	seed '\2\200\201\2041\202\203echo a\211\211\2050\2041\202\2063\205\0\205x\204'
	seed '\0001\202\203a\204\2102\202\203b\204'
	seed '\1\2001\202\203a\2051\2051\2041\202\203a\2051\2051\2051\204\2051\204'
	seed '\1\200\204\206\202\203a b\204\210\202\203c\204\0\0\0'
	fuzz journal 1000
}

@test "fuzz: batches" {
	needs_plain_build 'fuzzers have their own'
	# items and bytes a job, cost of a command, an item and a byte, how many to skip; then the items
	seed '\2\0\1\0\1\0\1\301\1\377\1\252\377\1\1'
	seed '\0\2\5\1\2\1\1\1\1\360\252\1\1\1\340\1\100\1\100'
	seed '\1\0\5\1\1\2\252\301\1\1\340\1'
	seed '\4\1\0\0\1\0\20\20\20\20\377\20\52\52'
	fuzz queue 10000
}

@test "fuzz: the options" {
	needs_plain_build 'fuzzers have their own'
	# the processors, then the words
	seed '\2-j50%%\0-n\0003\0-d\0\\\\x1f\0-I\0@@\0echo\0@@\0:::\0a\0b\0:::\0c\0'
	seed '\0-ax\0--colsep=[\\t,]+\0--header\0:\0--trim\0lr\0-X\0-s\00010k\0cmd\0::::\0f\0g\0'
	seed '\3--dry\0--nice=-5\0--grace\0001.5m\0--skip\0007\0-Efoo\0-j-1\0-tux\0--\0-c\0'
	seed '\1--unknwon=x\0'
	seed '\0-j-1\0'
	seed '\0-j00000000000009%%\0'
	fuzz options 10000
}

@test "every fuzzer is run here" {
	for source in "$project"/tests/fuzz/*.c; do
		grep -q "^	fuzz $(basename "$source" .c) " "$BATS_TEST_FILENAME"
	done
}
