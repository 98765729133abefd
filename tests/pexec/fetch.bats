#!/usr/bin/env bats
# Queues that are fetched by a command, and jobs that are acknowledged.
# shellcheck disable=SC2016 # what stands in single quotes is for the inner shells to expand
# shellcheck disable=SC2154 # pid, nap and patience are set in background.bash and helper.bash
# shellcheck disable=SC2034 # others are used by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Milliseconds on a clock that begins anywhere.
now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# A queue in a file: "next" prints its first line and takes it off, under a lock.
make_queue() {
	seq "$1" >queue
	cat >next <<-'END'
		#!/bin/sh
		exec flock queue.lock sh -c 'echo >>asked; head -n 1 queue; sed -i 1d queue'
	END
	chmod +x next
}

# --- rounds of --source ---

@test "--source: what the command prints is the queue, as it comes" {
	mkfifo go
	start "$PEXEC" --source 'echo a; read -r line <go; echo "$line"' echo >out
	wait_until grep -qx a out
	echo b >go
	ends 0
	assert_equal "$(cat out)" $'a\nb'
}

@test "--source: the input options apply, each round anew" {
	run -0 "$PEXEC" -k --source 'printf "a\0b c\0"' -0 echo
	assert_output $'a\nb c'
	run -0 "$PEXEC" -k --source 'printf "1,2:3,4:"' -d : --colsep , echo '{2} {1}'
	assert_output $'2 1\n4 3'
	run -0 "$PEXEC" --source 'seq 5' -n 2 echo -j1
	run -0 "$PEXEC" -k --source 'seq 5' -n 2 echo
	assert_output $'1 2\n3 4\n5'
	run -0 "$PEXEC" -k --source 'echo x; echo a; echo END; sleep '"$nap" --skip 1 -E END --every 0.1 --rounds 2 echo '{#} {}'
	assert_output $'1 a\n2 a'
	run -0 "$PEXEC" --dry-run --source 'echo a' echo
	assert_output 'echo a'
	run -0 "$PEXEC" --source 'echo echo one' --every 0.1 --rounds 2
	assert_output $'one\none'
}

@test "--source: jobs and the command read /dev/null, what it says goes to stderr" {
	run -0 --separate-stderr "$PEXEC" --source 'readlink /proc/self/fd/0; echo said >&2' sh -c 'readlink /proc/self/fd/0; echo "$0"' <<<x
	assert_output $'/dev/null\n/dev/null'
	assert_equal "$stderr" said
}

@test "--source: rounds do not overlap, retries included, and numbers go on" {
	run -0 "$PEXEC" -j3 --source 'echo round >>log; seq 3' --every 0.05 --rounds 3 --retries 2 --retry-delay 0.1 \
		sh -c 'echo $PEXEC_SEQ >>log; [ $PEXEC_ATTEMPT = 2 ]'
	assert_equal "$(awk '/round/ { n++; next } { seen[n] = seen[n] " " $1 } END { for (i = 1; i <= n; i++) print seen[i] }' log |
		xargs -n 6 | while read -r line; do xargs -n 1 <<<"$line" | sort -n | xargs; done)" $'1 1 2 2 3 3\n4 4 5 5 6 6\n7 7 8 8 9 9'
}

@test "--source: a round is over when its jobs are acknowledged" {
	run -0 "$PEXEC" -j6 --source 'echo round >>log; seq 4' --every 0.05 --rounds 3 --done 'sleep 0.1; echo done >>log' true
	assert_equal "$(uniq -c log | awk '{ print $1, $2 }' | xargs)" '1 round 4 done 1 round 4 done 1 round 4 done'
}

# The rounds of a run in which the first one takes one and a half periods: the second begins at once,
# the third at its time.
in_time() {
	rm -f began
	"$PEXEC" --source 'date +%s%3N >>began; echo a' --every 1 --rounds 4 sh -c '[ $PEXEC_SEQ != 1 ] || sleep 1.5'
	mapfile -t starts <began
	echo "rounds after 0 $((starts[1] - starts[0])) $((starts[2] - starts[0])) $((starts[3] - starts[0])) ms"
	((starts[1] - starts[0] >= 1500 && starts[1] - starts[0] < 1900)) &&
		((starts[2] - starts[0] >= 1600 && starts[2] - starts[0] < 2400 && starts[3] - starts[2] > 600))
}

@test "--every: rounds begin at multiples of the time, and one that takes longer leaves the others where they are" {
	# A machine that is busy is late now and then.
	in_time || in_time || in_time || in_time
}

@test "--source: a command that fails is reported and run again, what it has printed is done" {
	run -0 --separate-stderr "$PEXEC" --source 'echo x >>count; cat count; [ $(wc -l <count) = 3 ] || exit 7' --every 0.05 --rounds 3 echo
	assert_equal "${#lines[@]}" 6
	assert_equal "$stderr" "$(yes "pexec: --source 'echo x >>count; cat count; [ \$(wc -l <count) = 3 ] || exit 7': ended with status 7" | head -n 2)"
	run -0 --separate-stderr "$PEXEC" --source 'test -e been || { >been; kill -KILL $$; }; echo a' --every 0.05 --rounds 2 echo
	assert_output a
	[[ $stderr == *"killed by signal 9" ]]
}

