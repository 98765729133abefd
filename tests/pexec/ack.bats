#!/usr/bin/env bats
# Programs that answer each block with a line, and have done it with that: --spread --ack.
# shellcheck disable=SC2016 # what stands in single quotes is for the jobs' shell to expand
# shellcheck disable=SC2154 # pid is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# A program that answers each line with itself and its own number, unless COMMAND does something else with $line:
# answers [COMMAND]
answers() {
	echo 'while read -r line; do '"${1:-:}"'; echo "$line $$"; done'
}

# Blocks of a record for programs that answer: acks OPTION...
acks() {
	"$PEXEC" --pipe --spread --ack -n 1 "$@"
}

@test "a program has one block after the other, and its lines are what the jobs print" {
	run -0 acks -k -j3 -c "$(answers)" < <(seq 100)
	assert_equal "$(cut -d' ' -f1 <<<"$output")" "$(seq 100)"
	assert [ "$(cut -d' ' -f2 <<<"$output" | sort -u | wc -l)" -le 3 ]
	run -0 acks -k -j1 --tag -c "$(answers)" < <(seq 2)
	assert_line --index 0 --regexp $'^0\\+2\t1 [0-9]+$'
	acks -j1 --results r -c "$(answers)" < <(seq 2) >/dev/null
	assert_equal "$(cat r/*/stdout | wc -l)" 2
	# Its words are those of the block that it was started with.
	run -0 acks -j1 -k sh -c 'while read -r line; do echo "$0"; done' '{#}' < <(seq 3)
	assert_output $'1\n1\n1'
	# Blocks of several records, and larger than a pipe.
	seq 100000 >numbers
	run -0 "$PEXEC" --pipe --spread --ack -n 50000 -j2 -k perl -e '$| = 1; while (<>) { $sum += $_; if ($. % 50000 == 0) { print "$sum\n"; $sum = 0 } }' <numbers
	assert_output $'1250025000\n3750025000'
}

@test "each block is in the journal, and --resume goes on behind those that are done" {
	once=$(answers '[ "$line" != 3 ] || [ -e again ] || exit 1')
	run -125 acks -j1 --joblog log --halt now,fail=1 -c "$once" < <(seq 5)
	: >again
	assert_equal "$(tail -n +2 log | cut -f1,7)" $'1\t0\n2\t0\n3\t1'
	run -0 acks -k -j2 --joblog log --resume-failed -c "$once" < <(seq 5)
	assert_equal "$(cut -d' ' -f1 <<<"$output")" $'3\n4\n5'
}

@test "a block whose program ends without an answer fails, or another program has it" {
	run -123 acks -j1 -c "$(answers '[ "$line" != 2 ] || exit 4')" < <(seq 3)
	assert_line 'pexec: 1 of 3 jobs failed: 2 (2+2: exit 4)'
	run -123 acks -j1 -q -c "$(answers '[ "$line" != 2 ] || exit 0')" < <(seq 3)
	assert_line 'pexec: job 2 (2+2): --ack: its command has ended without an answer'
	run -0 acks -j1 -k --retries 2 -c "$(answers '[ "$line" != 2 ] || [ -e again ] || { : >again; kill -9 $$; }')" < <(seq 3)
	assert_line 'pexec: job 2 (2+2): killed by signal 9 (Killed)'
	assert_line --index 3 --regexp '^3 '
	# A program for one block, too.
	run -0 acks -j1 -k head -n 1 < <(seq 3)
	assert_output $'1\n2\n3'
	run -127 acks nothing-of-this-name < <(seq 3)
	run -123 acks -q -j1 -c 'read -r line; yes a | tr -d "\n"' < <(seq 1)
	assert_output 'pexec: job 1 (0+2): --ack: its answer is more than 1 MiB'
}

@test "--timeout is of a block, not of the program" {
	mkfifo go
	run -123 acks -j1 -q --timeout 0.2 -c "$(answers '[ "$line" != 3 ] || read -r _ <go')" < <(for i in {1..4}; do sleep 0.15; echo "$i"; done)
	assert_line --partial 'pexec: job 3 (4+2): timed out'
	assert_equal "$(grep -c '^[124] ' <<<"$output")" 3
}

@test "a program that says something else is not trusted: the run drains with status 1" {
	run -1 acks -j1 -c 'while read -r line; do echo a; echo b; done' < <(seq 9)
	assert_line --partial 'pexec: --ack: the command of slot 1 has '
	run -1 acks -j1 -c "$(answers); exit 5" < <(seq 2)
	assert_line 'pexec: --ack: the command of slot 1 has ended with status 5 behind its last answer'
	run -1 acks -j1 -c "$(answers); echo bye" < <(seq 2)
	assert_line 'pexec: --ack: the command of slot 1 has printed 4 bytes that are no answer'
}

@test "signals and a drain end programs that wait for a block" {
	mkfifo in
	exec 5<>in
	start "$PEXEC" --pipe --spread --ack -n 1 -j1 --ctl S -c "$(answers)" <in >out 2>err
	echo one >&5
	wait_until grep -q one out
	ctl drain
	ends 125
	start "$PEXEC" --pipe --spread --ack -n 1 -j2 -c "$(answers)" <in >out 2>err
	echo one >&5
	wait_until grep -q one out
	kill -TERM "$pid"
	ends 143
	assert_equal "$(cat err)" ''
	exec 5>&-
}

@test "what --ack cannot be combined with is said" {
	run -1 "$PEXEC" --pipe --ack cat
	assert_output 'pexec: --ack is about --spread: it is missing'
	run -1 acks -u cat
	run -1 acks --pty cat
	run -1 acks --linger 1 cat
}
