#!/usr/bin/env bats
# Processes that have left their job's group: pexec is told of them as their new parent.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

@test "SIGTERM also ends processes that have left their job's group: timeout(1), setsid(1)" {
	for outside in 'timeout 99' setsid; do
		for option in '' -u; do
			# shellcheck disable=SC2086 # no word, or one
			start "$PEXEC" --grace 600 $option sh -c "$outside sleep $nap & sleep ${nap}1" ::: a 2>err
			wait_until naps 2
			kill "$pid"
			ends 143
			none_left
			assert_equal "$(cat err)" ''
		done
	done
}

@test "a process outside of its job's group that ignores the signal is killed with the others" {
	start "$PEXEC" --grace 0.1 sh -c "(trap '' TERM; exec setsid sleep $nap) & sleep ${nap}1" ::: a 2>err
	wait_until naps 2
	kill "$pid"
	ends 143
	none_left
}

@test "a process outside of every job that ignores the signal is killed after the grace time, also when no job is left" {
	start "$PEXEC" --grace 0.1 --summary sh -c "(trap '' TERM; exec setsid sleep $nap >log 2>&1) & sleep ${nap}1" ::: a 2>err
	wait_until naps 2
	kill "$pid"
	ends 143
	none_left
	grep -q 'jobs at a time' err
}

@test "the same where the run ends for a reason of its own" {
	mkfifo go
	start "$PEXEC" -j2 --grace 1 --halt now,fail=1 \
		sh -c "[ \$0 = b ] || { (trap '' TERM; exec setsid sleep $nap >log 2>&1) & sleep ${nap}1; }; read -r x <go; exit 1" ::: a b 2>err
	wait_until naps 2
	release go
	ends 125
	none_left
}

@test "children that pexec was started with are none of its jobs, and left alone" {
	start sh -c "sleep $nap & exec \"\$@\"" sh "$PEXEC" sleep "${nap}1" ::: 0
	wait_until naps 2
	kill "$pid"
	ends 143
	naps 1
}

# The parent of a process is older than pexec, as process 1 is, or who takes its place: is_orphan PID
is_orphan() {
	local words
	read -ra words <"/proc/$1/stat" && [ "${words[3]}" -lt "$pid" ]
}

@test "output that a process holds which cannot be found is given up in the end, and what came of it delivered" {
	for options in '' -k --lb; do
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" $options --grace 0.1 --summary sh -c "echo precious; (setsid sleep $nap &)" ::: a >out 2>err
		wait_until naps 1
		find_naps
		wait_until is_orphan "${napping[0]}"
		kill "$pid"
		ends 143
		assert_equal "$(cat out)" precious
		assert_equal "$(head -n 1 err)" "pexec: not waiting any longer for output of processes that have left their job's group"
		assert_equal "$(grep -c 'jobs at a time' err)" 1
		kill "${napping[0]}"
		wait_until naps 0
	done
}
