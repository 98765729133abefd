#!/usr/bin/env bats
# What signals do, and the exit statuses.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load helper
load background

# Jobs that answer signals: in perl, because a shell that has a child to wait for loses what arrives
# while it starts it. Each says when it is ready.

# A job that says each signal it gets, and ends by none.
stubborn='
	for my $name (qw(TERM INT HUP)) {
		$SIG{$name} = sub { open my $got, ">>", "got"; print $got "$name\n" };
	}
	open my $ready, ">>", "ready"; print $ready "\n"; close $ready;
	sleep 1 while 1'

# A job that says which signal ended it.
obedient='
	for my $name (qw(TERM INT HUP)) {
		$SIG{$name} = sub { open my $got, ">>", "got"; print $got "$name\n"; exit };
	}
	open my $ready, ">>", "ready"; print $ready "\n"; close $ready;
	sleep 1 while 1'

# A job of two processes: the first ends by SIGTERM, the second then has something to do.
parent='
	if (!fork) {
		open STDOUT, ">", "/dev/null"; open STDERR, ">", "/dev/null";
		$SIG{TERM} = sub { select undef, undef, undef, 0.2; open my $cleaned, ">", "cleaned"; exit };
		open my $ready, ">>", "ready"; print $ready "\n"; close $ready;
	}
	sleep 1 while 1'

# pexec runs so many jobs that sleep: start_sleepers N OPTION...
start_sleepers() {
	local count=$1 items=()
	shift
	mapfile -t items < <(seq "$count")
	start "$PEXEC" -j "$count" "$@" sleep "$nap" ::: "${items[@]/*/0}"
	wait_until naps "$count"
}

@test "every ending signal ends the jobs, then pexec by the same signal" {
	ulimit -c 0
	for signal in TERM INT HUP ALRM VTALRM PROF IO PWR XCPU XFSZ RTMIN; do
		start_sleepers 2
		kill -s "$signal" "$pid"
		ends $((128 + $(kill -l "$signal")))
	done
	none_left
}

@test "pexec dies of the signal, it does not just exit with its number" {
	run bash -c '"$@"; echo "status $?"' bash "$PEXEC" sh -c 'kill -s TERM $PPID; sleep '"$nap" ::: a
	assert_output --regexp 'Terminated.*status 143'
	run bash -c '"$@"; echo "status $?"' bash "$PEXEC" sh -c 'kill -s HUP $PPID; sleep '"$nap" ::: a
	assert_output --regexp 'Hangup.*status 129'
	none_left
}

@test "jobs get the signal that pexec got" {
	for signal in TERM INT HUP; do
		rm -f got ready
		start "$PEXEC" --grace 600 perl -e "$obedient" "$nap" ::: a
		wait_until test -e ready
		kill -s "$signal" "$pid"
		ends $((128 + $(kill -l "$signal")))
		assert_equal "$(cat got)" "$signal"
	done
	none_left
}

@test "the whole tree of a job ends: children, grandchildren, and those in the background" {
	start "$PEXEC" -j3 --grace 600 sh -c "sleep $nap & (sleep $nap; :) & sh -c 'sleep $nap; :'; :" ::: 1 2 3
	wait_until naps 9
	kill "$pid"
	ends 143
	none_left
}

@test "an ended run starts no other job" {
	seq 100 >items
	start "$PEXEC" -j1 -a items sh -c 'echo >>started; sleep '"$nap"
	wait_until naps 1
	kill "$pid"
	ends 143
	has_lines 1 started
}

@test "a job has the grace time to end in, and what it says then is delivered" {
	start "$PEXEC" --grace 600 perl -e '
		$SIG{TERM} = sub { select undef, undef, undef, 0.1; print "cleaned up\n"; exit };
		open my $ready, ">", "ready"; close $ready;
		sleep 1 while 1' "$nap" ::: a >out
	wait_until test -e ready
	kill "$pid"
	ends 143
	assert_equal "$(cat out)" 'cleaned up'
	none_left
}

