#!/usr/bin/env bats
# Short runs of the trials of make soak.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

# One trial, with so many repetitions and jobs: soak TRIAL COUNT ITEMS
soak() {
	# What it starts works in the folder of the test.
	TMPDIR=$BATS_TEST_TMPDIR COUNT=$2 ITEMS=$3 LINES=100000 MINUTES=1 LATE=2000 run "$project/tests/soak" "$1"
	assert_success
	assert_line --regexp "^soak: $1: "
}

@test "killed with SIGKILL and resumed until done: every item ran, and the journal tells the truth" {
	soak kill 3 100
}

@test "the journal's file system full for a while" {
	soak full 20 250
}

@test "TERM, INT, HUP and KILL during many jobs, also while they are being started" {
	soak gone 60 150
}

@test "signals at random moments, with retries, timeouts and a journal" {
	soak signals 20 500
}

@test "a long journal with nothing left to do" {
	needs_plain_build 'it is about time and memory'
	soak load 1 1
}

@test "random bytes on the socket of --ctl while a run goes on" {
	needs_plain_build 'it is about memory'
	soak fuzz 20 300
}

@test "standing still: many jobs with the memory, the descriptors and the threads of few" {
	needs_plain_build 'it is about memory'
	soak still 1 2
}

@test "a run that waits for items uses no processor time, and no thread wakes up" {
	needs_plain_build 'a thread of its own that wakes up'
	soak quiet 3 1
}

@test "a followed file, rotated while it is written to, and pexec killed and resumed" {
	soak follow 101 8
}

@test "an idle run does nothing at all" {
	needs_plain_build 'it is about wake-ups'
	export IDLE=2
	soak idle 1 1
}

@test "rounds that begin with the second" {
	soak every 4 1
}

@test "simulated loads, and what -j auto makes of them" {
	# Of so few loads a single one may take the mean over its bound: always the same ones here.
	export SEED=14
	soak auto 2 1
}

@test "a Redis list, and workers that are killed" {
	soak redis 10 250
}

# The sample of the sweep is tests/shortage/calls.bats.
@test "every trial is run here, but for those that need a quiet machine, or minutes" {
	sed -n 's/^trial_\(.*\)() {$/\1/p' "$project/tests/soak" | sort >trials
	sed -n 's/^	soak \([a-z]*\) .*/\1/p' "$BATS_TEST_FILENAME" | sort >run
	assert_equal "$(cat trials)" "$(sort run - <<<$'append\ncron\nrate\nshortage')"
}
