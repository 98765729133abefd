#!/usr/bin/env bats
# pexec as process 1 of a container, and under one that reaps nothing.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/process_1

@test "process 1 cannot go into the background" {
	needs_process_1
	run -1 timeout "$patience" unshare --fork --pid --mount-proc "$PEXEC" --daemon touch "$PWD/ran" ::: a
	assert_output 'pexec: --daemon: the first process of a container cannot go into the background, all others end with it; leave the option out'
	[ ! -e ran ]
}

@test "as process 1: statuses are the same, and orphans are reaped" {
	needs_process_1
	run -0 as_process_1 "$PEXEC" echo ::: a
	assert_output a
	run -123 as_process_1 "$PEXEC" false ::: a
	run -127 as_process_1 "$PEXEC" ./missing ::: a
	# The orphan ends and is gone, not a zombie.
	run -0 as_process_1 "$PEXEC" -u sh -c '
		(sleep 0.01 & echo $! >number); until [ ! -e /proc/$(cat number) ]; do :; done; echo gone' ::: a
	assert_output gone
}

@test "as process 1: signals end the run, the status is 128 and the signal" {
	needs_process_1
	for signal in TERM INT HUP; do
		run as_process_1 "$PEXEC" -j2 sh -c '[ $0 = 2 ] || kill -s '$signal' 1; sleep '"$nap; :" ::: 1 2
		assert_failure $((128 + $(kill -l $signal)))
		none_left
	done
	run -0 as_process_1 "$PEXEC" -j1 sh -c 'kill -s QUIT 1; echo $0; until grep -q "^ShdPnd:.0*$" /proc/$PPID/status; do :; done' ::: 1
	assert_output 1
}

@test "as process 1 started with SIGCHLD ignored or signals blocked: the same" {
	needs_process_1
	run -123 as_process_1 env --ignore-signal=CHLD "$PEXEC" false ::: a
	run -143 as_process_1 env --block-signal=TERM,CHLD "$PEXEC" sh -c 'kill 1; sleep '"$nap" ::: a
}

@test "as process 1: the signal mask and the ignored signals of jobs are those that pexec was started with" {
	needs_process_1
	# Without the signals 32 and 33, which the C library keeps for itself.
	probe=(perl -ne 'printf "%s %x\n", $1, hex($2) & ~0x180000000 if /^(SigIgn|SigBlk):\s*(\w+)/' /proc/self/status)
	for options in --default-signal '--block-signal=USR1,HUP --ignore-signal=CHLD,INT'; do
		# shellcheck disable=SC2086 # several options
		direct=$(env $options "${probe[@]}")
		# shellcheck disable=SC2086
		run -0 as_process_1 env $options "$PEXEC" "${probe[@]}" ::: /dev/null
		assert_output "$direct"
	done
}

@test "SIGTERM ends soon under a process 1 that reaps nothing" {
	unshare --fork --pid --mount-proc true 2>/dev/null || skip "needs the right to make a namespace"
	cat >init <<-'PERL'
		my $pid = fork // die;
		if (!$pid) { exec @ARGV or die }
		waitpid $pid, 0;
		print "signal ", $? & 127, "\n";
	PERL
	# The job's shell dies before it can wait for its child: that is left to process 1 as a zombie.
	run timeout "$patience" unshare --fork --pid --mount-proc perl init "$PEXEC" --grace 600 sh -c "sleep $nap & "'kill $PPID; wait' ::: a
	assert_output "signal 15"
}

@test "a job that is killed for the terminal holds its slot no longer, under a process 1 that reaps nothing" {
	unshare --fork --pid --mount-proc true 2>/dev/null || skip "needs the right to make a namespace"
	cat >init <<-'PERL'
		my $pid = fork // die;
		if (!$pid) { exec @ARGV or die }
		waitpid $pid, 0;
		print "status ", $? >> 8, "\n";
	PERL
	# The first job's child is process 1's, as what has started it has ended.
	run timeout "$patience" unshare --fork --pid --mount-proc perl init \
		"$PEXEC" -j1 sh -c '[ $0 = 2 ] || { (sleep '"$nap"' &); kill -s TTIN $$; }; echo job $0' ::: 1 2
	assert_output "pexec: job 1 (1): stopped, it wants to read from the terminal: killed (--tty gives it to jobs)
job 2
status 123"
	none_left
}
