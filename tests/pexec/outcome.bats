#!/usr/bin/env bats
# What becomes of jobs: timeouts, retries, halting, delays, the summary.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# The time in ms.
now() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# A job that says when each attempt begins, in ms, and fails.
failing='echo "$0 $PEXEC_ATTEMPT $(date +%s%3N)" >>attempts; exit 1'

# The time in ms between the beginnings of two attempts of job 1: between ATTEMPT ATTEMPT
between() {
	awk -v first="$1" -v second="$2" '$2 == first { a = $3 } $2 == second { b = $3 } END { print b - a }' attempts
}

@test "--timeout ends a job that takes longer: it has failed, that is said, and the queue goes on" {
	begin=$(now)
	run -123 --separate-stderr "$PEXEC" -j1 --timeout 0.3 sh -c 'echo $0; sleep $0' ::: "$nap" 0
	assert_output "$nap"$'\n0'
	assert_regex "$stderr" "^pexec: job 1 \($nap\): timed out after [0-9.]+ s$"
	[ $(($(now) - begin)) -ge 300 ]
	none_left
}

@test "--timeout takes units and percentages, and nothing else" {
	run -0 "$PEXEC" --timeout 30s --timeout 5m --timeout 2h --timeout 1d --timeout 1.5 --timeout 300% true ::: a
	for value in 0 -1 x 1y '' 0% -5% 1.5% % 9999999% 12345678901234567890%; do
		run -1 "$PEXEC" --timeout "$value" true ::: a
		assert_output --regexp "^pexec: --timeout ${value%"%"}%?: "
	done
}

@test "--timeout: a job that ignores TERM, with children that do too, is gone after the sequence, its slot free" {
	run -123 --separate-stderr "$PEXEC" -j1 --timeout 0.2 --termseq TERM,50,TERM,50,KILL,25 sh -c '
		[ $0 = next ] || { trap "" TERM; (sleep $0; :) & sleep $0; sleep $0; }
		echo $0' ::: "$nap" next
	assert_output next
	assert_regex "$stderr" '^pexec: job 1 .*: timed out after [0-9.]* s$'
	none_left
}

@test "--timeout: children that outlive the job are ended as well" {
	run -123 "$PEXEC" -j1 --timeout 0.2 sh -c '(trap "" TERM; sleep '"$nap"'; :) >/dev/null 2>&1 & sleep '"$nap" ::: a
	none_left
}

@test "--timeout with -u: the job ends all the same" {
	run -123 "$PEXEC" -u -j1 --timeout 0.2 sh -c 'sleep '"$nap"'; :' ::: a
	none_left
}

@test "--timeout: a job that ends well when it is told to has timed out, and is spared the rest" {
	run -123 "$PEXEC" --joblog log --timeout 0.2 --termseq TERM,60000,KILL sh -c '
		trap "kill \$!; wait; echo ended >end; exit 0" TERM; sleep '"$nap & wait" ::: a
	assert_output --partial 'timed out'
	assert_equal "$(cat end)" ended
	assert_equal "$(sed 1d log | cut -f 7,8)" $'-1\t0'
	none_left
}

@test "--timeout is for each attempt, and one that is in time is not touched" {
	run -0 --separate-stderr "$PEXEC" -j1 --timeout 0.5 --retries 2 sh -c '[ $PEXEC_ATTEMPT = 2 ] || sleep '"$nap" ::: a
	assert_regex "$stderr" '^pexec: job 1 \(a\): timed out after [0-9.]+ s$'
	run -0 --separate-stderr "$PEXEC" -j1 --timeout 60 sh -c 'sleep 0.1; echo $0' ::: a b
	assert_output $'a\nb'
	assert_equal "$stderr" ''
	none_left
}

@test "--timeout N%: of the median so far, once three jobs have ended" {
	# The second takes long, too, but comes too early to be judged.
	run -123 --separate-stderr "$PEXEC" -j1 --timeout 400% sleep ::: 0.2 1.2 0.2 0.2 0.2 "$nap" 0.2
	assert_equal "$(grep -c 'timed out' <<<"$stderr")" 1
	assert_regex "$stderr" "^pexec: job 6 \($nap\): timed out after [0-9.]+ s$"
	none_left
}

