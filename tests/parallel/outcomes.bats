#!/usr/bin/env bats
# What becomes of jobs, and of the run: --halt, --retries, --timeout, --delay, --joblog, --resume, as with
# GNU parallel.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/originals

# A job that leaves a mark, prints its item, and fails where its item says so.
mark='echo "$0" >>ran; echo "out $0"; case $0 in bad*) exit 3;; esac'

# What jobs have left marks, in their order, since the last call.
ran() {
	[ ! -e ran ] || tr '\n' ' ' <ran
	rm -f ran
}

# The numbers of the jobs that are in the journal, in their order.
seqs() {
	sed 1d log | cut -f 1 | sort -n | tr '\n' ' '
}

@test "0 when every job succeeded or there was none, another status when one failed" {
	run -0 "${parallel[@]}" true ::: a b c
	run -0 "${parallel[@]}" false </dev/null
	run ! "${parallel[@]}" sh -c 'exit $0' ::: 0 1 0
	run ! "${parallel[@]}" sh -c 'kill -KILL $$' ::: a
}

@test "the queue goes on when jobs fail, exit with 255, or are killed" {
	run "${parallel[@]}" -j1 sh -c 'echo $0; case $0 in killed) kill -KILL $$ ;; *) exit $0 ;; esac' ::: 0 1 255 killed 0
	assert_failure
	assert_equal "$(grep -cE '^(0|1|255|killed)$' <<<"$output")" 5
}

@test "-j N, -P N: never more than N at a time" {
	for option in -j3 '-j 3' -P3 '--jobs 3' --max-procs=3; do
		# shellcheck disable=SC2086 # an option and its argument
		"${parallel[@]}" $option -u sh -c 'echo +1; sleep 0.02; echo -1' ::: {1..12} >log
		run awk '{ running += $1; if (running > 3) bad = 1 } END { print NR, running, bad + 0 }' log
		assert_output '24 0 0'
	done
}

@test "-j0 runs everything at once" {
	mkfifo go
	start "${parallel[@]}" -j0 sh -c 'echo >>started; read -r x <go' ::: {1..12}
	wait_until has_lines 12 started
	exec 7<>go
	seq 12 >&7
	ends 0
}

@test "--retries N: at most N attempts in all, and the last one counts" {
	run -0 "${parallel[@]}" -j1 --retries 4 sh -c 'echo >>tries; [ $(wc -l <tries) = 3 ]' ::: a
	assert_equal "$(wc -l <tries)" 3
	rm tries
	run ! "${parallel[@]}" -j1 --retries 3 sh -c 'echo >>tries; exit 1' ::: a
	assert_equal "$(wc -l <tries)" 3
	rm tries
	run ! "${parallel[@]}" -j1 --retries 1 sh -c 'echo >>tries; exit 1' ::: a
	assert_equal "$(wc -l <tries)" 1
}

@test "--timeout ends a job that takes longer: it has failed, and the queue goes on" {
	run --separate-stderr "${parallel[@]}" -j1 --timeout 1 sh -c 'echo $0; sleep $0' ::: "$nap" 0
	assert_failure
	assert_line 0
	none_left
}

@test "--timeout: a job in time is not touched" {
	for time in 60 30s 5m 2h 1d 300%; do
		run -0 --separate-stderr "${parallel[@]}" -j1 --timeout $time echo ::: a b
		assert_output $'a\nb'
		assert_equal "$stderr" ''
	done
}

@test "--termseq: signals and times, in their order" {
	run ! "${parallel[@]}" --timeout 1 --termseq USR1,200,HUP,200,TERM,200,KILL,25 sh -c '
		for s in USR1 HUP TERM; do trap "echo $s >>got" $s; done
		while :; do sleep '"$nap"' & wait; done' ::: a
	assert_equal "$(cat got)" $'USR1\nHUP\nTERM'
}

@test "--halt: when and why" {
	# option, and what ran on one slot of the items ok bad ok bad bad ok
	while read -r option ran; do
		run --separate-stderr "${parallel[@]}" -j1 --halt "$option" sh -c 'echo $0; [ $0 = ok ]' ::: ok bad ok bad bad ok
		assert_equal "$option: ${output//$'\n'/ }" "$option: $ran"
	done <<-'END'
		never ok bad ok bad bad ok
		soon,fail=1 ok bad
		now,fail=1 ok bad
		soon,fail=2 ok bad ok bad
		now,fail=9 ok bad ok bad bad ok
		soon,success=1 ok
		now,success=2 ok bad ok
		soon,done=3 ok bad ok
		now,done=1 ok
		0 ok bad ok bad bad ok
		1 ok bad
		2 ok bad
	END
}