@test "--source: when the last round has failed, the status is 1, once all jobs are over" {
	run -1 "$PEXEC" -j1 --source 'echo a; exit 3' --retries 2 --retry-delay 0.1 sh -c 'echo $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 2 ]'
	assert_output $'pexec: --source \'echo a; exit 3\': ended with status 3\n1\n2' ||
		assert_output $'1\npexec: --source \'echo a; exit 3\': ended with status 3\n2'
	run -1 "$PEXEC" --source 'exit 3' --every 0.05 --rounds 2 echo
	assert_equal "${#lines[@]}" 2
	run -127 "$PEXEC" --source 'echo a' ./none
	run -123 "$PEXEC" --source 'echo a' --every 0.05 --rounds 2 false
}

@test "of what a command gives nobody knows how much it is: neither --halt with a share, nor the status" {
	run -123 "$PEXEC" -j1 --source 'seq 10' --halt soon,fail=50% sh -c 'echo "$0"; [ "$0" != 1 ]'
	assert_equal "$(head -n 10 <<<"$output")" "$(seq 10)"
	start "$PEXEC" --ctl S --next : --every 1000 true
	wait_until "$PEXEC" --ctl S status
	[[ $("$PEXEC" --ctl S status) == '0 running, 0 done, 0 failed; '* ]]
	[[ $("$PEXEC" --ctl S status --json) == *'"left":null,'* ]]
	kill -TERM "$pid"
	ends 143
}

# --- --next ---

@test "--next: runs when a slot is free, until the queue was found empty" {
	make_queue 8
	mkfifo go.1 go.2
	start "$PEXEC" -j2 --next ./next --every 0.05 --rounds 3 sh -c 'echo "$0" >>out; [ "$0" -gt 2 ] || : <go.$0'
	wait_until has_lines 2 out
	has_lines 6 queue
	has_lines 2 asked
	release go.1
	release go.2
	ends 0
	assert_equal "$(sort -n out)" "$(seq 8)"
	has_lines 11 asked
}

@test "--next: nothing, an empty line and status 1 are an empty queue" {
	for next in : echo false; do
		run -0 "$PEXEC" --fail-fast --next "echo >>$next; $next" --every 0.05 --rounds 2 sh -c 'echo ran; exit 1'
		assert_output ''
		has_lines 2 "$next"
	done
}

@test "--next: an empty queue is asked again after --every, no sooner, also when jobs come to an end" {
	mkfifo go.1 go.2
	start "$PEXEC" -j3 --next 'echo x >>asked; [ $(wc -l <asked) -gt 2 ] || echo a' --every 1.5 --rounds 2 sh -c 'echo >>out; : <go.$PEXEC_SEQ'
	wait_until has_lines 2 out
	wait_until has_lines 3 asked
	began=$(now_ms)
	release go.1
	release go.2
	ends 0
	has_lines 4 asked
	took=$(($(now_ms) - began))
	echo "$took ms"
	[ "$took" -ge 1000 ]
}

@test "--next: other statuses are reported, and what was printed then is not run" {
	run -0 --separate-stderr "$PEXEC" --next 'echo x >>count; [ $(wc -l <count) -gt 2 ] || { echo a; exit 9; }' --every 0.05 --rounds 3 echo
	assert_output ''
	assert_equal "${#stderr_lines[@]}" 2
	[[ ${stderr_lines[0]} == *': ended with status 9: what it printed is not run: a' ]]
	run -1 "$PEXEC" --next 'kill -9 $$' --rounds 1 echo
	assert_output "pexec: --next 'kill -9 \$\$': killed by signal 9"
	run -1 "$PEXEC" --next 'echo a; exit 1' --rounds 1 echo
	assert_output "pexec: --next 'echo a; exit 1': ended with status 1: what it printed is not run: a"
	run -1 "$PEXEC" --next 'printf "a\tb\nc\n"; exit 1' --rounds 1 echo
	assert_output --partial 'what it printed is not run: a\tb and 1 other'
}

@test "--next: all items that it prints are run, and it runs again when none of them is left" {
	run -0 "$PEXEC" -j1 --next 'echo x >>asked; n=$(wc -l <asked); [ $n = 3 ] || seq -f "$n.%g" 3' --every 0.05 --rounds 1 \
		sh -c 'echo "$0 $(wc -l <asked)"'
	assert_output $'1.1 1\n1.2 1\n1.3 1\n2.1 2\n2.2 2\n2.3 2'
	run -0 "$PEXEC" -j1 --next 'test -e been || printf "a\nb\0\0c\0"; >been' -0 --every 0.05 --rounds 1 echo
	assert_output $'a\nb\n\nc'
	run -0 "$PEXEC" -j1 --next 'test -e two || printf "1,2\n3,4\n"; >two' --csv --every 0.05 --rounds 1 echo '{1} {2}'
	assert_output $'1 2\n3 4'
	run -0 "$PEXEC" -j1 --next 'test -e many || seq 20000; >many' --every 0.05 --rounds 1 -n 4000 sh -c 'printf "%s\n" "$@"' sh
	assert_equal "$output" "$(seq 20000)"
}