@test "--timeout N% counts for jobs that run already" {
	start "$PEXEC" -j2 --timeout 200% sleep ::: "$nap" 0.1 0.1 0.1 2>err
	ends 123
	assert_equal "$(wc -l <err)" 1
	none_left
}

@test "the time for which jobs are stopped with the terminal is not theirs" {
	start "${own_group[@]}" "$PEXEC" --timeout 1 sh -c 'echo >>ready; until [ -e go ]; do sleep 0.02; done' ::: a 2>err
	wait_until test -e ready
	kill -s TSTP "$pid"
	wait_until is_stopped "$pid"
	# More than the job's time.
	sleep 1.2
	: >go
	kill -s CONT "$pid"
	ends 0
	assert_equal "$(cat err)" ''
}

@test "--termseq: signals and times, in their order" {
	run -123 "$PEXEC" --timeout 0.2 --termseq USR1,100,SIGHUP,100,15,100,KILL sh -c '
		for s in USR1 HUP TERM; do trap "echo $s >>got" $s; done
		while :; do sleep '"$nap"' & wait; done' ::: a
	assert_equal "$(cat got)" $'USR1\nHUP\nTERM'
	for value in '' X TERM,x TERM,1,X TERM,-1 'TERM,,' 0 99 'TERM,1,'; do
		run -1 "$PEXEC" --termseq "$value" true ::: a
		assert_output --partial "pexec: --termseq $value: "
	done
	none_left
}

@test "--halt now ends the others by --termseq, and not later than --grace" {
	job='[ $0 != 1 ] || { until [ -e ready ]; do sleep 0.02; done; exit 1; }; trap "echo HUP >>got" HUP; echo >ready; while :; do sleep '"$nap"' & wait; done'
	run -125 "$PEXEC" -j2 --halt now,fail=1 --termseq HUP,50,KILL sh -c "$job" ::: 1 2
	assert_equal "$(cat got)" HUP
	rm ready
	run -125 "$PEXEC" -j2 --halt now,fail=1 --grace 0.1 --termseq HUP,60000,KILL sh -c "$job" ::: 1 2
	none_left
}

@test "--retries N: at most N attempts in all, and the last one counts" {
	run -0 "$PEXEC" -q -j1 --retries 4 sh -c 'echo $0 $PEXEC_ATTEMPT $PEXEC_SEQ; [ $PEXEC_ATTEMPT = 3 ]' ::: a
	assert_output $'a 1 1\na 2 1\na 3 1'
	run -123 "$PEXEC" -q -j1 --retries 3 sh -c 'echo $0 $PEXEC_ATTEMPT; exit 1' ::: a
	assert_output $'a 1\na 2\na 3'
	run -123 "$PEXEC" -q -j1 --retries 1 sh -c 'echo $0 $PEXEC_ATTEMPT; exit 1' ::: a
	assert_output 'a 1'
	# The next job has its own count.
	run -0 "$PEXEC" -q -j1 --retries 2 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $0$PEXEC_ATTEMPT != a1 ]' ::: a b
	assert_equal "$(sort <<<"$output")" $'a 1\na 2\nb 1'
	for value in 0 -1 x ''; do
		run -1 "$PEXEC" -q --retries "$value" true ::: a
		assert_output --partial "pexec: --retries $value: "
	done
}

@test "a job killed by a signal, and one that timed out, are tried again" {
	run -0 "$PEXEC" -j1 --retries 2 sh -c '[ $PEXEC_ATTEMPT = 2 ] || kill -KILL $$' ::: a
	assert_output 'pexec: job 1 (a): killed by signal 9 (Killed)'
}

@test "what failed attempts print is delivered; --drop-retried drops it, and never that of the last one" {
	job='echo "$0 $PEXEC_ATTEMPT"; echo "error $PEXEC_ATTEMPT" >&2; [ $PEXEC_ATTEMPT = 3 ]'
	run -0 --separate-stderr "$PEXEC" -q --retries 3 sh -c "$job" ::: a
	assert_output $'a 1\na 2\na 3'
	assert_equal "$stderr" $'error 1\nerror 2\nerror 3'
	for order in '' -k --lb; do
		run -0 --separate-stderr "$PEXEC" -q $order --retries 3 --drop-retried sh -c "$job" ::: a
		assert_output 'a 3'
		assert_equal "$stderr" 'error 3'
		run -123 --separate-stderr "$PEXEC" -q $order --retries 2 --drop-retried sh -c "$job" ::: a
		assert_output 'a 2'
		assert_equal "$stderr" 'error 2'
	done
}

