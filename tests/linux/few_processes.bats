#!/usr/bin/env bats
# A user who may have few processes: every item is done, and the shortage is reported.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Runs a command as a user who has no other processes, with N of them at most: "${few[@]}" N COMMAND...
few=(bash -c 'ulimit -u "$0"; exec setpriv --reuid 54321 --regid 54321 --clear-groups "$@"')

needs_other_user() {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	chmod 711 "$BATS_RUN_TMPDIR"
	cp "$PEXEC" pexec
	setpriv --reuid 54321 --clear-groups ./pexec --version || skip "other users cannot run it here"
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

@test "-k: jobs that have ended leave the first one the processes that it needs" {
	needs_plain_build "threads of its own"
	needs_other_user
	mkfifo go
	chmod 666 go
	# The main thread, the guardian, four slots and four jobs.
	TMPDIR=/nonexistent start "${few[@]}" 10 ./pexec -k -j4 --buffer 16k \
		sh -c '[ $0 != 1 ] || { read -r x <go; /bin/echo first; }; printf "%070000d\n" $0' ::: 1 2 3 4 >out 2>err
	wait_until test -s err
	wait_until only_jobs 1
	release go
	ends 0
	assert_equal "$(tr -s 0 <out)" $'first\n01\n02\n03\n04'
}

@test "no room for even a slot: status 1 and the reason" {
	needs_plain_build "threads of its own"
	needs_other_user
	run -1 timeout "$patience" "${few[@]}" 1 ./pexec --keep-orphans echo ::: a
	assert_output 'pexec: starting the first slot: Resource temporarily unavailable'
}
