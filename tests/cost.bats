#!/usr/bin/env bats
# What a job costs pexec itself, counted instead of timed: system calls, threads, wake-ups.
# shellcheck disable=SC2154 # pid and nap are set in background.bash
load helper
load background

# The system calls of the slots, and of their children up to exec, for so many items on one slot:
# calls N ARGUMENT...   The main thread is left out: it looks at ended children now and then, by time.
calls() {
	seq "$1" >items
	shift
	strace -f -b execve -o trace "$PEXEC" -j1 "$@" <items >output
	awk 'NR == 1 { main = $1 } $1 != main && $2 ~ /^[a-z]/' trace | grep -vc 'resumed>'
}

# Each job of 50 costs so many system calls at most; what the start and the end cost cancels out:
# calls_a_job_at_most N ARGUMENT...
calls_a_job_at_most() {
	local most=$1 few many
	shift

	few=$(calls 10 "$@")
	many=$(calls 60 "$@")
	echo "$((many - few)) calls for 50 jobs"
	[ "$(grep -c 'vfork(' trace)" -eq 60 ]
	[ "$((many - few))" -le "$((50 * most))" ]
}

# How often the threads of the program under test have been given up or lost their processor.
switches() {
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' /proc/"$pid"/task/*/status
}

# vfork, getpid and getppid (for the guardian), setpgid, the pending signals, the signal mask, execve; waiting for
# the end, and reaping.
@test "an ungrouped job costs at most 9 system calls" {
	needs_strace
	calls_a_job_at_most 9 -u true
}

# And for each output: a pipe, its write end to the job, both ends closed. Then what is waited for (some
# output, the end of either), the read, and the write.
@test "a grouped job that prints costs at most 22 system calls" {
	needs_strace
	calls_a_job_at_most 22 echo
	assert_equal "$(cat output)" "$(seq 60)"
}

# Three items make three slot threads at most: three_threads COMMAND... [< ITEMS]
three_threads() {
	local threads
	strace -f -b execve -e trace=clone,clone3 -o trace "$PEXEC" -j1000 "$@"
	threads=$(grep -c 'clone3\?(.*CLONE_THREAD' trace)
	[ "$threads" -ge 1 ]
	echo "$threads threads"
	[ "$threads" -le 3 ]
}

@test "there are no more slot threads than items in a file" {
	needs_strace
	seq 3 >items
	three_threads true <items
}

@test "there are no more slot threads than items in a pipe" {
	needs_strace
	three_threads true < <(seq 3)
}

@test "there are no more slot threads than items on the command line" {
	needs_strace
	three_threads true ::: 1 2 3
	three_threads true ::: 1 ::: 1 2 3
	three_threads --link true ::: 1 2 3 ::: 1 2
}

@test "a pool whose jobs sleep does not wake up, nor does an ungrouped one" {
	needs_plain_build "a thread of its own that wakes up"
	local -A before
	local count=0 option pools=()
	for option in '' -u; do
		start "$PEXEC" -j8 ${option:+"$option"} sleep ::: "$nap" "$nap" "$nap" "$nap" "$nap" "$nap" "$nap" "$nap"
		wait_until naps $((count += 8))
		# After a second it is told what it has come to.
		wait_until grep -q '^pexec: 8 running' "/proc/$pid/cmdline"
		wait_until sleeps
		pools+=("$pid")
		before[$pid]=$(switches)
		[ "${before[$pid]}" -gt 8 ]
	done
	# This is what is looked at: two seconds of quiet. A tick of any use would fall into them.
	sleep 2
	for pid in "${pools[@]}"; do
		assert_equal "$(switches)" "${before[$pid]}"
		kill -TERM "$pid"
		ends 143
	done
}