@test "-k with retries: the order of the queue, each job's attempts together" {
	run -0 "$PEXEC" -j3 -k --retries 3 --retry-delay 0.05 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $0 != a ] || [ $PEXEC_ATTEMPT = 3 ]' ::: a b c
	assert_output $'a 1\na 2\na 3\nb 1\nc 1'
}

@test "--retry-delay and --drop-retried without --retries are an error" {
	for option in '--retry-delay 1' --drop-retried; do
		# shellcheck disable=SC2086 # an option and its argument
		run -1 "$PEXEC" $option touch ran ::: a
		assert_output 'pexec: --retry-delay and --drop-retried are about --retries: it is missing'
	done
	[ ! -e ran ]
	run -0 "$PEXEC" --retries 1 --retry-delay 1 true ::: a
}

@test "a job is left when a drain keeps it from its next attempt, also one that has a slot already" {
	start "$PEXEC" -j1 --retries 2 --delay "$nap" --joblog log sh -c 'echo >>ran; exit 1' ::: a
	wait_until has_lines 1 ran
	# The second attempt has been taken, and waits for --delay.
	run ! children
	wait_until sleeps
	kill -s QUIT "$pid"
	ends 125
	assert_equal "$(wc -l <log)" 1
}

# No slot is left, and pexec waits for its reader.
says_the_last() {
	local threads=("/proc/$pid/task/"*)
	[ ${#threads[@]} = 1 ] && grep -q poll "/proc/$pid/wchan"
}

@test "a summary that nobody takes can be interrupted" {
	needs_plain_build "a thread of its own"
	mkfifo err
	exec 6<>err
	head -c 65536 /dev/zero >&6
	start "$PEXEC" --summary true ::: a 2>err
	wait_until says_the_last
	kill "$pid"
	ends 143
}

@test "--retry-delay doubles from attempt to attempt, with a random part of at most half on top" {
	run -123 "$PEXEC" --retries 4 --retry-delay 0.2 sh -c "$failing" ::: a
	[ "$(between 1 2)" -ge 200 ]
	[ "$(between 2 3)" -ge 400 ]
	[ "$(between 3 4)" -ge 800 ]
	# Far below what the next step would be; a slow machine adds to all of them.
	[ "$(between 1 2)" -lt "$(between 3 4)" ]
	[ "$(between 3 4)" -lt 6000 ]
}

@test "the random part of --retry-delay makes jobs that failed together start apart" {
	mapfile -t items < <(seq 12)
	run -123 "$PEXEC" -j12 --retries 2 --retry-delay 2 sh -c "$failing" ::: "${items[@]}"
	run awk '{ if ($2 == 1) first[$1] = $3; else { d = $3 - first[$1]; if (d < 2000) bad = 1; if (d < least || !least) least = d; if (d > most) most = d } }
		END { print bad + 0, (most - least > 250) }' attempts
	assert_output '0 1'
}

@test "a retry waits without a slot: other jobs run meanwhile, and items are read" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j1 --retries 2 --retry-delay 60 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $0 != a ]' <items >out
	echo a >&5
	wait_until has_lines 1 out
	echo b >&5
	wait_until has_lines 2 out
	echo c >&5
	wait_until has_lines 3 out
	assert_equal "$(cat out)" $'a 1\nb 1\nc 1'
	kill "$pid"
	ends 143
}

@test "a retry is run when its time has come, also while pexec waits for items, and while other slots are busy" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j1 --retries 2 --retry-delay 0.2 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 2 ]' <items >out
	echo a >&5
	wait_until has_lines 2 out
	kill "$pid"
	ends 143
	start "$PEXEC" -j2 --retries 2 --retry-delay 0.2 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $0 != a ] || exec sleep '"$nap"'; [ $PEXEC_ATTEMPT = 2 ]' ::: a b >out
	wait_until has_lines 2 out
	assert_equal "$(cat out)" $'b 1\nb 2'
	kill "$pid"
	ends 143
}

