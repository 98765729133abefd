#!/usr/bin/env bats
# What a run leaves that was ended: what it says of it, its status, and that table, folder, journal, summary and
# acknowledgement agree on it.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# The numbers of the jobs that the journal has: recorded
recorded() {
	sed 1d log | cut -f 1 | sort -n | xargs
}

# The run has no job any more, and waits.
idle() {
	! children && sleeps
}

@test "a job that waits for its next attempt when the run ends is left, and nothing else" {
	for order in '' -k; do
		for signal in TERM QUIT; do
			for results in table.csv folder; do
				rm -rf log ran acks table.csv folder
				start "$PEXEC" ${order:+"$order"} -j1 --retries 3 --retry-delay "$nap" --summary --halt soon,fail=1 \
					--joblog log --results "$results" --done 'echo done >>acks' --failed 'echo failed >>acks' \
					-c 'echo "out $1"; echo >>ran; exit 1' ::: x 2>err >out
				wait_until has_lines 1 ran
				wait_until idle
				kill -s "$signal" "$pid"
				if [ "$signal" = TERM ]; then ends 143; else ends 125; fi
				assert_equal "$(recorded)" ''
				[ ! -s table.csv ] || fail "$(cat table.csv)"
				[ ! -e folder/1/exitval ]
				[ ! -e acks ]
				grep -qx 'pexec: 0 done, 0 failed, 0 timed out, 0 retried' err
				grep -qx 'pexec: 1 job left for another run' err
				run ! grep -e --halt err
				# Then each has it once.
				run -123 "$PEXEC" ${order:+"$order"} -j1 --resume --joblog log --results "$results" \
					-c 'echo "out $1"; echo >>ran; exit 1' ::: x
				assert_equal "$(recorded)" 1
				[ "$results" = folder ] || assert_equal "$(sed 1d table.csv | grep -c '^1,')" 1
				[ "$results" = table.csv ] || assert_equal "$(cat folder/1/exitval)" 1
			done
		done
	done
}

@test "a drain that leaves items of a queue undone has status 125, and says how many" {
	mkfifo go
	seq 5 >items
	# What is left, and of what queue; each runs one job.
	while IFS='|' read -r left arguments; do
		eval "words=($arguments)"
		rm -f started
		start "$PEXEC" -q -j1 "${words[@]}" 2>err
		wait_until test -e started
		kill -s QUIT "$pid"
		wait_until signals_taken
		release go
		ends 125
		assert_equal "$(cat err)" "pexec: drained: $left"
	done <<-'END'
		4 items not begun|-c ': >started; read -r x <go' ::: 1 2 3 4 5
		3 items not begun|-n 2 -c ': >started; read -r x <go' ::: 1 2 3 4 5
		5 items not begun|-c ': >started; read -r x <go' ::: 1 2 ::: 1 2 3
		1 item not begun|--skip 3 -c ': >started; read -r x <go' ::: 1 2 3 4 5
		4 items not begun|--shuf -a items -c ': >started; read -r x <go'
		there may be more in the queue|-a items -c ': >started; read -r x <go'
		there may be more in the queue|--source 'seq 5' -c ': >started; read -r x <go'
	END
}

@test "a drain that leaves nothing is a run like others" {
	seq 2 >items
	for queue in ::: ::::; do
		rm -f started over
		if [ $queue = ::: ]; then items=(1 2); else items=(items); fi
		start "$PEXEC" -j2 -c 'echo >>started; until [ -e over ]; do sleep 0.02; done' $queue "${items[@]}" 2>err
		wait_until has_lines 2 started
		kill -s QUIT "$pid"
		wait_until signals_taken
		: >over
		ends 0
		assert_equal "$(cat err)" ''
	done
}

@test "a drain of a queue without an end leaves nothing undone, whatever it had" {
	mkfifo go
	seq 5 >items
	while read -r arguments; do
		eval "words=($arguments)"
		rm -f started
		start "$PEXEC" -j1 "${words[@]}" -c ': >started; read -r x <go || :' 2>err
		wait_until test -e started
		kill -s QUIT "$pid"
		wait_until signals_taken
		release go
		ends 0
		assert_equal "$(cat err)" ''
	done <<-'END'
		--follow -a items
		--source 'seq 5' --every 1h
	END
}

@test "the last line names how many jobs have failed, and the first of them" {
	run -123 --separate-stderr "$PEXEC" -j1 -c 'echo own >&2; [ "$1" != 2 ] || exit 7; [ "$1" != c ] || kill -9 $$' ::: 1 2 c
	assert_equal "$stderr" 'own
own
pexec: job 3 (c): killed by signal 9 (Killed)
own
pexec: 2 of 3 jobs failed: 2 (2: exit 7), 3 (c: signal 9)'
	run -123 "$PEXEC" -j4 -c 'exit 1' ::: {1..100}
	assert_output 'pexec: 100 of 100 jobs failed: 1 (1: exit 1), 2 (2: exit 1), 3 (3: exit 1), 4 (4: exit 1), 5 (5: exit 1), ...'
	run -125 "$PEXEC" -j1 --halt soon,fail=1 -c 'exit 1' ::: $'a\nb' c
	assert_output 'pexec: --halt: 1 job failed, the last of them was job 1; starting no more
pexec: 1 of 1 job failed: 1 (a\nb: exit 1)'
}