@test "the children of a job that has ended have the grace time too" {
	start "$PEXEC" --grace 600 perl -e "$parent" "$nap" ::: a
	wait_until test -e ready
	kill "$pid"
	ends 143
	[ -e cleaned ]
	none_left
}

@test "jobs that ignore the signal are killed after --grace" {
	start "$PEXEC" -j2 --grace 0.2 sh -c 'trap "" TERM; sleep '"$nap; :" ::: 1 2 2>err
	wait_until naps 2
	kill "$pid"
	ends 143
	none_left
	assert_equal "$(cat err)" ''
}

@test "a second signal kills at once, and pexec dies of the first" {
	for second in TERM INT; do
		rm -f got ready
		start "$PEXEC" -j2 --grace 600 perl -e "$stubborn" "$nap" ::: 1 2
		wait_until has_lines 2 ready
		kill "$pid"
		wait_until has_lines 2 got
		kill -s "$second" "$pid"
		ends 143
		none_left
		assert_equal "$(sort -u got)" TERM
	done
}

@test "--grace 0 kills at once" {
	start "$PEXEC" --grace 0 perl -e "$stubborn" "$nap" ::: a
	wait_until test -e ready
	kill "$pid"
	ends 143
	none_left
}

@test "a job that somebody stopped ends by the signal too" {
	start "$PEXEC" --grace 600 sh -c 'echo $$ >job; exec sleep '"$nap" ::: a
	wait_until naps 1
	kill -s STOP "$(cat job)"
	wait_until is_stopped "$(cat job)"
	kill "$pid"
	ends 143
	none_left
}

@test "SIGCONT is passed to the jobs" {
	start "$PEXEC" sh -c 'echo $$ >job; kill -s STOP $$; echo on' ::: a >out
	wait_until test -s job
	wait_until is_stopped "$(cat job)"
	kill -s CONT "$pid"
	ends 0
	assert_equal "$(cat out)" on
}

@test "SIGTERM while waiting for items ends the run" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j2 echo <items >out
	echo a >&5
	wait_until has_lines 1 out
	kill "$pid"
	ends 143
}

@test "SIGTERM while the reader of stdout is stuck ends the run after the grace time" {
	mkfifo out
	exec 5<>out
	start "$PEXEC" -j2 --grace 0.1 sh -c 'head -c 3000000 /dev/zero; echo >>finished' ::: 1 2 >out 2>err
	wait_until has_lines 2 finished
	kill "$pid"
	ends 143
	# Every process has ended: to say that some had left their group would be wrong.
	run cat err
	refute_output --partial group
}

@test "SIGTERM while nobody reads stdout and stderr, or stderr alone, ends the run after the grace time" {
	# A message of pexec follows the job's output. What is there already fills the fifo.
	killed='echo >>begun; echo output; kill -s KILL $$'
	for case in both stderr; do
		rm -f out begun
		mkfifo out
		exec 5<>out
		head -c 65536 /dev/zero >&5
		if [ $case = both ]; then
			start "$PEXEC" -j4 --grace 0.1 sh -c "$killed" ::: {1..4} >out 2>&1
		else
			start "$PEXEC" -j4 --grace 0.1 sh -c "$killed" ::: {1..4} 2>out >/dev/null
		fi
		wait_until has_lines 4 begun
		wait_until sleeps
		kill "$pid"
		ends 143
		exec 5>&-
	done
}

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

@test "SIGQUIT drains: what runs may finish, nothing more is started" {
	for end in 0:0 1:123; do
		rm -f items go out started
		mkfifo items go
		exec 5<>items
		start "$PEXEC" -j2 sh -c 'echo $0; : >started; read -r x <go; exit '"${end%:*}" <items >out
		echo 1 >&5
		wait_until test -e started
		wait_until sleeps
		threads=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)
		# The other slot waits for an item; when it has gone, the signal has been heard.
		kill -s QUIT "$pid"
		wait_until fewer_threads "$threads"
		printf '2\n3\n' >&5
		release go
		ends "${end#*:}"
		assert_equal "$(cat out)" 1
	done
}