@test "--halt soon lets the others finish, --halt now ends them" {
	job='[ $0 != 1 ] || { until [ -e ready ]; do sleep 0.02; done; exit 1; }; trap "echo TERM >got; exit 1" TERM; echo >ready; sleep 0.3 & wait; echo $0 finished'
	run ! --separate-stderr "${parallel[@]}" -j2 --halt soon,fail=1 sh -c "$job" ::: 1 2 3
	assert_output '2 finished'
	[ ! -e got ]
	rm -f ready
	run ! --separate-stderr "${parallel[@]}" -j2 --halt now,fail=1 sh -c "${job/0.3/$nap}" ::: 1 2 3
	assert_output ''
	assert_equal "$(cat got)" TERM
	none_left
}

@test "--halt counts jobs, not attempts" {
	run -0 "${parallel[@]}" -j1 --halt now,fail=1 --retries 2 sh -c 'echo >>tries$0; [ $(wc -l <tries$0) = 2 ]' ::: a b
}

@test "--delay: so much between two starts, of all slots together" {
	run -0 "${parallel[@]}" -j4 --delay 0.2 sh -c 'date +%s%3N' ::: a b c d
	run awk '{ if (NR > 1 && $1 - last < 50) print "too early: " $1 - last; last = $1 }' <(sort -n <<<"$output")
	refute_output
}

@test "--nice: the jobs are as nice as that" {
	run -0 "${parallel[@]}" --nice 4 sh -c nice ::: a
	assert_output $(($(nice) + 4))
}

@test "--joblog: a header, and a line of nine columns for each job" {
	run "${parallel[@]}" -j1 --joblog log sh -c 'case $0 in 1) echo four;; 2) exit 3;; 3) kill -KILL $$;; esac' ::: 1 2 3
	assert_failure
	assert_equal "$(head -n 1 log)" $'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'
	assert_equal "$(sed 1d log | cut -f 1,2,5-8)" $'1\t:\t0\t5\t0\t0\n2\t:\t0\t0\t3\t0\n3\t:\t0\t0\t0\t9'
	assert_equal "$(awk -F '\t' '{ print NF }' log | sort -u)" 9
	# When it began, and how long it took.
	run awk -F '\t' -v now="$EPOCHSECONDS" 'NR > 1 && ($3 !~ /^[0-9]+\.[0-9][0-9][0-9]$/ || $3 < now - 60 || $3 > now + 1 ||
		$4 !~ /^ *[0-9]+\.[0-9][0-9][0-9]$/ || length($4) != 10 || $4 > 60)' log
	refute_output
}

@test "--joblog: the command as it was run" {
	"${parallel[@]}" -j1 --joblog log expr ::: 12 3
	assert_equal "$(sed 1d log | cut -f 9)" $'expr 12\nexpr 3'
}

@test "--joblog begins anew without --resume" {
	"${parallel[@]}" --joblog log true ::: a b c
	"${parallel[@]}" --joblog log true ::: a
	assert_equal "$(seqs)" '1 '
}

@test "--resume runs what the journal does not have" {
	run "${parallel[@]}" -j1 --joblog log sh -c "$mark" ::: a bad c
	rm ran
	run -0 "${parallel[@]}" -j1 --resume --joblog log sh -c "$mark" ::: a bad c d e
	assert_output $'out d\nout e'
	assert_equal "$(ran)" 'd e '
	assert_equal "$(seqs)" '1 2 3 4 5 '
	# Nothing is left: also not of the one that failed.
	run -0 "${parallel[@]}" -j1 --resume --joblog log sh -c "$mark" ::: a bad c d e
	refute_output
	assert_equal "$(seqs)" '1 2 3 4 5 '
}

@test "--resume without a journal begins one" {
	run -0 "${parallel[@]}" -j1 --resume --joblog log echo ::: a b
	assert_output $'a\nb'
	assert_equal "$(seqs)" '1 2 '
}

@test "--resume-failed runs those that failed as well" {
	run "${parallel[@]}" -j1 --joblog log sh -c "$mark" ::: a bad1 c
	rm ran
	run "${parallel[@]}" -j1 --resume-failed --joblog log sh -c "$mark" ::: a bad1 c d
	assert_failure
	assert_equal "$(ran)" 'bad1 d '
}

@test "--joblog: the last line of a job is the one that counts" {
	line() { printf '%d\t:\t1700000000.000\t     0.001\t0\t0\t%d\t0\t%s\n' "$@"; }
	{
		printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n'
		line 1 3 'echo a'
		line 1 0 'echo a'
		line 2 3 'echo b'
	} >log
	run -0 "${parallel[@]}" -j1 --resume-failed --joblog log echo ::: a b c
	assert_output $'b\nc'
}

@test "a second SIGTERM ends the jobs at once, and the status is not 0" {
	start "${parallel[@]}" -j2 sleep "$nap" ::: 0 0 0
	wait_until naps 2
	kill "$pid"
	kill "$pid" || true
	wait_until is_over
	run ! wait "$pid"
	pid=
	none_left
}
