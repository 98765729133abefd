#!/usr/bin/env bats
# Many slots, many items, and shortage: no item is lost, nothing leaks, memory stays flat.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load helper
load background

# Runs a command as a user who has no other processes, with N of them at most: "${few[@]}" N COMMAND...
few=(bash -c 'ulimit -u "$0"; exec setpriv --reuid 54321 --regid 54321 --clear-groups "$@"')

needs_other_user() {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	chmod 711 "$BATS_RUN_TMPDIR"
	cp "$PEXEC" pexec
	setpriv --reuid 54321 --clear-groups ./pexec --version || skip "other users cannot run it here"
}

threads() {
	find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l
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

@test "-j1 runs one job at a time, in the order of the queue" {
	run -0 "$PEXEC" -j1 sh -c 'mkdir lock && echo $0 && rmdir lock' ::: {1..20}
	assert_output "$(seq 20)"
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

@test "there are no more threads than jobs, however many slots" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j1000 sleep "$nap" <items
	printf '0\n0\n' >&5
	wait_until naps 2
	# The main thread, two with a job, one that waits for the next; a sanitizer may have its own.
	[ "$(threads)" -le 5 ]
	kill "$pid"
	ends 143
	none_left
}

@test "500 jobs, every second of two processes, end within a second of SIGTERM, and no process is left" {
	end_500 sh -c '[ $(($0 % 2)) = 0 ] || exec sleep "$1"; sleep "$1"; :' {} "$nap"
}

@test "peak memory stays under 4 MB for 1,000,000 items, and does not grow with their number" {
	needs_plain_build "memory of its own"
	local tenth all
	tenth=$(peak 100000)
	all=$(peak 1000000)
	echo "peak: $tenth KB for 100,000 items, $all KB for 1,000,000"
	[ "$all" -lt 4096 ]
	[ "$all" -le $((tenth + 200)) ]
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
	before=$(ls "/proc/$pid/fd")
	seq 100 >&5
	wait_until has_lines 120 finished
	wait_until is_idle
	assert_equal "$(ls "/proc/$pid/fd")" "$before"
	kill "$pid"
	ends 143
	assert_equal "$(wc -l <out)" 120
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

@test "descriptors that somebody else left open take none of the slots' items" {
	run -0 --separate-stderr timeout "$patience" bash -c '
		ulimit -n 40
		for ((i = 3; i < 30; i++)); do eval "exec $i</dev/null"; done
		exec "$0" -j8 echo ::: {1..50}' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 50)"
}

@test "few processes allowed: every item is done, whatever -j" {
	needs_other_user
	for slots in 0 4 8 100; do
		run -0 --separate-stderr timeout "$patience" "${few[@]}" 12 ./pexec -j "$slots" /bin/echo ::: {1..24}
		assert_equal "$(sort -n <<<"$output")" "$(seq 24)"
	done
}

@test "the shortage of processes is said once, and what runs goes on" {
	needs_other_user
	start "${few[@]}" 9 ./pexec -j100 sleep "$nap" ::: {1..100} 2>err
	wait_until test -s err
	wait_until pgrep -f "^sleep $nap"
	kill "$pid"
	ends 143
	none_left
	assert_equal "$(cat err)" 'pexec: no room for another job at the moment: Resource temporarily unavailable; trying again as jobs end, and every second'
}

@test "SIGTERM ends a run that waits for room" {
	needs_plain_build "threads of its own"
	needs_other_user
	start "${few[@]}" 3 ./pexec --grace 60 sleep "$nap" ::: 0 2>err
	wait_until test -s err
	kill "$pid"
	ends 143
	none_left
}

@test "no room for even a slot: status 1 and the reason" {
	needs_plain_build "threads of its own"
	needs_other_user
	run -1 timeout "$patience" "${few[@]}" 1 ./pexec --keep-orphans echo ::: a
	assert_output 'pexec: starting the first slot: Resource temporarily unavailable'
}

# What runs behind it can start no process the first time that a thread tries: short_of_processes COMMAND...
short_of_processes=(strace -D -f -b execve -o trace -e trace=vfork -e inject=vfork:error=EAGAIN:when=1)
scarce='pexec: no room for another job at the moment: Resource temporarily unavailable; trying again as jobs end, and every second'

@test "a shortage that others have made is looked at again soon, also when no job runs" {
	needs_strace
	run -0 --separate-stderr timeout "$patience" "${short_of_processes[@]}" "$PEXEC" -j1 echo ::: a b
	assert_output $'a\nb'
	assert_equal "$stderr" "$scarce"
	assert_equal "$(grep -c EAGAIN trace)" 1
}

@test "a shortage in several slots at once: no item is lost to it" {
	needs_strace
	run -0 --separate-stderr timeout "$patience" "${short_of_processes[@]}" "$PEXEC" -j4 echo ::: {1..20}
	assert_equal "$(sort -n <<<"$output")" "$(seq 20)"
	assert_equal "$stderr" "$scarce"
}

@test "an item that a slot had no room for is run by another one, which waits for the queue" {
	needs_strace
	mkfifo items
	exec 5<>items
	start "${short_of_processes[@]}" "$PEXEC" -j4 echo <items >out
	printf '1\n2\n' >&5
	wait_until has_lines 2 out
	kill "$pid"
	ends 143
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