@test "a retry is run when its time has come, also when its output had to wait for the reader" {
	mkfifo out items
	exec 5<>out 6<>items
	# While a slot waits for the next item.
	start "$PEXEC" -j1 --retries 2 --retry-delay 0.1 sh -c 'echo >>begun; [ $PEXEC_ATTEMPT = 2 ] || { head -c 3000000 /dev/zero; exit 1; }' <items >out
	echo a >&6
	wait_until has_lines 1 begun
	wait_until eval '! children'
	# By then the end of the process is long past.
	sleep 0.3
	cat <&5 >received &
	reader=$!
	wait_until has_lines 2 begun
	kill "$pid"
	ends 143
	kill $reader
}

@test "the run ends with the last retry, not before and not later" {
	begin=$(now)
	run -0 "$PEXEC" -j4 --retries 2 --retry-delay 0.3 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 2 ]' ::: a b
	assert_equal "$(sort <<<"$output")" $'a 1\na 2\nb 1\nb 2'
	[ $(($(now) - begin)) -lt 8000 ]
}

@test "many jobs, many retries: each job has its attempts" {
	mapfile -t items < <(seq 60)
	run -123 "$PEXEC" -q -j6 --retries 3 --retry-delay 0.02 sh -c 'echo $0 $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT -gt $(($0 % 4)) ]' ::: "${items[@]}"
	for i in "${items[@]}"; do
		for ((attempt = 1; attempt <= i % 4 + 1 && attempt <= 3; attempt++)); do echo "$i $attempt"; done
	done | sort >expected
	assert_equal "$(sort <<<"$output")" "$(cat expected)"
}

@test "SIGTERM while retries wait: at once, none of them is run or recorded" {
	start "$PEXEC" -j2 --retries 2 --retry-delay 60 --joblog log sh -c 'echo $0; exit 1' ::: a b >out
	wait_until has_lines 2 out
	kill "$pid"
	ends 143
	assert_equal "$(wc -l <log)" 1
	assert_equal "$(sort out)" $'a\nb'
}

@test "SIGQUIT while retries wait: they are left, their output is there, and --resume runs them again" {
	for order in '' -k; do
		rm -f log out
		mkfifo items
		exec 5<>items
		start "$PEXEC" -q -j2 $order --retries 2 --retry-delay 60 --joblog log sh -c 'echo $0; echo >>ran; [ $0 = b ]' <items >out
		printf 'a\nb\nc\n' >&5
		wait_until has_lines 3 ran
		# All three have ended when pexec waits for the next item.
		wait_until eval '! children'
		kill -s QUIT "$pid"
		ends 125
		# -k: the line of b would have come after the last attempt of a.
		if [ -n "$order" ]; then done='' out=a again=$'a\nb\nc'; else done=2 out=$'a\nb\nc' again=$'a\nc'; fi
		assert_equal "$(sort out)" "$out"
		assert_equal "$(sed 1d log | cut -f 1)" "$done"
		run -123 "$PEXEC" -q -j1 --resume --joblog log sh -c 'echo $0; echo >>ran; [ $0 = b ]' ::: a b c
		assert_output "$again"
		rm items ran
	done
}

@test "a job that fails while the run is drained and had attempts left: status 125, and run again by --resume" {
	mkfifo go
	job='echo $0; [ ! -p go ] || { echo >>ready; read -r x <go; exit 1; }'
	start "$PEXEC" -j1 --retries 2 --joblog log sh -c "$job" ::: a b >out
	wait_until test -e ready
	kill -s QUIT "$pid"
	wait_until signals_taken
	release go
	ends 125
	assert_equal "$(cat out)" a
	assert_equal "$(wc -l <log)" 1
	rm go
	run -0 "$PEXEC" -j1 --resume --joblog log sh -c "$job" ::: a b
	assert_output $'a\nb'
}

