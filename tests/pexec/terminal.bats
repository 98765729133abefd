#!/usr/bin/env bats
# How pexec and its jobs behave on a terminal.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # nap is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Runs something in a terminal of its own, see pty.py: in_terminal [EXPECTED TYPED]... -- COMMAND...
in_terminal() {
	python3 -c 'import os, select' 2>/dev/null || skip "needs python3"
	NO_COLOR=1 python3 "$project/tests/lib/pty.py" "$@"
}

@test "Ctrl-C ends everything, and jobs get SIGINT" {
	run -130 in_terminal 'started' '\x03' -- \
		"$PEXEC" -u sh -c 'trap "echo got INT; kill \$!; wait; exit" INT; sleep '"$nap"' & echo started; wait' ::: a
	assert_line --partial 'got INT'
	none_left
}

@test "Ctrl-C ends jobs of many processes" {
	run -130 in_terminal '3 started' '\x03' -- \
		"$PEXEC" -u -j1 --grace 0.1 sh -c "sleep $nap & (sleep $nap; :) & "'echo $0 started; wait' ::: 3 4 5
	refute_output --partial '4 started'
	none_left
}

@test "Ctrl-C twice kills jobs that ignore it" {
	run -130 in_terminal 'started' '\x03' 'got INT' '\x03' -- \
		"$PEXEC" -u --grace 60 sh -c 'trap "echo got INT" INT; echo started; while :; do sleep '"$nap"' & wait; done' ::: a
	none_left
}

@test "Ctrl-Z stops pexec and its jobs, fg goes on with them" {
	cat >job <<-'SH'
		trap "echo went on" CONT
		echo $$ >number
		echo started
		while :; do sleep "$0" & wait; done
	SH
	run in_terminal \
		'ready> ' "'$PEXEC' -u sh job ::: $nap\r" \
		'started' '\x1a' \
		'ready> ' 'until grep State:.T /proc/$(cat number)/status; do sleep 0.1; done\r' \
		'(stopped)' 'fg\r' \
		'went on' '\x03' \
		'ready> ' 'echo status $?\r' \
		'status 130' '' \
		'ready> ' 'exit 0\r' -- env PS1='ready> ' ENV= sh -i
	assert_success
	none_left
}

@test "Ctrl-Z where no shell could go on with it stops nothing for good" {
	run -130 in_terminal 'started' '\x1a' 'went on' '\x03' -- \
		"$PEXEC" -u --grace 0.1 sh -c 'trap "echo went on" CONT; echo started; while :; do sleep '"$nap"' & wait; done' ::: a
	none_left
}

@test "a job that reads from the terminal is reported and killed, and the next one runs" {
	run -123 in_terminal -- "$PEXEC" -j1 sh -c '[ $0 = 2 ] || read -r x </dev/tty; echo job $0' ::: 1 2
	assert_output "pexec: job 1 (1): stopped, it wants to read from the terminal: killed (--tty gives it to jobs)
job 2"
}

@test "many jobs that read from the terminal, one after the other: each is noticed soon" {
	run -123 in_terminal -- "$PEXEC" -j1 sh -c 'read -r x </dev/tty; echo never' ::: {1..20}
	assert_equal "${#lines[@]}" 20
}

@test "also with --share-stdin, and when a child of the job reads" {
	run -123 in_terminal -- "$PEXEC" -j1 --share-stdin sh -c 'cat; echo never' ::: 1
	assert_output "pexec: job 1 (1): stopped, it wants to read from the terminal: killed (--tty gives it to jobs)"
}

@test "a job that reads its stdin, as ffmpeg does, is not stopped by the terminal" {
	run -0 in_terminal -- "$PEXEC" -j1 sh -c 'cat; echo job $0' ::: 1 2
	assert_output $'job 1\njob 2'
	printf 'a\nb\n' >items
	run -0 in_terminal -- "$PEXEC" -j1 -a items sh -c 'cat; echo job $0'
	assert_output $'job a\njob b'
}

@test "a job that writes to a terminal with tostop is reported and killed" {
	run -123 in_terminal -- sh -c 'stty tostop; exec "$0" sh -c "echo text >/dev/tty; echo never" ::: 1' "$PEXEC"
	assert_output "pexec: job 1 (1): stopped, it wants to write to the terminal: killed (--tty gives it to jobs)"
}

@test "--tty: jobs have the terminal, one after the other" {
	run -0 in_terminal 'go 1' 'a\r' 'go 2' 'b\r' -- \
		"$PEXEC" --tty sh -c 'tty <&1; echo go $0; read -r x; echo "got $x"' ::: 1 2
	assert_line --regexp '^/dev/(pts/[0-9]+|tty)$'
	assert_line 'got a'
	assert_line --index $((${#lines[@]} - 1)) 'got b'
	# They are in the foreground: programs that ask for it may set the terminal.
	run -0 in_terminal 'go' '\x03' 'went on' '' -- sh -c 'trap : INT; "$0" -o sh -c "trap \"echo went on\" INT; echo go; read -r x; exit 0" ::: 1; true' "$PEXEC"
}

@test "--tty without a terminal: the job fails, and is named" {
	run -123 setsid -w "$PEXEC" --tty echo ::: a
	assert_line 'pexec: job 1 (a): --tty: there is no terminal: No such device or address'
	refute_line a
	run -0 setsid -w "$PEXEC" --as parallel --tty echo ::: a
	assert_line 'parallel: job 1 (a): --tty: it has no terminal: No such device or address'
	assert_line a
}

@test "items typed into a terminal start their jobs line by line, and Ctrl-D ends them" {
	run -0 in_terminal '' 'one\r' 'job one' 'two\r' 'job two' '\x04' -- "$PEXEC" echo job
	assert_line 'job one'
	assert_line 'job two'
}

@test "what is read from a terminal is said once, and no failed jobs are named there" {
	run -123 in_terminal 'ends them' 'false\r' '' '\x04' -- "$PEXEC" -j1
	assert_line --index 0 'pexec: reading commands from the terminal, a line each; Ctrl-D ends them'
	refute_output --partial 'failed'
	run -0 in_terminal 'ends them' 'one\r' 'job one' '\x04' -- "$PEXEC" -j1 echo job
	assert_line --index 0 'pexec: reading items from the terminal, a line each; Ctrl-D ends them'
	run -0 in_terminal '' 'one\r' 'job one' '\x04' -- "$PEXEC" -q -j1 echo job
	refute_output --partial 'reading'
	run -0 in_terminal -- "$PEXEC" -j1 echo job ::: a
	assert_output 'job a'
	"$PEXEC" true </dev/null >said 2>&1
	[ ! -s said ]
}

@test "without a terminal: the same jobs run" {
	command -v setsid >/dev/null || skip "needs setsid"
	run -0 setsid --wait "$PEXEC" -j1 sh -c 'echo job $0' ::: 1 2 </dev/null
	assert_output $'job 1\njob 2'
}
