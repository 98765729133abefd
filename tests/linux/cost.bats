#!/usr/bin/env bats
# What a run costs, counted instead of timed: system calls, threads, wake-ups, memory, descriptors.
# shellcheck disable=SC2030,SC2031 # each test has a pid of its own
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC1083 # braces are for pexec
# shellcheck disable=SC2154 # pid and nap are set in background.bash, stderr by run --separate-stderr
# shellcheck disable=SC2034 # others are used by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# How many threads the program under test has.
threads() {
	local all=("/proc/$pid/task"/*)
	echo ${#all[@]}
}

@test "there is no thread and no socket without --ctl or -j FILE" {
	needs_plain_build "a thread of its own"
	start "$PEXEC" -j1 sleep "$nap" ::: 0
	wait_until naps 1
	assert_equal "$(threads)" 2
	run ! sh -c "ls -l /proc/$pid/fd | grep -q socket"
	kill "$pid"
	ends 143
	serve -j1 sleep "$nap" ::: 0
	assert_equal "$(threads)" 3
	kill "$pid"
	ends 143
}

# The system calls of the slots, and of their children up to exec, for so many items on one slot:
# calls N ARGUMENT...   The main thread is left out: it looks at ended children now and then, by time. So are the
# guardian and its spare, which give themselves a name: a run that takes longer has one more.
calls() {
	seq "$1" >items
	shift
	strace -f -b execve -o trace "$PEXEC" -j1 "$@" <items >output
	awk 'NR == 1 { other[$1] } NR == FNR { if (/PR_SET_NAME/) other[$1]; next } !($1 in other) && $2 ~ /^[a-z]/' \
		trace trace | grep -vc 'resumed>'
}

# Each job of 50 costs so many system calls at most; what the start and the end cost cancels out, and now and then two
# threads meet at a lock, which costs each a call: calls_a_job_at_most N ARGUMENT...
calls_a_job_at_most() {
	local most=$1 few many
	shift

	few=$(calls 10 "$@")
	many=$(calls 60 "$@")
	echo "$((many - few)) calls for 50 jobs"
	[ "$(grep -c 'vfork(' trace)" -eq 60 ]
	[ "$((many - few))" -le "$((50 * most + 5))" ]
}

# How often the threads of the program under test have been given up or lost their processor.
switches() {
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' /proc/"$pid"/task/*/status
}

# vfork, setpgid, getpid, prctl and getppid (it ends with us), the pending signals, the signal mask, execve; waiting for
# the end, and reaping.
@test "an ungrouped job costs at most 10 system calls" {
	needs_strace
	calls_a_job_at_most 10 -u true
}

# And for each output: a pipe, its write end to the job, both ends closed. Then what is waited for (some
# output, the end of either), the read, and the write.
@test "a grouped job that prints costs at most 23 system calls" {
	needs_strace
	calls_a_job_at_most 23 echo
	assert_equal "$(cat output)" "$(seq 60)"
}

# In the place of the pipes, a terminal: opened on either side, made plain, and given a size, which is asked of three
# files.
@test "with --pty that job costs at most 33" {
	needs_strace
	calls_a_job_at_most 33 --pty echo
	assert_equal "$(cat output)" "$(seq 60)"
}

@test "--progress costs a job no system call" {
	needs_strace
	calls_a_job_at_most 23 --progress echo
	assert_equal "$(cat output)" "$(seq 60)"
}

# For each of start, end and over: the slot wakes the thread that writes them, which looks what has woken it, writes,
# and sleeps again. Where the two meet at the lock, each waits and is woken. As a rule these are 16 calls a job.
@test "a job that is told of by --events costs at most 24 more" {
	needs_strace
	calls_a_job_at_most 34 -u --events events true
	assert_equal "$(grep -c '"event":"over"' events)" 60
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
	local items
	exec {items}< <(seq 3)
	# Where it may have another item to come there is one more.
	wait "$!"
	three_threads true <&"$items"
	exec {items}<&-
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

@test "an idle pool takes no processor time between two rounds" {
	needs_plain_build 'the runtime has a thread of its own'
	start "$PEXEC" -j2 --source 'echo a; echo b' --every 1000 sh -c 'echo >>ran'
	wait_until has_lines 2 ran
	wait_until sleeps
	wait_until signals_taken
	earlier=$(cat /proc/"$pid"/task/*/status | grep ctxt_switches)
	sleep 1
	later=$(cat /proc/"$pid"/task/*/status | grep ctxt_switches)
	# What was still on its way when the test began to look costs a few.
	if [ "$earlier" != "$later" ]; then
		earlier=$later
		sleep 1
		later=$(cat /proc/"$pid"/task/*/status | grep ctxt_switches)
	fi
	assert_equal "$later" "$earlier"
	kill -TERM "$pid"
	ends 143
}

# The peak memory of pexec itself when so many items have gone through it, in KB: peak ITEMS
peak() {
	rm -f fed go
	mkfifo go
	start "$PEXEC" -j2 -n 4000 true < <(
		seq "$1"
		echo >fed
		read -r _ <go
	)
	wait_until test -e fed
	sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$pid/status"
	release go
	ends 0
}

@test "there are no more threads than jobs, however many slots" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j1000 sleep "$nap" <items
	printf '0\n0\n' >&5
	wait_until naps 2
	# The main thread, two with a job, one that waits for the next, or two of them where both began at the same
	# time; a sanitizer may have its own.
	[ "$(threads)" -le 6 ]
	kill "$pid"
	ends 143
	none_left
}

@test "peak memory stays under 4 MB for 1,000,000 items, and does not grow with their number" {
	needs_plain_build "memory of its own"
	local tenth all
	tenth=$(peak 100000)
	all=$(peak 1000000)
	echo "peak: $tenth KB for 100,000 items, $all KB for 1,000,000"
	[ "$all" -lt 4096 ]
	# Pages of the program that are touched by chance; a byte for each item would be 900.
	[ "$all" -le $((tenth + 400)) ]
}

# So many jobs wait for another attempt: delayed N
delayed() {
	[[ $(ctl status --json) == *"\"delayed\":$1,"* ]]
}

@test "jobs that wait for another attempt keep no memory for output that is gone" {
	needs_plain_build "memory of its own"
	local memory
	seq 1000 >items
	serve -j2 --retries 2 --retry-delay 1000 -a items sh -c 'printf %016000d 0; printf %016000d 0 >&2; exit 1' >out 2>err
	wait_until delayed 1000
	memory=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
	echo "$memory KB"
	[ "$memory" -lt 12000 ]
	kill "$pid"
	ends 143
}

# No process of a job is there, not even as a zombie.
is_idle() {
	! children
}

@test "job after job, no descriptor stays open and no zombie is left" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j4 sh -c 'echo; echo >>finished' <items >out
	seq 20 >&5
	wait_until has_lines 20 finished
	wait_until is_idle
	open=$(ls "/proc/$pid/fd")
	seq 100 >&5
	wait_until has_lines 120 finished
	wait_until is_idle
	assert_equal "$(ls "/proc/$pid/fd")" "$open"
	kill "$pid"
	ends 143
	assert_equal "$(wc -l <out)" 120
}

@test "without a service manager there is no socket" {
	needs_strace
	strace -f -o trace "$PEXEC" true ::: a b c
	run ! grep -E 'socket|sendto' trace
}

@test "a fast run wakes the main thread for no job" {
	needs_strace
	strace -f -e trace=tgkill -o trace "$PEXEC" -j4 true ::: {1..200}
	# SIGURG, by which slots tell it to look: at the end of the run.
	(($(grep -c 'SIGURG) *= 0' trace) <= 4))
}

@test "a job of plain words costs one exec, of others two" {
	needs_strace
	local command
	for command in true echo /bin/echo 'echo "a {}"'; do
		env -i PATH=/usr/bin:/bin PWD="$PWD" SHLVL=1 SHELL=/bin/bash strace -f -qq -e trace=execve -e status=successful \
			-o trace "$PEXEC" --as parallel "$command" ::: a b c >output
		assert_equal "$command: $(grep -c execve trace)" "$command: 4"
	done
	env -i PATH=/usr/bin:/bin PWD="$PWD" SHLVL=1 SHELL=/bin/bash strace -f -qq -e trace=execve -e status=successful \
		-o trace "$PEXEC" --as parallel '/bin/echo {} >&2' ::: a b c 2>output
	assert_equal "$(grep -c execve trace)" 7
}