fewer_threads() {
	[ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" -lt "$1" ]
}

@test "SIGQUIT while waiting for items ends with status 0" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" echo <items >out
	echo a >&5
	wait_until has_lines 1 out
	kill -s QUIT "$pid"
	ends 0
}

@test "SIGTERM ends a run that drains" {
	seq 2 >items
	start "$PEXEC" -j1 -a items sleep "$nap"
	wait_until naps 1
	kill -s QUIT "$pid"
	wait_until signals_taken
	kill -s TERM "$pid"
	ends 143
	none_left
}

# Jobs that say when they start and end, and end when they are told to: start_gated OPTION...
start_gated() {
	mkfifo go{1..6}
	start "$PEXEC" "$@" sh -c 'echo "+$0" >>log; read -r x <go$0; echo "-$0" >>log'
}

@test "SIGUSR1 adds a slot while all are busy" {
	seq 3 >items
	start_gated -j1 -a items
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s USR1 "$pid"
	wait_until has_lines 3 log
	assert_equal "$(sort log | tr -d '\n')" +1+2+3
	for i in 1 2 3; do release go$i; done
	ends 0
}

@test "SIGUSR1 adds a slot while pexec waits for items" {
	mkfifo items
	exec 5<>items
	start_gated -j1 -a items
	echo 1 >&5
	release go1
	wait_until has_lines 2 log
	# Now the only slot waits for its next item.
	kill -s USR1 "$pid"
	wait_until signals_taken
	echo 2 >&5
	wait_until has_lines 3 log
	echo 3 >&5
	wait_until has_lines 4 log
	kill "$pid"
	ends 143
}

@test "SIGUSR2 takes a slot away: the surplus job ends, and none follows it there" {
	seq 4 >items
	start_gated -j1 -a items
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s USR2 "$pid"
	wait_until signals_taken
	for i in 2 1 3 4; do release go$i; done
	ends 0
	assert_equal "$(tr -d '\n' <log)" +1+2-2-1+3-3+4-4
}

@test "after SIGUSR2 no job starts while as many run as there are slots, as in xargs" {
	seq 4 >items
	start_gated -j1 -a items
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s USR2 "$pid"
	wait_until signals_taken
	first=$(children | sort -n | head -n 1)
	release go1
	wait_until test ! -d "/proc/$first"
	for i in 2 3 4; do release go$i; done
	ends 0
	assert_equal "$(tr -d '\n' <log)" +1+2-1-2+3-3+4-4
}

@test "SIGUSR2 takes a slot away also while that waits for items" {
	mkfifo items
	exec 5<>items
	start_gated -j2 <items
	echo 1 >&5
	wait_until has_lines 1 log
	wait_until sleeps
	threads=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)
	kill -s USR2 "$pid"
	wait_until fewer_threads "$threads"
	echo 2 >&5
	release go1
	wait_until has_lines 3 log
	release go2
	wait_until has_lines 4 log
	kill "$pid"
	ends 143
	assert_equal "$(tr -d '\n' <log)" +1-1+2-2
}

@test "SIGUSR1 and SIGUSR2 between the items of a batch: it stays whole" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j2 -n 3 echo <items >out
	for i in 1 2 3 4 5 6; do
		echo $i >&5
		wait_until drained
		for signal in USR1 USR2; do
			kill -s $signal "$pid"
			wait_until signals_taken
			wait_until sleeps
		done
	done
	wait_until has_lines 2 out
	kill "$pid"
	ends 143
	assert_equal "$(cat out)" $'1 2 3\n4 5 6'
}

@test "SIGUSR2 leaves one slot" {
	seq 3 >items
	start_gated -j2 -a items
	wait_until has_lines 2 log
	for _ in 1 2 3; do
		kill -s USR2 "$pid"
		wait_until signals_taken
	done
	for i in 2 1 3; do release go$i; done
	ends 0
}