@test "--next and -E: what comes before is run, however the command ends; what follows is not" {
	run -0 "$PEXEC" --next 'echo x >>stop; [ $(wc -l <stop) -lt 3 ] && echo a || echo STOP' -E STOP echo
	assert_output $'a\na'
	run -0 "$PEXEC" -j1 --next 'printf "a\nb\nSTOP\nc\n"; exit 3' -E STOP echo
	assert_output $'a\nb'
	run -0 "$PEXEC" -j1 --grace 0.1 --next "echo a; echo STOP; trap '' PIPE; sleep $nap" -E STOP echo
	assert_output a
	run -0 "$PEXEC" -j1 --next 'echo a; yes STOP' -E STOP echo
	assert_output a
	# It has the time to complete what it does.
	run -0 "$PEXEC" -j1 --next 'printf "a\nSTOP\n"; sleep 0.2; >completed' -E STOP sh -c 'test -e completed'
}

@test "--next: PEXEC_WANTED tells how many items there is room for, at least one" {
	mkfifo go
	start "$PEXEC" -j4 --next 'echo "$PEXEC_WANTED" >>asked; [ $(wc -l <asked) -gt 1 ] || seq 3' --every 1000 sh -c 'echo >>begun; : <go'
	wait_until has_lines 2 asked
	assert_equal "$(cat asked)" $'4\n1'
	kill -TERM "$pid"
	ends 143
	PEXEC_WANTED=outer run -0 "$PEXEC" -j2 -n 5 --next 'echo "$PEXEC_WANTED $(env | grep -c ^PEXEC_WANTED=)" >>batches; [ $(wc -l <batches) -gt 1 ] || seq 3' \
		--every 0.05 --rounds 1 sh -c 'echo "${PEXEC_WANTED-none}"'
	assert_output none
	assert_equal "$(cat batches)" $'10 1\n7 1'
	run -0 "$PEXEC" -j2 -n 2147483647 --next 'echo "$PEXEC_WANTED" >>most' --rounds 1 echo
	assert_equal "$(cat most)" 4294967294
}

@test "--next: PEXEC_WANTED counts the slots that are free, also beside jobs that wait for their turn, an attempt or a key" {
	local options
	mkfifo go
	for options in -k '--retries 2 --retry-delay 1000' '--key x'; do
		rm -f asked
		# shellcheck disable=SC2086 # several words
		start "$PEXEC" -j3 $options --next 'echo "$PEXEC_WANTED" >>asked; [ $(wc -l <asked) -gt 1 ] || seq 3' --every 0.05 \
			sh -c '[ "$0" = 1 ] || exit 1; : <go'
		wait_until grep -qx 2 asked
		kill -TERM "$pid"
		ends 143
	done
}

@test "--next with batches: what there is makes a job" {
	make_queue 5
	run -0 "$PEXEC" -j1 -n 2 --next ./next --every 0.05 --rounds 1 --done 'echo "done $PEXEC_ITEM" >>acks' echo
	assert_output $'1 2\n3 4\n5'
	assert_equal "$(cat acks)" "$(seq -f 'done %g' 5)"
}

@test "--next: SIGQUIT runs the item that is just being taken, and takes no other" {
	mkfifo go
	start "$PEXEC" -j4 --next 'echo >>asked; cat go' --done 'echo "done $PEXEC_ITEM"' echo >out 2>err
	wait_until test -e asked
	kill -QUIT "$pid"
	wait_until signals_taken
	echo a >go
	ends 0
	assert_equal "$(cat out)" a
	has_lines 1 asked
}

@test "--next: SIGQUIT gives a command that does not end the grace time" {
	start "$PEXEC" --grace 0.2 --next "sleep $nap" echo
	wait_until naps 1
	kill -QUIT "$pid"
	ends 0
	none_left
}

@test "--next: where a drain has to end a command that has printed items, these are named, and the status says so" {
	start "$PEXEC" --grace 0.2 --next 'seq 3; exec sleep '"$nap" echo 2>err
	wait_until naps 1
	kill -QUIT "$pid"
	ends 125
	assert_equal "$(cat err)" "pexec: --next 'seq 3; exec sleep $nap': killed by signal 15: what it printed is not run: 1 and 2 others"
	none_left
}

@test "--next: SIGTERM names what was taken and is not done" {
	mkfifo go
	start "$PEXEC" -j2 --next 'echo x >>asked; [ $(wc -l <asked) = 1 ] && echo a || { trap "trap : TERM; echo b; exit 0" TERM; >ready; cat go; }' \
		--done 'echo >>acks' --failed 'echo >>acks' sh -c 'sleep '"$nap" 2>err
	wait_until naps 1
	wait_until test -e ready
	kill -TERM "$pid"
	ends 143
	assert_equal "$(grep ^pexec err | sort)" "pexec: job 1 (a): taken off its queue, but not done to its end: neither --done nor --failed is run
pexec: job 2 (b): taken off its queue, but not done to its end: neither --done nor --failed is run"
	[ ! -e acks ]
	none_left
}