@test "--halt: when and why" {
	# option, status, what ran on one slot of the items ok bad ok bad bad ok
	while read -r option status ran; do
		run "-$status" --separate-stderr "$PEXEC" -q -j1 --halt "$option" sh -c 'echo $0; [ $0 = ok ]' ::: ok bad ok bad bad ok
		assert_equal "$option: ${output//$'\n'/ }" "$option: $ran"
		if [ "$status" = 125 ]; then
			assert_regex "$stderr" '^pexec: --halt: [0-9] jobs? (failed|succeeded|ended), the last of them was job [0-9]; '
		else
			assert_equal "$stderr" ''
		fi
	done <<-'END'
		never 123 ok bad ok bad bad ok
		0 123 ok bad ok bad bad ok
		soon,fail=1 125 ok bad
		now,fail=1 125 ok bad
		now,fail 125 ok bad
		soon,fail=2 125 ok bad ok bad
		now,fail=9 123 ok bad ok bad bad ok
		soon,success=1 125 ok
		now,success=2 125 ok bad ok
		soon,done=3 125 ok bad ok
		now,done=1 125 ok
		never,fail=1 123 ok bad ok bad bad ok
		never,done=10% 123 ok bad ok bad bad ok
		soon,fail=50% 125 ok bad ok bad bad
		soon,fail=51% 123 ok bad ok bad bad ok
		soon,success=33% 125 ok bad ok
		now,done=50% 125 ok bad ok
		1% 125 ok bad
		30% 125 ok bad ok bad
		100% 123 ok bad ok bad bad ok
		1 125 ok bad
		2 125 ok bad
		-1 125 ok
		-2 125 ok
	END
}

@test "--halt N%: of more jobs than a hundredth of the largest number" {
	local lists=()
	for ((i = 0; i < 10; i++)); do lists+=(::: {1..64}); done
	mkfifo go
	serve -q -j1 --halt 16% -c '[ $PEXEC_SEQ -lt 3 ] || { echo >begun; read -r x <go; }; exit 1' "${lists[@]}" 2>err
	wait_until test -e begun
	ctl drain
	release go
	ends 125
	assert_equal "$(cat err)" 'pexec: drained: 1152921504606846973 items not begun'
	# With one list more their number is none: then it is the share of those that have ended.
	run -125 --separate-stderr "$PEXEC" -q -j1 --halt 16% -c 'echo x; exit 1' "${lists[@]}" ::: {1..64}
	assert_output $'x\nx\nx'
}

@test "times of any length are times: none comes sooner for being too long" {
	run -0 "$PEXEC" --timeout 999999999d --grace 999999999d --retries 2 --retry-delay 999999999d true ::: a
	run -125 "$PEXEC" --next 'printf a' --every 999999999d --rounds 999999999 --halt soon,done=1 true
	# All slots wait, each behind the one before; the first job is the only one that begins.
	start "$PEXEC" -j200 --delay 999999999d -c 'echo "$1" >>begun' ::: {1..200} 2>err
	wait_until has_lines 1 begun
	wait_until sleeps
	kill "$pid"
	ends 143
	has_lines 1 begun
	assert_equal "$(cat err)" ''
	rm begun
	start "$PEXEC" -j1 --retries 3 --retry-delay 999999999d -c 'echo >>begun; exit 1' ::: 1
	wait_until has_lines 1 begun
	wait_until eval '! children && sleeps'
	kill "$pid"
	ends 143
	has_lines 1 begun
}

@test "--halt N%: of all jobs where they are known, or else of those that have ended" {
	items=(ok bad ok bad bad ok)
	# of all: every combination, side by side, shuffled, without those that are skipped, in batches
	while IFS='|' read -r ran arguments; do
		eval "words=($arguments)"
		run --separate-stderr "$PEXEC" -j1 "${words[@]}"
		assert_equal "$status $arguments: ${#lines[@]}" "125 $arguments: $ran"
	done <<-'END'
		3|--halt 50% -c 'echo x; false' ::: 1 2 3 ::: 1 2
		2|--halt 50% --link -c 'echo x; false' ::: 1 2 3 4 ::: 1 2
		3|--halt 50% --shuf -c 'echo x; false' ::: 1 2 3 4 5 6
		1|--halt 50% --skip 4 -c 'echo x; false' ::: 1 2 3 4 5 6
		2|--halt 50% -n 2 -c 'echo x; false' ::: 1 2 3 4 5 6 7 8
		2|--halt 50% --header -c 'echo x; false' ::: name 1 2 3 4
	END
	printf '%s\n' "${items[@]}" >items
	run -125 --separate-stderr "$PEXEC" -j1 --shuf --halt 50% -a items sh -c 'echo x; false'
	assert_equal "${#lines[@]}" 3
	# of those that have ended, of which there have to be three
	while read -r option status ran; do
		run "-$status" --separate-stderr "$PEXEC" -j1 --halt "$option" sh -c 'echo $0; [ $0 = ok ]' <items
		assert_equal "$option: ${output//$'\n'/ }" "$option: $ran"
	done <<-'END'
		soon,fail=50% 125 ok bad ok bad
		now,fail=100% 123 ok bad ok bad bad ok
		soon,success=60% 125 ok bad ok
		40% 125 ok bad ok bad
	END
}