@test "slots that were taken away come back" {
	seq 6 >items
	start_gated -j2 -a items
	wait_until has_lines 2 log
	kill -s USR2 "$pid"
	wait_until signals_taken
	# Slot 2 may have either job.
	release go1
	release go2
	wait_until has_lines 5 log
	kill -s USR1 "$pid"
	wait_until has_lines 6 log
	for i in 3 4 5 6; do release go$i; done
	ends 0
}

@test "signals of no meaning here change nothing" {
	mkfifo go
	start "$PEXEC" sh -c 'echo >ready; read -r x <go; echo done' ::: a >out
	wait_until test -e ready
	for signal in URG WINCH CHLD CONT; do kill -s "$signal" "$pid"; done
	wait_until signals_taken
	release go
	ends 0
	assert_equal "$(cat out)" 'done'
}

@test "statuses: 0 when all succeeded or there was nothing, 123 when one job failed" {
	run -0 "$PEXEC" true ::: a b c
	run -0 "$PEXEC" false :::
	run -0 "$PEXEC" false </dev/null
	run -123 "$PEXEC" -j1 sh -c 'exit $0' ::: 0 1 0
	run -123 "$PEXEC" sh -c 'exit $0' ::: 255
	run -123 "$PEXEC" sh -c 'kill -s KILL $$' ::: a
}

@test "of 100 jobs every second fails: 100 lines, status 123" {
	run -123 --separate-stderr bash -c 'seq 100 | "$0" -j8 sh -c '\''echo $0; exit $(($0 % 2))'\' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 100)"
	assert_equal "$stderr" ''
}

@test "a job that is killed by a signal from elsewhere is reported, by its number and item" {
	run -123 --separate-stderr "$PEXEC" -j1 sh -c 'echo said; kill -s "$0" $$' ::: KILL TERM
	assert_output $'said\nsaid'
	assert_equal "$stderr" "pexec: job 1 (KILL): killed by signal 9 (Killed)
pexec: job 2 (TERM): killed by signal 15 (Terminated)"
}

@test "SIGUSR1 while the queue is still read for --shuf counts once there are slots" {
	mkfifo items
	start_gated -j1 --shuf -a items
	exec 5>items
	kill -s USR1 "$pid"
	printf '1\n2\n' >&5
	exec 5>&-
	wait_until has_lines 2 log
	release go1
	release go2
	ends 0
}

# Nothing is to be done, and neither pexec nor its job is stopped.
goes_on() {
	signals_taken && ! is_stopped "$pid" && ! is_stopped "$job"
}

# The trace tells of a signal that stops: trace_has SIGNAL
trace_has() {
	local lines
	mapfile -t lines <trace && [[ ${lines[*]} == *"stopped by $1"* ]]
}

@test "SIGTSTP and SIGCONT right behind it leave nothing stopped" {
	mkfifo go
	start "${own_group[@]}" "$PEXEC" sh -c 'echo $$ >job; read -r x <go' ::: a
	wait_until test -s job
	job=$(<job)
	for _ in {1..30}; do
		kill -s TSTP "$pid"
		kill -s CONT "$pid"
		wait_until goes_on
	done
	release go
	ends 123
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
	wait_until drained
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

# There is a process of a job, beside the guardian, which may not be called so yet.
job_is_born() {
	local born
	find_born
	[ ${#born[@]} = 2 ]
}

# Starts pexec in a group of its own, with a job that is long about leaving it; further calls may be late, too:
# start_slowly INJECTION ARGUMENT...
start_slowly() {
	start "${own_group[@]}" strace -D -f -o trace -e trace=setpgid,ppoll -e inject=setpgid:delay_enter=1000000 \
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
	assert_output "pexec: job 1: stopped, it wants to read from the terminal: killed
job 2
status 123"
	none_left
}
