#!/usr/bin/env bats
# Many slots, many items, and shortage: no item is lost, nothing leaks, memory stays flat.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# How long this machine takes to end 500 processes by itself, in microseconds.
ending_500() {
	perl -MTime::HiRes=time -e '
		for (1 .. 500) { my $pid = fork // die; if (!$pid) { sleep; exit } push @all, $pid }
		my $begin = time;
		kill TERM => @all;
		waitpid $_, 0 for @all;
		printf "%d", (time - $begin) * 1e6'
}

has_threads() {
	local tasks=(/proc/"$pid"/task/*)
	[ ${#tasks[@]} -ge "$1" ]
}

# Ends 500 jobs and shows that it took less than a second, or as much longer as a machine that is slow,
# or has other things to do, needs by itself: end_500 COMMAND...
end_500() {
	local begin took alone most
	seq 500 >items
	start "$PEXEC" -j500 --grace 600 -a items "$@"
	# Each job has a thread: to count those costs less than to look for what they have started.
	wait_until has_threads 500
	wait_until naps 500
	begin=${EPOCHREALTIME/[.,]/}
	kill "$pid"
	ends 143
	took=$((${EPOCHREALTIME/[.,]/} - begin))
	none_left
	if [ -z "${SANITIZE:-}" ] && [ "$took" -ge 1000000 ]; then
		alone=$(ending_500)
		most=$((1000000 + 10 * alone))
		echo "took $((took / 1000)) ms, at most $((most / 1000)): without pexec it is $((alone / 1000))"
		[ "$took" -lt "$most" ]
	fi
}

@test "-j N: N jobs run together, never more" {
	mkfifo go
	seq 20 >items
	seq 40 | "$PEXEC" -j4 -u sh -c 'echo +1; echo -1' >log
	run awk '{ running += $1; if (running > 4) bad = 1 } END { print NR, running, bad + 0 }' log
	assert_output '80 0 0'
	start "$PEXEC" -j4 -a items sh -c 'echo >>started; read -r x <go'
	wait_until has_lines 4 started
	assert_equal "$(children | wc -l)" 4
	kill "$pid"
	ends 143
	has_lines 4 started
}

@test "500 jobs, every second of two processes, end within a second of SIGTERM, and no process is left" {
	end_500 sh -c '[ $(($0 % 2)) = 0 ] || exec sleep "$1"; sleep "$1"; :' {} "$nap"
}

@test "jobs of many slots, with output: every line arrives" {
	seq 400 >items
	run -0 --separate-stderr "$PEXEC" -j100 -a items echo
	assert_equal "$(sort -n <<<"$output")" "$(cat items)"
	assert_equal "$stderr" ''
}

@test "20 descriptors: every item is done, and it is said how many slots there are" {
	run -0 --separate-stderr bash -c 'ulimit -n 20; exec "$0" -j8 echo ::: {1..50} 3>&- 4>&-' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 50)"
	assert_equal "$stderr" 'pexec: 1 slot instead of 8: only 20 open files are allowed (ulimit -n)'
}

@test "20 descriptors are enough for any -j with -u" {
	run -0 --separate-stderr bash -c 'ulimit -n 20; exec "$0" -u -j8 echo ::: {1..50} 3>&- 4>&-' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 50)"
	assert_equal "$stderr" ''
}

@test "too few descriptors for even one job: an error, not a wait without end" {
	for most in 4 5 6 7 8 9; do
		run timeout "$patience" bash -c "ulimit -n $most; exec 3>&- 4>&-; "'exec "$0" echo ::: a' "$PEXEC"
		assert_failure
		[ "$status" != 124 ]
		assert_output --partial 'Too many open files'
	done
}

@test "too few descriptors for a job of this kind: that is said before anything has begun, with the numbers" {
	for options in '-k --results dir' '--linger 1 --results dir -k'; do
		rm -rf dir log
		run -1 timeout "$patience" bash -c 'ulimit -n 14; exec 3>&- 4>&-; eval "exec \"\$0\" $1 --joblog log touch ran"' "$PEXEC" "$options ::: a"
		assert_output --regexp 'pexec: no job can be started: Too many open files: of 14 \(ulimit -n\) [0-9]+ are left, and it takes [0-9]+$'
		[ ! -e ran ]
		[ ! -s log ]
	done
}

@test "descriptors that somebody else left open take none of the slots' items" {
	run -0 --separate-stderr timeout "$patience" bash -c '
		ulimit -n 40
		for ((i = 3; i < 30; i++)); do eval "exec $i</dev/null"; done
		exec "$0" -j8 echo ::: {1..50}' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 50)"
}

@test "SIGUSR1 lifts the soft limit of descriptors when the new slots need it" {
	mkfifo go
	start bash -c 'ulimit -Sn 24; exec "$@"' bash "$PEXEC" -j1 sh -c 'ulimit -Sn >>started; read -r x <go' ::: {1..30} 2>err
	for i in {1..29}; do
		wait_until has_lines "$i" started
		kill -s USR1 "$pid"
	done
	wait_until has_lines 30 started
	kill "$pid"
	ends 143
	assert_equal "$(sort -u started)" 24
	assert_equal "$(cat err)" ''
}

@test "SIGUSR1 beyond the hard limit of descriptors adds no slot, and that is said" {
	start bash -c 'ulimit -n 24; exec "$@"' bash "$PEXEC" -j1 sleep "$nap" ::: 0 0 0 3>&- 4>&- 2>err
	wait_until naps 1
	kill -s USR1 "$pid"
	wait_until naps 2
	kill -s USR1 "$pid"
	wait_until test -s err
	naps 2
	kill "$pid"
	ends 143
	assert_equal "$(cat err)" 'pexec: still 2 slots: no more open files are allowed (ulimit -n)'
}
