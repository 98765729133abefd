#!/usr/bin/env bats
# What signals do, and the exit statuses.
# Jobs that answer signals: in perl, because a shell that has a child to wait for loses what arrives
# while it starts it. Each says when it is ready.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

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

@test "SIGQUIT drains: what runs may finish, nothing more is started" {
	for end in 0:125 1:125; do
		rm -f items go out started
		mkfifo items go
		exec 5<>items
		start "$PEXEC" -j2 sh -c 'echo $0; : >started; read -r x <go; exit '"${end%:*}" <items >out
		echo 1 >&5
		wait_until test -e started
		wait_until sleeps
		threads=$(count_threads)
		# The other slot waits for an item; when it has gone, the signal has been heard.
		kill -s QUIT "$pid"
		wait_until fewer_threads "$threads"
		printf '2\n3\n' >&5
		release go
		ends "${end#*:}"
		assert_equal "$(cat out)" 1
	done
}

@test "--drain-on: another signal does the same, and jobs begin with it ignored" {
	for name in USR2 SIGUSR1 ALRM 14; do
		rm -f go started
		mkfifo go
		start "$PEXEC" -j1 --drain-on "$name" perl -e 'open my $started, ">", "started"; close $started; open my $go, "<", "go"; <$go>; print "$ARGV[0]\n"' 1 ::: x y >out
		wait_until test -e started
		signal=${name#SIG}
		# As Slurm does: to all that it finds.
		kill -s "$signal" "$pid" "$(children)"
		wait_until signals_taken
		release go
		ends 125
		assert_equal "$(cat out)" 1
	done
}

@test "--drain-on with a signal that ends jobs: they begin with it as it was" {
	ignored=$("$PEXEC" grep SigIgn ::: /proc/self/status)
	for name in TERM INT HUP QUIT; do
		assert_equal "$("$PEXEC" --drain-on "$name" grep SigIgn ::: /proc/self/status)" "$ignored"
	done
	assert [ "$("$PEXEC" --drain-on USR2 grep SigIgn ::: /proc/self/status)" != "$ignored" ]
}

@test "--drain-on hears a signal that was ignored when the run was started" {
	mkfifo go
	trap '' USR2
	start "$PEXEC" -j1 --drain-on USR2 sh -c ': >started; read -r x <go' ::: 1 2
	trap - USR2
	wait_until test -e started
	kill -s USR2 "$pid"
	wait_until signals_taken
	release go
	ends 125
}

@test "--drain-on: what is no signal for that is refused" {
	for wrong in KILL STOP CHLD CONT WINCH PIPE SEGV; do
		run -1 "$PEXEC" --drain-on "$wrong" true ::: 1
		assert_output "pexec: --drain-on $wrong: this signal has a meaning of its own"
	done
	run -1 "$PEXEC" --drain-on NONE true ::: 1
	assert_output 'pexec: --drain-on NONE: no signal has this name (like USR2)'
}

@test "SIGQUIT while waiting for items of a pipe that is open: there may be more" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" echo <items >out
	echo a >&5
	wait_until has_lines 1 out
	kill -s QUIT "$pid"
	ends 125
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

@test "SIGUSR2 takes a slot away also while that waits for items" {
	mkfifo items
	exec 5<>items
	start_gated -j2 <items
	echo 1 >&5
	wait_until has_lines 1 log
	wait_until sleeps
	threads=$(count_threads)
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

@test "statuses: 0 when all succeeded or there was nothing, 123 when one job failed" {
	run -0 "$PEXEC" true ::: a b c
	run -0 "$PEXEC" false :::
	run -0 "$PEXEC" false </dev/null
	run -123 "$PEXEC" -j1 sh -c 'exit $0' ::: 0 1 0
	run -123 "$PEXEC" sh -c 'exit $0' ::: 255
	run -123 "$PEXEC" sh -c 'kill -s KILL $$' ::: a
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
