#!/usr/bin/env bats
# Jobs that live from the beginning to the end, and get one block after the other: --spread.
# shellcheck disable=SC2016 # what stands in single quotes is for the jobs' shell to expand
# shellcheck disable=SC2154 # pid is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	untraced_at_first
	seq 100000 >numbers
}

@test "every record reaches one job, in the order of the input, and no more jobs than slots start" {
	"$PEXEC" --pipe --spread --block 20k -j3 -c 'cat >part$PEXEC_SEQ' <numbers
	cmp numbers <(sort -n part*)
	sort -nc part1
	parts=(part*)
	assert [ ${#parts[@]} -le 3 ]
	rm part*
	"$PEXEC" --pipe --spread --block 20k -j3 -c 'cat >part$PEXEC_SEQ' < <(cat numbers)
	cmp numbers <(sort -n part*)
	parts=(part*)
	assert [ ${#parts[@]} -le 3 ]
}

@test "blocks go to whichever job has room" {
	# The first job reads nothing until all else has been read.
	mkfifo go
	run -0 "$PEXEC" --pipe --spread --block 10k -j2 -c 'if [ $PEXEC_SEQ = 1 ]; then : <go; wc -l; else wc -l >rest; : >go; fi' <numbers
	slow=$output
	assert [ "$slow" -lt 30000 ]
	assert_equal "$((slow + $(cat rest)))" 100000
}

@test "a job that has ended leaves the rest of the input to another one" {
	run -0 "$PEXEC" --pipe --spread --block 10k -j1 head -n 1 <numbers
	assert_line --index 0 1
	assert [ ${#lines[@]} -ge 5 ]
	# A block that it has had nothing of is not lost: each of these is more than the pipe holds.
	run -0 "$PEXEC" --pipe --spread --block 200k -j1 -k -c 'head -c 204796 | wc -c' <numbers
	assert_output --regexp '^204[0-9]{3}'
}

@test "the input may come late: a job has what there is, and its end is seen before there is more" {
	mkfifo in
	exec 5<>in
	start "$PEXEC" --pipe --spread -n 1 -j1 --lb -c 'read -r a; echo "$a"; read -r b; echo "$b"; echo over' <in >out
	echo one >&5
	wait_until grep -q one out
	echo two >&5
	wait_until grep -q over out
	echo three >&5
	exec 5>&-
	ends 0
	assert_equal "$(cat out)" $'one\ntwo\nover\nthree\n\nover'
}

@test "a drain ends the input of jobs, and a signal ends them" {
	mkfifo in
	exec 5<>in
	start "$PEXEC" --pipe --spread -n 1 -j1 --lb --ctl S -c 'cat; echo over' <in >out 2>err
	echo one >&5
	wait_until grep -q one out
	ctl drain
	ends 125
	assert_equal "$(cat out)" $'one\nover'
	exec 5>&-
	exec 5<>in
	start "$PEXEC" --pipe --spread -n 1 -j2 --lb -c 'cat; echo over' <in >out 2>err
	echo one >&5
	wait_until grep -q one out
	kill -TERM "$pid"
	ends 143
	exec 5>&-
}

# A block more, and two jobs run.
two_run() {
	echo more >&5
	tells '2 running' status
}

@test "a pause holds the blocks back, and a slot that is one too many gets no other" {
	mkfifo in
	exec 5<>in
	start "$PEXEC" --pipe --spread -n 1 -j2 --lb --ctl S -c 'while read -r line; do echo "$line"; done' <in >out
	echo 1 >&5
	wait_until grep -qx 1 out
	ctl pause
	echo 2 >&5
	tells '1 running' status
	run -1 grep -x 2 out
	ctl resume
	wait_until grep -qx 2 out
	wait_until two_run
	ctl slots 1
	wait_until tells '1 running' status
	echo last >&5
	exec 5>&-
	ends 0
	grep -qx last out
}

@test "the end of a job is seen while others wait for their next block" {
	mkfifo in
	exec 5<>in
	start "$PEXEC" --pipe --spread -n 1 -j3 --ctl S -c 'while read -r line; do [ "$line" != quit ] || exit 0; done' <in
	wait_until two_run
	echo quit >&5
	wait_until tells '1 done' status
	exec 5>&-
	ends 0
}

@test "jobs that are slow do not get more than the one behind" {
	[ -z "${PORTABLE:-}" ] || skip "the size of pipes is fixed"
	mkfifo go
	exec 5<>go
	start "$PEXEC" --pipe --spread -n 1 -j3 -c 'while read -r line; do echo "$PEXEC_SEQ" >>taken; read -r _ <go; done' < <(seq 6)
	wait_until has_lines 3 taken
	assert_equal "$(sort taken)" $'1\n2\n3'
	printf '%s\n' 1 2 3 4 5 6 >&5
	ends 0
	exec 5>&-
	assert_equal "$(wc -l <taken)" 6
}

@test "a job that fails is counted, and what it has had is not had by another" {
	run -123 "$PEXEC" --pipe --spread --block 10k -j1 -c 'if [ $PEXEC_SEQ = 1 ]; then head -c 10 >/dev/null; exit 3; fi; cat >rest' <numbers
	assert_output 'pexec: 1 of 2 jobs failed: 1 (0+: exit 3)'
	assert [ "$(head -n 1 rest)" -gt 1 ]
	run -127 "$PEXEC" --pipe --spread -j2 nothing-of-this-name <numbers
}

@test "what --spread cannot be combined with is said" {
	run -1 "$PEXEC" --spread cat
	run -1 "$PEXEC" --pipe --spread --retries 2 cat
	run -1 "$PEXEC" --pipe --spread --limit true cat
	assert_output --partial 'cannot be given again'
	run -1 "$PEXEC" --pipe --spread --joblog log --resume cat
	"$PEXEC" --pipe --spread --joblog log -j1 cat <numbers >out
	assert_equal "$(tail -n +2 log | cut -f1,7-)" $'1\t0\t0\tcat # 0+'
	run -0 "$PEXEC" --pipe --spread -j1 -c 'echo $PEXEC_BLOCK_BYTES.$PEXEC_BLOCK_OFFSET' <numbers
	assert_output .
}