@test "no line names the failed jobs with -q, or a message for each; a summary stands before it" {
	run -123 "$PEXEC" -q false ::: a
	refute_output
	run -123 "$PEXEC" --quote false ::: a
	refute_output
	run -123 "$PEXEC" --summary false ::: a
	assert_equal "${lines[0]}" 'pexec: 0 done, 1 failed, 0 timed out, 0 retried'
	assert_equal "${lines[-1]}" 'pexec: 1 of 1 job failed: 1 (a: exit 1)'
	run -123 "$PEXEC" ./no{}such ::: a b
	assert_equal "${#lines[@]}" 2
	run -123 "$PEXEC" -c 'kill -9 $$' ::: a
	assert_output 'pexec: job 1 (a): killed by signal 9 (Killed)'
}

@test "--summary after a signal says how many of the queue were not begun, or that there may be more" {
	seq 100 >items
	start "$PEXEC" -j2 --summary sleep "$nap" {} ::: {1..100} 2>err
	wait_until naps 2
	kill "$pid"
	ends 143
	grep -qx 'pexec: 2 jobs left for another run, 98 items not begun' err
	start "$PEXEC" -j2 --summary -a items sleep "$nap" 2>err
	wait_until naps 2
	kill "$pid"
	ends 143
	grep -qx 'pexec: 2 jobs left for another run, there may be more in the queue' err
}

# Jobs of a queue of six: job 2 waits, all others print and end. Ends the run when these have, and resumes
# it; the parts have to be the serial run's, the second where the first has ended: in_two_parts HOW OPTION...
in_two_parts() {
	local how=$1
	shift
	rm -rf log out begun go results
	mkfifo go
	start "$PEXEC" -k -j3 --joblog log "$@" \
		-c 'echo "$1"; echo "error $1" >&2; echo >>begun; [ "$1" != 2 ] || [ ! -p go ] || '"$how" ::: {1..6} >out 2>err
	wait_until has_lines 6 begun
	wait_until one_job
	kill "$pid"
	ends 143
	assert_equal "$(recorded)" 1
	assert_equal "$(cat out)" $'1\n2'
	run ! grep -x 'error [3-6]' err
	rm go
	run -0 "$PEXEC" -k -j3 --resume --joblog log "$@" \
		-c 'echo "$1"; echo "error $1" >&2; echo >>begun; [ "$1" != 2 ] || [ ! -p go ] || '"$how" ::: {1..6}
	assert_equal "$(sed 1d log | cut -f 1 | xargs)" '1 2 3 4 5 6'
}

one_job() {
	[ "$(children | wc -l)" = 1 ]
}

@test "-k with a journal: what goes out is a beginning of the serial run, and the resumed run prints the rest" {
	in_two_parts "exec sleep $nap" --summary
	grep -qx 'pexec: 1 done, 0 failed, 0 timed out, 0 retried' err
	grep -qx 'pexec: 5 jobs left for another run' err
	assert_line 2
	assert_line 6
	refute_line 1
	none_left
}

@test "-k with a journal: a drain that keeps a job from its next attempt is a beginning, too" {
	mkfifo go
	start "$PEXEC" -k -j2 --retries 2 --retry-delay "$nap" --joblog log --done 'echo "$PEXEC_ITEM" >>acks' \
		-c 'echo "$1 $PEXEC_ATTEMPT"; echo >>begun; [ "$1" != 2 ] || [ ! -p go ]' ::: 1 2 3 >out 2>err
	wait_until has_lines 3 begun
	wait_until idle
	kill -s QUIT "$pid"
	ends 125
	assert_equal "$(cat out)" $'1 1\n2 1'
	assert_equal "$(cat err)" 'pexec: drained: 2 jobs left for another run'
	assert_equal "$(cat acks)" 1
	assert_equal "$(recorded)" 1
	rm go
	run -0 "$PEXEC" -k -j2 --retries 2 --retry-delay "$nap" --resume --joblog log --done 'echo "$PEXEC_ITEM" >>acks' \
		-c 'echo "$1 $PEXEC_ATTEMPT"; echo >>begun; [ "$1" != 2 ] || [ ! -p go ]' ::: 1 2 3
	assert_output $'2 1\n3 1'
	assert_equal "$(sed 1d log | cut -f 1 | xargs)" '1 2 3'
}

@test "-k without a journal, or of a queue that is fetched: what is over goes out, as nothing else has it" {
	for options in '' '--joblog log --every 1h'; do
		rm -f begun
		if [ -n "$options" ]; then items=(--source 'seq 3'); lists=(); else items=(); lists=(::: 1 2 3); fi
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" -k -j3 $options "${items[@]}" -c 'echo "$1"; echo >>begun; [ "$1" != 1 ] || exec sleep '"$nap" "${lists[@]}" >out
		wait_until has_lines 3 begun
		wait_until one_job
		kill "$pid"
		ends 143
		assert_equal "$(cat out)" $'1\n2\n3'
	done
}

@test "-k with a journal: a job behind one that is left may print without room, and does not hang" {
	mkfifo go
	start env TMPDIR=/nonexistent "$PEXEC" -k -j2 --buffer 64k --retries 2 --retry-delay "$nap" --joblog log \
		sh -c '[ "$0" != 1 ] || exit 1; head -c 1000000 /dev/zero; : <go' ::: 1 2 >out 2>err
	wait_until test -s err
	kill -s QUIT "$pid"
	release go
	ends 125
	assert_equal "$(wc -c <out)" 0
	assert_equal "$(recorded)" ''
}