@test "--halt with an argument that is wrong" {
	for value in '' x now soon 'now,' now,x now,fail= now,fail=0 now,fail=-1 now,fail=x now,fail=0% now,fail=101% now,fail=1%% \
		later,fail=1 "never," never,x never,fail=x 0% 101% % 5%% 1.5% -1% now,fail=1,2 now,failx=1 ,fail=1 3; do
		status=0
		"$PEXEC" --halt "$value" true ::: a 2>said || status=$?
		assert_equal "$status" 1
		read -r line <said
		assert_equal "${line:0:14 + ${#value} + 2}" "pexec: --halt $value: "
	done
}

@test "--halt soon lets the others finish, --halt now ends them, --fail-fast is the latter with fail=1" {
	job='[ $0 != 1 ] || { until [ -e ready ]; do sleep 0.02; done; exit 1; }; trap "echo TERM >got; exit 1" TERM; echo >ready; sleep 0.3 & wait; echo $0 finished'
	run -125 --separate-stderr "$PEXEC" -q -j2 --halt soon,fail=1 sh -c "$job" ::: 1 2 3
	assert_output '2 finished'
	[ ! -e got ]
	for option in '--halt now,fail=1' --fail-fast; do
		rm -f ready got
		# shellcheck disable=SC2086 # two words
		run -125 --separate-stderr "$PEXEC" -q -j2 $option sh -c "${job/0.3/$nap}" ::: 1 2 3
		assert_output ''
		assert_equal "$(cat got)" TERM
		assert_equal "$stderr" 'pexec: --halt: 1 job failed, the last of them was job 1; ending those that run'
	done
	none_left
}

@test "125 only when the queue was not done: at its end the jobs decide" {
	run -123 "$PEXEC" -j1 --halt soon,fail=1 false ::: a
	run -123 "$PEXEC" -j1 --halt now,fail=2 sh -c '[ $0 = ok ]' ::: bad ok bad
	run -125 "$PEXEC" -j1 --halt now,fail=1 sh -c '[ $0 = ok ]' ::: bad ok
	run -0 "$PEXEC" -j1 --halt soon,success=1 true ::: a
	run -125 "$PEXEC" -j1 --halt soon,success=1 true ::: a b
	run -123 bash -c 'echo a | "$0" -j1 --halt soon,fail=1 false' "$PEXEC"
	# Attempts that are left are part of the queue.
	run -125 "$PEXEC" -j1 --halt soon,done=1 --retries 2 --retry-delay 60 sh -c '[ $0 = b ]' ::: a b
	run -125 "$PEXEC" --halt soon,fail=9 -x -s 20 echo ::: 'far more than twenty bytes'
}

@test "--halt counts jobs, not attempts" {
	run -0 "$PEXEC" -j1 --halt now,fail=1 --retries 2 sh -c '[ $PEXEC_ATTEMPT = 2 ]' ::: a b
}

@test "--resume with nothing left: status 0, whatever the journal's jobs came to" {
	run -123 "$PEXEC" --joblog log false ::: a b
	run -0 "$PEXEC" --resume --joblog log false ::: a b
	run -0 "$PEXEC" --resume --joblog log --halt now,fail=1 false ::: a b
	run -123 "$PEXEC" --retry-failed --joblog log false ::: a b
}