# --- --done, --failed ---

@test "--done and --failed: the item, its number, status, slot and attempts are in the environment" {
	export PEXEC_ITEM=outer PEXEC_STATUS=outer
	printf 'good\nbad\nkilled\nslow\n a  b\n' >items
	run -123 "$PEXEC" -j1 -a items --timeout 2 --retries 2 \
		--done 'echo "done $PEXEC_SEQ <$PEXEC_ITEM> $PEXEC_STATUS $PEXEC_SLOT $PEXEC_ATTEMPT" >>acks' \
		--failed 'echo "failed $PEXEC_SEQ <$PEXEC_ITEM> $PEXEC_STATUS $PEXEC_SLOT $PEXEC_ATTEMPT" >>acks' \
		sh -c 'case $0 in bad) exit 3 ;; killed) kill -9 $$ ;; slow) exec sleep '"$nap"' ;; esac'
	assert_equal "$(sort acks)" $'done 1 <good> 0 1 1\ndone 5 < a  b> 0 1 1\nfailed 2 <bad> 3 1 2\nfailed 3 <killed> 137 1 2\nfailed 4 <slow> 124 1 2'
}

@test "--done: after the output has been delivered and the journal has the job; with -k, in its order, too" {
	local options
	for options in '' -k --lb; do
		rm -f log out
		# shellcheck disable=SC2086 # none or one
		"$PEXEC" -j2 $options --joblog log --done 'grep -qx "out $PEXEC_ITEM" out; echo "$?" >>acks; cut -f 1 log | grep -qx "$PEXEC_SEQ"; echo "$?" >>acks' \
			sh -c 'echo "out $0"; [ $0 != 1 ] || sleep 0.2' ::: 1 2 3 4 >out
	done
	assert_equal "$(uniq -c acks | xargs)" '24 0'
	run -0 "$PEXEC" -j3 -k --done 'echo "$PEXEC_SEQ $PEXEC_ITEM $PEXEC_STATUS" >>order' sh -c '[ $0 != a ] || sleep 0.2' ::: a b c d
	assert_equal "$(cat order)" $'1 a 0\n2 b 0\n3 c 0\n4 d 0'
}

@test "--done: not for a job that the journal could not be told of" {
	printf '%s-%0900d\n' a 0 b 0 c 0 >items
	run -1 bash -c 'trap "" XFSZ; ulimit -f 1; "$0" -j1 -a items --joblog log --done "echo \$PEXEC_SEQ >>acks" true' "$PEXEC"
	assert_output --partial 'job 2: writing the journal: File too large'
	assert_equal "$(cat acks)" 1
}

@test "acknowledgements: /dev/null is their stdin, what they print goes to stderr, failures are reported" {
	run -0 --separate-stderr "$PEXEC" -q -j1 --done 'readlink /proc/self/fd/0; exit 5' echo ::: a <<<x
	assert_output a
	assert_equal "$stderr" $'/dev/null\npexec: job 1 (a): --done \'readlink /proc/self/fd/0; exit 5\': ended with status 5'
	run -123 "$PEXEC" -q --failed 'kill -9 $$' false ::: a
	assert_output "pexec: job 1 (a): --failed 'kill -9 \$\$': killed by signal 9"
	printf 'a\0b\n' >items
	run -123 "$PEXEC" -q -a items --failed 'echo acknowledged' echo
	assert_line --partial "--failed 'echo acknowledged': not run, as its item cannot be in the environment"
	refute_line acknowledged
	run -0 "$PEXEC" -q --dry-run --done 'echo acknowledged' echo ::: a
	assert_output 'echo a'
}

@test "acknowledgements run while pexec drains, but not for what is cut short" {
	mkfifo go.a go.b
	start "$PEXEC" -j3 -k --retries 3 --retry-delay "$nap" --done 'echo "done $PEXEC_ITEM" >>acks' --failed 'echo "failed $PEXEC_ITEM" >>acks' \
		sh -c 'echo >>started; case $0 in retried) exit 1 ;; *) : <go.$0 ;; esac' ::: retried a b
	wait_until has_lines 3 started
	kill -QUIT "$pid"
	wait_until signals_taken
	release go.a
	release go.b
	ends 125
	assert_equal "$(cat acks)" $'done a\ndone b'
}

@test "SIGTERM: an acknowledgement that runs goes on; the job that is ended has none" {
	mkfifo go
	start "$PEXEC" -j2 --done '>begun; : <go; echo "done $PEXEC_ITEM" >>acks' --failed 'echo failed >>acks' \
		sh -c '[ $0 = a ] || exec sleep '"$nap" ::: a b
	wait_until test -e begun
	wait_until naps 1
	kill -TERM "$pid"
	wait_until naps 0
	release go
	ends 143
	assert_equal "$(cat acks)" 'done a'
}

