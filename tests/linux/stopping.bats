#!/usr/bin/env bats
# Signals that arrive while a job is being started or stopped.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# The trace tells of a signal that stops: trace_has SIGNAL
trace_has() {
	local lines
	mapfile -t lines <trace && [[ ${lines[*]} == *"stopped by $1"* ]]
}

@test "SIGTSTP stops the jobs, and none starts until SIGCONT" {
	needs_strace
	mkfifo items
	exec 5<>items
	start "${own_group[@]}" "$PEXEC" -j2 sh -c 'echo $$ >job$0; exec sleep '"$nap" <items
	echo 1 >&5
	wait_until naps 1
	# Between the stop of the jobs and its own, pexec has three seconds to do something wrong.
	strace -o trace -e trace=rt_sigprocmask -e inject=rt_sigprocmask:delay_enter=3000000 -p "$pid" 3>&- &
	wait_until is_traced "$pid"
	kill -s TSTP "$pid"
	wait_until is_stopped "$(cat job1)"
	echo 2 >&5
	wait_until trace_has SIGTSTP
	[ ! -e job2 ]
	kill -s CONT "$pid"
	wait_until naps 2
	kill "$pid"
	ends 143
	none_left
}

# After pexec's own there is the execve of a job.
job_starts() {
	[ "$(grep -c 'execve(' trace)" = 2 ]
}

@test "SIGTSTP stops a job that is just being started, too" {
	needs_strace
	mkfifo go
	# The job's program comes late.
	start "${own_group[@]}" strace -D -f -o trace -e trace=execve -e inject=execve:delay_enter=400000 \
		"$PEXEC" sh -c 'echo $$ >job; read -r x <go' ::: a
	wait_until job_starts
	kill -s TSTP "$pid"
	wait_until trace_has SIGTSTP
	wait_until trace_has SIGSTOP
	kill -s CONT "$pid"
	release go
	ends 123
}

# Starts pexec in a group of its own, with a job that is long about leaving it; further calls may be late, too:
# start_slowly INJECTION ARGUMENT...
start_slowly() {
	start "${own_group[@]}" strace -D -f -o trace -e trace=setpgid,ppoll -e inject=setpgid:delay_enter=1000000:when=1 \
		${1:+-e inject="$1"} "$PEXEC" "${@:2}"
	wait_until job_is_born
}

@test "SIGTSTP to the whole group stops no job on its way to its program" {
	needs_strace
	start_slowly '' --joblog log true ::: a
	kill -s TSTP -- "-$pid"
	wait_until grep -q "^$pid .*stopped by SIGTSTP" trace
	kill -s CONT -- "-$pid"
	ends 0
	assert_equal "$(wc -l <log)" 2
}

@test "SIGTERM to the whole group is not the failure of a job that it finds on the way to its program" {
	needs_strace
	# The supervisor sees it only when the job could have been judged.
	start_slowly ppoll:delay_exit=2500000 --joblog log sleep "$nap" ::: 0
	kill -s TERM -- "-$pid"
	ends 143
	none_left
	assert_equal "$(wc -l <log)" 1
}

@test "SIGTERM reaches a job that is being started, also with SIGCONT right behind it" {
	needs_strace
	start_slowly '' --grace "$nap" sleep "$nap" ::: 0
	kill -s TERM "$pid"
	kill -s CONT "$pid"
	ends 143
	none_left
}

@test "that the reader of stdout has gone is seen at once, also when no job prints or dies of it" {
	for options in '' -u -k --lb; do
		# shellcheck disable=SC2086 # several options
		run bash -c '"$@" 2>err | head -n 1; echo "${PIPESTATUS[0]}"' bash "$PEXEC" -j2 $options sh -c '
			[ $0 = 2 ] || { echo x; exit; }; exec sleep '"$nap" ::: 1 2 3
		assert_output $'x\n141'
		none_left
	done
	run bash -c '"$@" 2>err | head -n 1; echo "${PIPESTATUS[0]}"' bash "$PEXEC" -u -j1 sh -c '
		trap "" PIPE; echo $0; [ $0 = 1 ] || read -r x <go' ::: {1..9}
	assert_equal "${lines[1]}" 141
}