@test "--delay: so much between two starts, of all slots together" {
	run -0 "$PEXEC" -j4 --delay 0.6 sh -c 'date +%s%3N' ::: a b c d
	run awk '{ if (NR > 1 && $1 - last < 50) print "too early: " $1 - last; last = $1 }' <(sort -n <<<"$output")
	refute_output
	# Waiting for it takes no signal longer.
	begin=$(now)
	start "$PEXEC" -j2 --grace 60 --delay 60 echo ::: a b c >out
	wait_until has_lines 1 out
	kill "$pid"
	ends 143
	[ $(($(now) - begin)) -lt 30000 ]
	assert_equal "$(wc -l <out)" 1
	run -1 "$PEXEC" --delay x true ::: a
}

@test "--summary: what the run came to, at its end, on stderr" {
	run -123 --separate-stderr "$PEXEC" -j1 --summary --timeout 0.6 --retries 2 sh -c '
		case $0 in bad) exit 1;; slow) sleep '"$nap"';; twice) [ $PEXEC_ATTEMPT = 2 ];; 0.*) sleep $0;; esac' ::: ok bad twice slow 0.3 0.2 0.1
	mapfile -t lines < <(grep -v 'timed out after' <<<"$stderr")
	assert_equal "${lines[0]}" 'pexec: 5 done, 1 failed, 1 timed out, 3 retried'
	assert_regex "${lines[1]}" '^pexec: [0-9.]+ s, of the processor [0-9.]+ s user and [0-9.]+ s system; [01]\.[0-9]{2} jobs at a time$'
	assert_regex "${lines[2]}" '^pexec: slowest: 0\.[6-9][0-9]* s: job 4 \(slow\)$|^pexec: slowest: [1-9][0-9.]* s: job 4 \(slow\)$'
	assert_regex "${lines[3]}" '^pexec:          [0-9.]+ s: job 5 \(0\.3\)$'
	assert_equal "${lines[7]}" 'pexec: 2 of 7 jobs failed: 2 (bad: exit 1), 4 (slow: timed out)'
	assert_equal "${#lines[@]}" 8
	assert_equal "$(printf '%s\n' "${lines[@]:2:5}" | sed 's/slowest://; s/.*  *\([0-9.]*\) s: job.*/\1/' | sort -c -r -n && echo sorted)" sorted
	none_left
}

@test "--summary counts every attempt, and jobs that are left for another run" {
	run -123 --separate-stderr "$PEXEC" -j1 --summary --retries 4 sh -c 'sleep 0.3; exit 1' ::: a
	assert_regex "$stderr" '; (0\.[5-9]|1\.0)[0-9] jobs at a time'
	start "$PEXEC" -j2 --summary sleep ::: "$nap" "$nap" 2>err
	wait_until naps 2
	kill "$pid"
	ends 143
	assert_equal "$(grep left err)" 'pexec: 2 jobs left for another run'
}

@test "--summary measures how many jobs run at a time, and the processor's time" {
	run -0 --separate-stderr "$PEXEC" -j3 --summary sleep ::: 1 1 1
	# What the jobs took together, in the time of the run, whatever the start of that took.
	run awk '/at a time/ { wall = $2; many = $(NF - 4) } / s: job / { jobs += $(NF - 4) }
		END { together = many * wall - jobs; print (many > 1.2 && together * together < 0.001) }' <<<"$stderr"
	assert_output 1
	run -0 --separate-stderr "$PEXEC" --summary sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done' ::: a
	run awk '/of the processor/ { print ($7 > 0.02) }' <<<"$stderr"
	assert_output 1
	# An item is made safe to print.
	run -0 --separate-stderr "$PEXEC" --summary true ::: $'a\033[1m'
	assert_equal "$(grep -o '(a.*' <<<"$stderr")" '(a\^[[1m)'
}

@test "-k does not hold up --halt: a job counts when it has ended, not when it is its turn to write" {
	mkfifo never
	run -125 --separate-stderr timeout 20 "$PEXEC" -q -k -j2 --fail-fast sh -c '[ $0 = 2 ] || read -r x <never; exit 1' ::: 1 2 3
	assert_equal "$stderr" 'pexec: --halt: 1 job failed, the last of them was job 2; ending those that run'
}