@test "SIGTERM: an acknowledgement that does not end is killed after the grace time, and at once by a second signal" {
	for grace in 0.3 "$nap"; do
		start "$PEXEC" --grace "$grace" -n 2 --done "trap '' TERM; sleep $nap" true ::: a b
		wait_until naps 1
		kill -TERM "$pid"
		[ "$grace" = 0.3 ] || { wait_until signals_taken; kill -TERM "$pid"; }
		ends 143
		none_left
	done
}

@test "--halt now,fail=1 ends the jobs, not the acknowledgements" {
	mkfifo go
	start "$PEXEC" -j3 --halt now,fail=1 --done '>begun; : <go; echo done >>acks' \
		sh -c 'case $0 in b) until [ -e napping ]; do sleep 0.01; done; exit 1 ;; c) trap "" TERM; exec sleep '"$nap"' ;; esac' ::: a c b d
	wait_until test -e begun
	wait_until naps 1
	: >napping
	# It was killed by the same look at all slots that would have ended the acknowledgement.
	wait_until naps 0
	release go
	ends 125
	assert_equal "$(cat acks)" 'done'
}

# --- --back ---

# Commands for --done, --failed and --back that note in acks what they are told.
noted=(--done 'echo "done $PEXEC_ITEM $PEXEC_ATTEMPT" >>acks' --failed 'echo "failed $PEXEC_ITEM $PEXEC_ATTEMPT" >>acks'
	--back 'echo "back $PEXEC_ITEM $PEXEC_ATTEMPT ${PEXEC_STATUS-none} $PEXEC_SLOT" >>acks')

# A command for --next that gives the items 1 to N, at once: give N
give() {
	echo 'test -e given && exit 1; >given; seq '"$1"
}

# What was acknowledged, and in which way: acked EXPECTED
acked() {
	assert_equal "$(sort -k 2n acks)" "$1"
}

@test "--back: SIGTERM gives back what has not begun and what it ends, without a status" {
	PEXEC_STATUS=outer start "$PEXEC" -j2 --next "$(give 5)" "${noted[@]}" sh -c 'echo "$0" >>out; [ "$0" = 1 ] || exec sleep '"$nap" 2>err
	wait_until naps 2
	kill -TERM "$pid"
	ends 143
	[ "$(wc -l <out)" = 3 ]
	assert_equal "$(sort -k 2n acks | sed 's/none [12]$/none N/')" \
		$'done 1 1\nback 2 1 none N\nback 3 1 none N\nback 4 0 none 0\nback 5 0 none 0'
	assert_equal "$(cat err)" ''
	none_left
}

@test "without --back each of them is named" {
	start "$PEXEC" -j1 --next "$(give 3)" sh -c 'exec sleep '"$nap" 2>err
	wait_until naps 1
	kill -TERM "$pid"
	ends 143
	assert_equal "$(sort err)" "$(printf "pexec: job %s (%s): taken off its queue, but not done to its end: neither --done nor --failed is run\n" 1 1 2 2 3 3)"
}

@test "--back: a drain gives back what has not begun; without it that is still run" {
	mkfifo go
	for end in signal ctl; do
		rm -f given acks out
		start "$PEXEC" -j1 --ctl S --next "$(give 4)" "${noted[@]}" sh -c 'echo "$0" >>out; : <go'
		wait_until test -s out
		if [ $end = ctl ]; then "$PEXEC" --ctl S drain; else kill -QUIT "$pid"; fi
		wait_until signals_taken
		release go
		ends 0
		acked $'done 1 1\nback 2 0 none 0\nback 3 0 none 0\nback 4 0 none 0'
	done
	rm given acks out
	start "$PEXEC" -j1 --next "$(give 4)" "${noted[@]:0:4}" sh -c 'echo "$0" >>out; [ $0 != 1 ] || : <go'
	wait_until test -s out
	kill -QUIT "$pid"
	wait_until signals_taken
	release go
	ends 0
	acked "$(seq -f 'done %g 1' 4)"
}

@test "--back: a drain gives back at once, while jobs run, also with -k" {
	local options
	mkfifo go
	for options in -u -k '-n 2'; do
		rm -f given acks begun
		# shellcheck disable=SC2086 # several words
		start "$PEXEC" -j2 $options --next "$(give 6)" "${noted[@]}" sh -c 'echo >>begun; : <go'
		wait_until has_lines 2 begun
		kill -QUIT "$pid"
		[[ $options == -n* ]] && back=2 || back=4
		wait_until eval 'test -e acks && has_lines "$back" acks'
		assert_equal "$(cut -d ' ' -f 1,3- acks | uniq)" 'back 0 none 0'
		release go
		ends 0
		has_lines 6 acks
		[ "$(grep -c ^done acks)" = "$((6 - back))" ]
	done
}

@test "--back: a command that a drain meets gives back what it still prints" {
	mkfifo go
	start "$PEXEC" -j2 --next '>asked; read -r x <go; seq 2' "${noted[@]}" touch ran
	wait_until test -e asked
	kill -QUIT "$pid"
	wait_until signals_taken
	echo >go
	ends 0
	acked $'back 1 0 none 0\nback 2 0 none 0'
	[ ! -e ran ]
}

