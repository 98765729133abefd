#!/usr/bin/env bats
# What C reaches better than a command line: single modules.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

# Runs a unit program: unit NAME
unit() {
	run "$BUILD/unit/$1"
	assert_success
}

@test "strlist: running out of memory" {
	unit strlist
}

@test "split: expressions and trimming" {
	unit split
}

@test "blocks: random inputs, cut up in every way" {
	unit blocks
}

@test "csv: records, fields, and what is wrong with them" {
	unit csv
}

@test "shell_words: a value has its place in any quoting, or none" {
	unit shell_words
}

@test "spool: no memory, no file" {
	unit spool
}

@test "guardian: a job that a dying thread has let through" {
	unit guardian
}

@test "memory_budget: large pieces are used again, and given up" {
	unit memory_budget
}

@test "io: a descriptor that does not block" {
	unit io
}

@test "reader: goes on where the system cannot wait" {
	unit reader
}

@test "queue: batches, interruptions, and items that cannot be arguments" {
	unit queue
}

@test "quoted_items: what comes byte by byte, with interrupts, is what comes at once" {
	unit quoted_items
}

@test "append_file: appends that fail, and torn ends" {
	unit append_file
}

@test "estimate: of simulated runs, beside what GNU parallel says of them" {
	unit estimate
}

@test "escape: characters that are shown, and where they are cut" {
	unit escape
}

@test "random: below a bound, and each number at some time" {
	unit random
}

@test "autosize: 500 simulated loads, and those of the manual, take little longer than with the best fixed number" {
	unit autosize
}

@test "room: how many jobs may start" {
	unit room
}

@test "report: a page each minute, an even sample of very many attempts" {
	unit report
}

@test "every unit program is run here, or in tests/linux" {
	for source in "$project"/tests/unit/*.c; do
		grep -q "^	unit $(basename "$source" .c)$" "$BATS_TEST_FILENAME" ||
			grep -q "/unit/$(basename "$source" .c)\"" "$project"/tests/linux/*.bats
	done
}
