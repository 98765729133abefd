#!/usr/bin/env bats
# Processes that have left their job's group: pexec is told of them as their new parent.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and napping are set in background.bash, stderr by run --separate-stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

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

# pexec has adopted a process: is_adopted PID
is_adopted() {
	local words
	read -ra words <"/proc/$1/stat" && [ "${words[3]}" = "$pid" ]
}

# The run is told to end when the sleep of its job is an orphan: what the job has printed until then is in out.
ends_with_orphan() {
	wait_until naps 1
	find_naps
	wait_until is_adopted "${napping[0]}"
	kill "$pid"
	ends 143
	assert_equal "$(cat out)" precious
}

@test "an orphan of a running job is ended with it" {
	for options in '' -k --lb; do
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" $options --grace 0.1 sh -c "echo precious; (setsid sleep $nap &)" ::: a >out 2>err
		ends_with_orphan
		assert_equal "$(cat err)" ''
		none_left
	done
}

@test "output that a process holds which cannot be found is given up in the end, and what came of it delivered" {
	for options in '' -k --lb; do
		# What it was is not to be seen: no variable, and no parent.
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" $options --grace 0.1 --summary sh -c "echo precious; (env -i setsid sleep $nap &)" ::: a >out 2>err
		ends_with_orphan
		assert_equal "$(head -n 1 err)" "pexec: job 1 (a): not waiting any longer for output of processes that have left its group"
		assert_equal "$(grep -c 'jobs at a time' err)" 1
		kill "${napping[0]}"
		wait_until naps 0
	done
}

@test "the same where the writes that tell of it are interrupted" {
	needs_strace
	start strace -D -f -b execve -o trace -e trace=write -e inject=write:error=EINTR:when=1+2 \
		"$PEXEC" --grace 0.1 sh -c "echo precious; (env -i setsid sleep $nap &)" ::: a >out 2>err
	ends_with_orphan
	assert_equal "$(cat err)" "pexec: job 1 (a): not waiting any longer for output of processes that have left its group"
	kill "${napping[0]}"
}

@test "what a job has left behind that was over is left alone when the run is ended" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j1 -c '[ "$1" = b ] && exec sleep '"${nap}1"'; setsid sleep '"$nap"' >log 2>&1 &' <items
	echo a >&5
	wait_until naps 1
	echo b >&5
	wait_until naps 2
	kill "$pid"
	ends 143
	naps 1
}

@test "--timeout ends processes that have left their job's group, and those that ignore all but SIGKILL" {
	local outside="(trap '' TERM; exec setsid sleep $nap)"
	for job in "timeout 99 sleep $nap; true" "$outside; true" "$outside & sleep ${nap}1" \
		"$outside >log 2>&1 & sleep ${nap}1" "(setsid sh -c 'sleep $nap; :' &); sleep ${nap}1"; do
		run -123 timeout "$patience" "$PEXEC" --timeout 0.3 -c "$job; :" ::: a
		none_left
	done
}

@test "--ctl kill ends processes that have left their job's group" {
	serve -j1 -c "timeout 99 sleep $nap; true" ::: a
	wait_until naps 1
	ctl kill 1
	ends 123
	none_left
}

@test "a job that may not be signalled is named, and its output delivered" {
	[ "$(id -u)" = 0 ] || skip 'only root can make a program for it'
	cp -L "$(command -v perl)" other
	chmod 4755 other
	chmod 777 .
	cp "$PEXEC" .
	unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	run "${unprivileged[@]}" ./other -e '$< = 0; print $<'
	[ "$output" = 0 ] || skip 'programs of another user have no rights of theirs here'
	for options in '' -k --lb; do
		# shellcheck disable=SC2086 # several options
		start "${unprivileged[@]}" "./${PEXEC##*/}" $options --grace 0.3 \
			./other -e '$< = 0; $| = 1; print "precious\n"; open(F, ">started"); print F $$; close F; sleep '"$nap" ::: a >out 2>err
		wait_until test -s started
		others+=("$(cat started)")
		kill "$pid"
		ends 143
		assert_equal "$(cat out)" precious
		assert_equal "$(cat err)" "pexec: job 1 (a): process $(cat started) cannot be signalled: Operation not permitted"
		kill -KILL "$(cat started)"
		rm started
	done
}

@test "what a job leaves when it is ended, and nothing shows to be the job's, is waited for, and it is said" {
	start "$PEXEC" --timeout 100ms --termseq TERM,50,KILL -c 'env -i setsid -f sleep '"$nap"'; exec sleep '"$nap" ::: a 2>err
	wait_until test -s err
	find_naps
	assert_equal "$(cat err)" "pexec: job 1 (a): its process has ended, but another process holds its output: waiting for that (--linger says how long)"
	kill "${napping[0]}"
	ends 123
	assert_equal "$(sed '1d; s/after .*/after it/' err)" "pexec: job 1 (a): timed out after it"
}

@test "which process of an ended job holds its output is said, once, with its number and name" {
	start "$PEXEC" -j1 -c '[ "$1" = b ] || { sleep '"$nap"' & }; echo "$1"' ::: a b >out 2>err
	wait_until test -s err
	find_naps
	assert_equal "$(cat err)" "pexec: job 1 (a): its process has ended, but process ${napping[0]} (sleep) holds its output: waiting for that (--linger says how long)"
	kill "${napping[0]}"
	ends 0
	assert_equal "$(cat out)" $'a\nb'
	assert_equal "$(wc -l <err)" 1
}

# The second process is started while pexec still has the pipe of the first, and comes to its program when the first
# has ended.
@test "--linger 0: a process of ours that has not come to its program yet holds no output of another job" {
	needs_strace
	cp "$(type -P true)" first
	cp first second
	run -0 strace -f -o trace -P "$PWD/first" -P "$PWD/second" -e trace=execve -e inject=execve:delay_enter=400000 \
		"$PEXEC" -j2 --delay 0.15 --linger 0 {} ::: "$PWD/first" "$PWD/second"
	assert_output ''
	assert_equal "$(grep -c DELAYED trace)" 2
}

@test "--linger: output is waited for no longer, what has come is delivered, and it is said" {
	for options in '' -k --lb; do
		# shellcheck disable=SC2086 # several options
		run -0 --separate-stderr timeout "$patience" "$PEXEC" -j1 $options --linger 0.2 \
			-c '[ "$1" = b ] || { sleep '"$nap"' & echo $! >holder; }; echo "$1"' ::: a b
		assert_output $'a\nb'
		assert_equal "$stderr" "pexec: job 1 (a): its process has ended, but process $(cat holder) (sleep) holds its output: what comes later is dropped (--linger)"
		kill "$(cat holder)"
	done
	# What is over in time is complete, and nothing is said.
	for time in 0 60; do
		run -0 --separate-stderr "$PEXEC" -j2 --linger $time -c 'head -c 300000 /dev/zero | tr "\0" x' ::: {1..20}
		assert_equal "$stderr" ''
		assert_equal "$("$PEXEC" -j2 --linger $time -c 'head -c 300000 /dev/zero' ::: {1..20} | wc -c)" 6000000
	done
}