@test "--back: a drain reads all that its command still prints, more than a pipe holds, or without a newline while another process has the pipe" {
	mkfifo go
	start "$PEXEC" -j1 --next '>asked; read -r x <go; for i in $(seq 40); do printf "%d-%08000d\n" $i 0; done' \
		--back 'echo "${PEXEC_ITEM%%-*} ${#PEXEC_ITEM}" >>lengths' true
	wait_until test -e asked
	kill -QUIT "$pid"
	wait_until signals_taken
	echo >go
	ends 0
	assert_equal "$(cut -d ' ' -f 1 lengths)" "$(seq 40)"
	assert_equal "$(sed 1,9d lengths | cut -d ' ' -f 2 | uniq)" 8003
	rm asked
	start "$PEXEC" -j1 --next '>asked; printf "a\nb"; sleep '"$nap"' & read -r x <go' "${noted[@]}" true
	wait_until test -e asked
	kill -QUIT "$pid"
	wait_until signals_taken
	echo >go
	ends 0
	acked $'back a 0 none 0\nback b 0 none 0'
}

@test "--back: not for a job that is tried again, but for one whose next attempt the end forestalls" {
	run -123 "$PEXEC" -j2 --next "$(give 3)" --retries 2 --every 0.05 --rounds 1 "${noted[@]}" sh -c '[ $PEXEC_ATTEMPT = 2 ] && [ "$0" != 3 ]'
	acked $'done 1 2\ndone 2 2\nfailed 3 2'
	rm given acks
	start "$PEXEC" -j1 --next "$(give 2)" --retries 2 --retry-delay 1000 --every 1000 "${noted[@]}" sh -c 'echo >>out; [ "$0" != 1 ]'
	wait_until test -s acks
	kill -QUIT "$pid"
	ends 125
	assert_equal "$(sort -k 2n acks | cut -d ' ' -f -4)" $'back 1 1 none\ndone 2 1'
}

@test "--back: --halt, --limit and --rounds" {
	run -125 "$PEXEC" -j1 --next "$(give 4)" --halt soon,fail=1 "${noted[@]}" sh -c '[ "$0" != 2 ]'
	acked $'done 1 1\nfailed 2 1\nback 3 0 none 0\nback 4 0 none 0'
	rm given acks
	run -125 "$PEXEC" -j2 --next "$(give 4)" --halt now,fail=1 "${noted[@]}" sh -c '[ "$0" = 1 ] && exec sleep '"$nap"'; exit 1'
	assert_equal "$(sort -k 2n acks | cut -d ' ' -f -3)" $'back 1 1\nfailed 2 1\nback 3 0\nback 4 0'
	rm given acks
	start "$PEXEC" -j2 --next "$(give 100)" --limit 'test ! -e ran || { >held; exit 1; }' "${noted[@]}" sh -c '>ran; sleep 0.05'
	wait_until test -e held
	kill -QUIT "$pid"
	ends 0
	assert_equal "$(cut -d ' ' -f 2 acks | sort -n)" "$(seq 100)"
	grep -qx 'back 100 0 none 0' acks
	rm given acks
	run -0 "$PEXEC" -j2 --next "$(give 3)" --every 0.05 --rounds 2 "${noted[@]}" true
	acked "$(seq -f 'done %g 1' 3)"
}

@test "--back: with -k, batches, keys, a delay, a pause, and items that are no arguments" {
	local options
	for options in -k '-n 2' '--key {}' '--delay 1000' '-u' '--results results' '--joblog log' '-X'; do
		rm -f given acks
		# shellcheck disable=SC2086 # several words
		start "$PEXEC" -j2 $options --next "$(give 7)" "${noted[@]}" sh -c 'echo "$@" >>out; exec sleep '"$nap" sh
		wait_until eval 'naps 2 || { naps 1 && [[ "$options" == @(-X|--delay*) ]]; }'
		kill -TERM "$pid"
		ends 143
		assert_equal "$(cut -d ' ' -f -2 acks | sort)" "$(seq -f 'back %g' 7)"
	done
	rm -f given acks
	start "$PEXEC" -j2 --ctl S --next '"$PEXEC" --ctl S pause >/dev/null && test ! -e given && >given && printf "a\na\tb\n"' "${noted[@]}" touch ran
	wait_until test -e given
	kill -QUIT "$pid"
	ends 0
	assert_equal "$(sort acks)" $'back a\tb 0 none 0\nback a 0 none 0'
	[ ! -e ran ]
	rm -f given acks
	start "$PEXEC" -j1 --next '>given; printf "1\n\0x\n2\n"' "${noted[@]}" sh -c 'exec sleep '"$nap" 2>err
	wait_until naps 1
	kill -TERM "$pid"
	ends 143
	assert_equal "$(sort acks)" $'back 1 1 none 1\nback 2 0 none 0'
	[[ $(cat err) == 'pexec: job 2 ('*"): --back '"*"': not run, as its item cannot be in the environment" ]]
}

@test "--back: where an item fits into no command line, and ends the run with -x" {
	run -125 --separate-stderr "$PEXEC" -j1 -x -s 40 -n 2 --next "$(give 3)"'; echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; echo 5' "${noted[@]}" echo
	assert_output '1 2'
	assert_equal "$(cut -d ' ' -f -3 acks | sort)" $'back 3 0\nback 5 0\nback xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 0\ndone 1 1\ndone 2 1'
	[[ $stderr == *'-x ends the run' ]]
}

@test "--back: a job that is deaf to SIGTERM is killed, and its item given back" {
	start "$PEXEC" -j1 --grace 0.2 --next "$(give 2)" "${noted[@]}" sh -c 'trap "" TERM; sleep '"$nap"'; :'
	wait_until naps 1
	kill -TERM "$pid"
	ends 143
	acked $'back 1 1 none 1\nback 2 0 none 0'
	none_left
}

@test "--back: a command that fails is said, with the item; the others are run" {
	start "$PEXEC" -j1 --next "$(give 3)" --back 'echo "$PEXEC_ITEM" >>acks; [ $PEXEC_ITEM != 2 ]' sh -c 'exec sleep '"$nap" 2>err
	wait_until naps 1
	kill -TERM "$pid"
	ends 143
	assert_equal "$(sort acks)" "$(seq 3)"
	assert_equal "$(cat err)" "pexec: job 2 (2): --back 'echo \"\$PEXEC_ITEM\" >>acks; [ \$PEXEC_ITEM != 2 ]': ended with status 1"
	# A drain says it in its status: what is not back is left.
	rm given acks
	mkfifo go
	start "$PEXEC" -j1 --next "$(give 2)" --back false sh -c '>begun; : <go' 2>err
	wait_until test -e begun
	kill -QUIT "$pid"
	wait_until signals_taken
	release go
	ends 125
	assert_equal "$(cat err)" $'pexec: job 2 (2): --back \'false\': ended with status 1\npexec: drained: 1 job left for another run'
}

@test "--back: one that hangs is killed after the grace time, or at once by a second signal; what could not begin is named" {
	local hung first more
	for grace in 0.2 "$nap"; do
		rm -f given begun backing
		start "$PEXEC" -j1 --grace "$grace" --next "$(give 9)" --back "trap '' TERM; >backing; sleep $nap; :" sh -c '>begun; exec sleep 9999'"$nap" 2>err
		wait_until test -e begun
		kill -TERM "$pid"
		wait_until test -e backing
		[ "$grace" = 0.2 ] || kill -TERM "$pid"
		ends 143
		none_left
		grep -q ": --back .*: killed by signal 9$" err
		hung=$(sed -n 's/^pexec: job [0-9]* (\([0-9]*\)): --back.*/\1/p' err | sort -n)
		read -r first more < <(sed -n 's/^pexec: --next: taken off its queue, but not run: \([0-9]*\) and \([0-9]*\) others$/\1 \2/p' err)
		assert_equal "$hung" "$(seq $((first - 1)))"
		assert_equal "$((first + more))" 9
		assert_equal "$(wc -l <err)" "$first"
	done
}

@test "--back: of very many items those that could not go back in time are named in one line" {
	start "$PEXEC" -j2 --grace 0.2 --next "$(give 100000)" --back 'echo "$PEXEC_ITEM" >>acks' sh -c 'exec sleep '"$nap" 2>err
	wait_until naps 2
	kill -TERM "$pid"
	ends 143
	# What a slot had when the time was over has a line of its own; it may have noted its item.
	grep -v "^pexec: job .*: --back .*: " err >lost
	has_lines 1 lost
	read -r first more < <(sed -n 's/^pexec: --next: taken off its queue, but not run: \([0-9]*\) and \([0-9]*\) others$/\1 \2/p' lost)
	killed=$(sed -n 's/^pexec: job [0-9]* (\([0-9]*\)): --back.*/\1/p' err)
	assert_equal "$(sort -nu acks <(echo "$killed") | grep .)" "$(seq $((first - 1)))"
	assert_equal "$((first + more))" 100000
}

@test "where nobody reads the output, and a second signal says to hurry, all items are named, or given back" {
	local back rest
	mkfifo out
	for back in '' yes; do
		rm -f given begun
		exec 9<>out
		start "$PEXEC" -j1 --next "$(give 4)" ${back:+"${noted[@]}"} \
			sh -c '>begun; head -c 3000000 /dev/zero | tr "\0" x' >out 2>err
		wait_until test -e begun
		wait_until only_jobs 0
		kill -TERM "$pid"
		wait_until signals_taken
		# What does not need the reader is done meanwhile.
		[ ! "$back" ] || wait_until has_lines 3 acks
		kill -TERM "$pid"
		ends 143
		exec 9>&-
		[ "$back" ] && rest= || rest=$'\npexec: --next: taken off its queue, but not run: 2 and 2 others'
		assert_equal "$(cat err)" "pexec: not waiting any longer for the reader of the output: the rest of it is lost
pexec: --next: taken off its queue, but perhaps not done to its end: 1$rest"
	done
}

@test "--failed: one that hangs is killed, too, where --grace was over while only the reader was waited for" {
	mkfifo out
	exec 9<>out
	start "$PEXEC" -j1 --grace 0.2 --halt now,fail=1 --next "$(give 1)" --failed "sleep $nap" \
		sh -c 'head -c 3000000 /dev/zero | tr "\0" x; exit 1' >out 2>err
	wait_until test -e given
	wait_until only_jobs 0
	sleep 1 # so that --grace is over: nothing tells of it
	cat <&9 >/dev/null 9>&- &
	others+=($!)
	exec 9>&-
	ends 125
	none_left
}

@test "--back: an item that was added is not the queue's" {
	start "$PEXEC" -j1 --ctl S --next "$(give 1)" "${noted[@]}" sh -c '>begun; exec sleep '"$nap" 2>err
	wait_until naps 1
	"$PEXEC" --ctl S add other
	kill -TERM "$pid"
	ends 143
	acked 'back 1 1 none 1'
	assert_equal "$(cat err)" 'pexec: job 10000000001 (other): added by --ctl, but not done to its end: no queue has it'
}

# --- how it ends ---

@test "the command that gives the items stops and goes on with pexec" {
	start "${own_group[@]}" "$PEXEC" --source "echo \$\$ >command; sleep $nap; :" echo
	wait_until naps 1
	command=$(cat command)
	kill -TSTP "$pid"
	wait_until is_stopped "$command"
	wait_until is_stopped "$pid"
	kill -CONT "$pid"
	wait_until eval '! is_stopped "$command"'
	kill -TERM "$pid"
	ends 143
	none_left
}

@test "SIGUSR1 and SIGUSR2 while the queue is empty" {
	make_queue 0
	start "$PEXEC" -j3 --next ./next --every 0.1 sh -c 'echo "$0 $PEXEC_SLOT" >>out'
	wait_until test -e asked
	for signal in USR2 USR2 USR1; do
		kill -s "$signal" "$pid"
		wait_until signals_taken
	done
	seq 10 >items
	flock queue.lock cp items queue
	wait_until has_lines 10 out
	[ "$(cut -d ' ' -f 2 out | sort -n | tail -n 1)" -le 2 ]
	kill -TERM "$pid"
	ends 143
}

# A process has ended, and perhaps been reaped: has_ended PID
has_ended() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"
}

@test "the slot that has started the command is taken away: another one reads what it gives" {
	local threads
	mkfifo go next
	start "$PEXEC" -j2 --rounds 1 --next '
		[ -e first ] || { : >first; echo a; exit; }
		[ ! -e second ] || exit 1
		echo $$ >command; mv command second; read -r x <next; echo b' \
		sh -c '[ "$0" = b ] || read -r x <go; echo "$0" >>out'
	wait_until test -e second
	wait_until sleeps
	threads=$(count_threads)
	kill -s USR2 "$pid"
	wait_until fewer_threads "$threads"
	release next
	wait_until has_ended "$(cat second)"
	wait_until signals_taken
	release go
	ends 0
	assert_equal "$(cat out)" $'a\nb'
}

@test "--next with -k, -u, --lb, --results and a journal" {
	local options
	for options in -k -u --lb '--results results' '--results table.csv' '--joblog log' '--delay 0.01' '--retries 2'; do
		make_queue 4
		# shellcheck disable=SC2086 # several words
		"$PEXEC" -j3 $options --next ./next --every 0.05 --rounds 1 --done 'echo "$PEXEC_ITEM" >>acks' sh -c 'echo "$0"' >out
		sort -n acks | cmp - <(seq 4)
		rm acks
	done
}

@test "usage errors" {
	refuses() {
		run -1 "$PEXEC" "$@"
		assert_line --partial "$message"
	}
	message='the items come from one of them' refuses --source : --next : echo
	message='none is here' refuses --every 1 echo
	message='none is here' refuses --rounds 1 echo
	message='there are none from -a' refuses --source : -a f echo
	message='there are none from -a' refuses --next : echo ::: a
	message='there are none from -a' refuses --next : echo :::: a
	message='without --header, --shuf and --link' refuses --source : --header echo
	message='without --header, --shuf and --link' refuses --next : --shuf echo
	message='without --header, --shuf and --link' refuses --next : --link echo
	message='nothing to resume' refuses --source : --joblog log --resume echo
	message='nothing to resume' refuses --next : --joblog log --retry-failed echo
	message='off their queue' refuses --next : --skip 1 echo
	message='off their queue' refuses --next : --dry-run echo
	message='--back gives back what --next has taken' refuses --back : echo ::: a
	message='--back gives back what --next has taken' refuses --source : --back : echo
	message='need --every' refuses --source : --rounds 2 echo
	message='some time between' refuses --source : --every 0 echo
	message='not a time' refuses --source : --every soon echo
	message='a number from 1' refuses --source : --every 1 --rounds 0 echo
	message='several values' refuses --done : echo ::: a ::: b
	message='several values' refuses --failed : -a f echo ::: b
}
