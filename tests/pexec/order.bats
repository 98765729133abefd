#!/usr/bin/env bats
# -k: the output of a serial run, the first job's live, the others' kept within bounds.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

peak_memory() {
	sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$pid/status"
}

# A file has so many lines, or more: has_at_least N FILE
has_at_least() {
	[ "$(wc -l <"$2")" -ge "$1" ]
}

@test "-k: the job whose turn it is streams, those behind it are kept" {
	mkfifo go
	start "$PEXEC" -k -j2 sh -c 'printf "$0 early"; echo >>printed; [ $0 = 2 ] || read -r x <go; echo " $0 late"' ::: 1 2 >out
	wait_until has_lines 2 printed
	wait_until is_size 7 out
	wait_until only_jobs 1
	assert_equal "$(cat out)" '1 early'
	release go
	ends 0
	assert_equal "$(cat out)" $'1 early 1 late\n2 early 2 late'
}

@test "-k: when its turn comes, what a running job has printed arrives at once: from memory, from a file" {
	mkfifo go1 go2
	for bytes in 10 500000; do
		start "$PEXEC" -k -j2 --buffer 64k sh -c '
			[ $0 = 1 ] || { head -c $1 /dev/zero; echo >>printed; }
			read -r x <go$0; echo $0' {} $bytes ::: 1 2 >out
		wait_until has_lines 1 printed
		wait_until only_jobs 2
		is_size 0 out
		release go1
		wait_until is_size $((bytes + 2)) out
		release go2
		ends 0
		assert_equal "$(tr -d '\0' <out)" $'1\n2'
		rm printed
	done
}

@test "-k: a job that failed, timed out, was killed or could not be started holds nobody up" {
	write_job() {
		printf '#!/bin/sh\n%s\n' "$2" >"job-$1"
		chmod +x "job-$1"
	}
	mkfifo never
	write_job one 'echo one'
	write_job fails 'echo fails; exit 3'
	write_job slow "echo slow; exec sleep $nap"
	write_job killed 'echo killed; kill -KILL $$'
	printf '#!/nonexistent\n' >job-nothing
	chmod +x job-nothing
	write_job last 'echo last'
	printf '%s\n' one 'a@b' missing fails nothing slow killed last | tr @ '\0' >items
	run -123 --separate-stderr "$PEXEC" -k -j3 --timeout 1 ./job-{} <items
	assert_output $'one\nfails\nslow\nkilled\nlast'
	# shellcheck disable=SC2030
	assert_equal "$(grep -c '^pexec: job ' <<<"$stderr")" 5
}

@test "-k: jobs that --resume skips, and --skip, leave no gap" {
	"$PEXEC" -q -j1 --joblog log sh -c 'echo $0; [ $0 != 2 ]' ::: 1 2 3 || true
	run -123 "$PEXEC" -q -k -j2 --resume-failed --joblog log sh -c 'echo $0; [ $0 != 2 ]' ::: 1 2 3 4 5
	assert_output $'2\n4\n5'
	run -0 "$PEXEC" -q -k -j2 --skip 2 echo ::: 1 2 3 4
	assert_output $'3\n4'
}

@test "-k --retries: the attempts of a job stand together, in its place" {
	run -0 "$PEXEC" -k -j3 --retries 3 --retry-delay 0.01 \
		sh -c 'echo $0 $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = $0 ]' ::: 3 1 2 1
	assert_output $'3 1\n3 2\n3 3\n1 1\n2 1\n2 2\n1 1'
	run -0 "$PEXEC" -k -j3 --retries 3 --drop-retried \
		sh -c 'echo $0 $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = $0 ]' ::: 3 1 2 1
	assert_output $'3 3\n1 1\n2 2\n1 1'
}

@test "-k --retries: a failed attempt's output arrives before the next attempt has said anything" {
	mkfifo go1 go2 fail2
	start "$PEXEC" -k -j2 --retries 2 sh -c '[ $PEXEC_ATTEMPT = 2 ] || { echo $0; exit 1; }; read -r x <go$0; :' ::: 1 2 >out
	wait_until has_lines 1 out
	release go1
	wait_until has_lines 2 out
	release go2
	ends 0
	# The turn comes between two attempts.
	start "$PEXEC" -k -j2 --retries 2 --retry-delay 0.3 sh -c '
		[ $0 = 2 ] || { read -r x <go1; exit 0; }
		[ $PEXEC_ATTEMPT = 2 ] || { echo first; echo >>over; exit 1; }
		read -r x <go2; :' ::: 1 2 >out
	wait_until has_lines 1 over
	release go1
	wait_until has_lines 1 out
	release go2
	ends 0
}

@test "-k: SIGTERM loses nothing that jobs have printed, complete or not" {
	start "$PEXEC" -k -j3 --retries 2 --retry-delay 100 sh -c '
		echo $0
		[ $0 != 2 ] || exit 1
		echo >>printed
		case $0 in 1 | 5) exec sleep '"$nap"' ;; esac' ::: 1 2 3 4 5 6 >out
	wait_until has_lines 5 printed
	wait_until naps 2
	kill "$pid"
	ends 143
	assert_equal "$(cat out)" "$(seq 6)"
	none_left
}

@test "-k: a run that is halted loses nothing either" {
	mkfifo go
	start "$PEXEC" -k -j3 --halt now,fail=1 sh -c '
		echo $0
		[ $0 != 1 ] || { read -r x <go; exit 1; }
		echo >>printed
		[ $0 != 4 ] || exec sleep '"$nap" ::: 1 2 3 4 >out 2>err
	wait_until has_lines 3 printed
	wait_until naps 1
	release go
	ends 125
	assert_equal "$(cat out)" "$(seq 4)"
	none_left
}

@test "-k: output far beyond --buffer takes no memory, and is that of the serial run" {
	mkfifo go
	start "$PEXEC" -k -j2 --buffer 4m sh -c '
		[ $0 != 1 ] || read -r x <go
		head -c 5000000 /dev/zero | tr "\0" $(($0 % 10)); echo >>printed' ::: {1..20} >out 2>err
	wait_until has_lines 19 printed
	wait_until only_jobs 1
	is_size 0 out
	[ -n "$SANITIZE" ] || [ "$(peak_memory)" -lt 10000 ]
	release go
	ends 0
	is_size 100000000 out
	run tr -s 0-9 <out
	assert_output 12345678901234567890
	assert_equal "$(cat err)" ''
}

# With the first job waiting, those behind it are kept, in half a MiB: then no more of them are started, and
# with the first all of them go on: bounded MOST ARGUMENTS... --, and then what a job prints
bounded() {
	local most=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done

	rm -f started go
	mkfifo go
	start "$PEXEC" -k -j2 --buffer 1m "${options[@]}" \
		sh -c 'echo >>started; [ $PEXEC_SEQ != 1 ] || read -r x <go; eval "$0"' "$2" >out 2>err
	wait_until has_at_least 3 started
	wait_until only_jobs 1
	echo "$(wc -l <started) jobs"
	[ "$(wc -l <started)" -le "$most" ]
	release go
	ends 0
	[ "$(wc -l <started)" -gt "$((most * 2))" ]
}

@test "-k: no more jobs are started when the memory is full of small output" {
	seq 50 >items
	bounded 22 -a items -- 'printf %030000d 0'
	is_size 1500000 out
}

@test "-k: no more jobs are started when the memory is full of output of jobs that are to be tried again" {
	mkfifo go
	start "$PEXEC" -k -j2 --buffer 1m --retries 2 --retry-delay 1000 sh -c '
		[ $PEXEC_SEQ != 1 ] || read -r x <go; echo >>started; printf %08000d 0; exit 1' ::: {1..300} >out 2>err
	wait_until has_at_least 10 started
	wait_until only_jobs 1
	echo "$(wc -l <started) jobs"
	[ "$(wc -l <started)" -le 100 ]
	kill "$pid"
	ends 143
}

@test "-k: no more jobs are started when the memory is full of items" {
	seq 1000000 1300000 >items
	bounded 20 -X -s 40000 -a items -- :
}

@test "-k: no more jobs are started when their files take all descriptors" {
	ulimit -n 44
	seq 40 >items
	for options in '' '--results results'; do
		# shellcheck disable=SC2086 # several options
		bounded 16 $options -a items -- 'printf %070000d 0; printf %070000d 0 >&2'
		is_size 2800000 out
		is_size 2800000 err
	done
}

@test "-k: a stuck reader stops the jobs: neither memory nor disk fills up" {
	mkfifo out
	exec 5<>out
	start "$PEXEC" -k -j2 --buffer 1m sh -c 'head -c 3000000 /dev/zero; echo >>finished' ::: {1..20} >out
	# The first one is stuck itself; what is behind it goes to files for as long as there are descriptors.
	wait_until only_jobs 1
	exec 6<out 5>&-
	assert_equal "$(wc -c <&6)" 60000000
	ends 0
	has_lines 20 finished
}

@test "-k: a job whose output waits in its pipes for want of room is reaped before its turn" {
	mkfifo go
	start env TMPDIR=/nonexistent "$PEXEC" -k -j4 --buffer 16k \
		sh -c '[ $0 != 1 ] || read -r x <go; printf "%070000d\n" $0; exit $0' ::: 1 2 3 4 >out 2>err
	wait_until only_jobs 1
	# With what they came to, and all that they had printed.
	release go
	ends 123
	assert_equal "$(tr -s 0 <out)" $'01\n02\n03\n04'
	assert_equal "$(wc -c <out)" 280004
	assert_equal "$(tail -n 1 err)" 'pexec: 4 of 4 jobs failed: 1 (1: exit 1), 2 (2: exit 2), 3 (3: exit 3), 4 (4: exit 4)'
}

# Jobs that print more than there is room for, but the first, which fails once: without_room OPTION...
without_room() {
	start env TMPDIR=/nonexistent "$PEXEC" -k -j2 --buffer 64k --retries 2 "$@" sh -c '
		[ $0 != 1 ] || { echo try $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 2 ]; exit; }
		head -c 1000000 /dev/zero | tr "\0" $0; echo' ::: 1 2 3 4 >out 2>err
	wait_until test -s err
}

@test "-k: a job that others wait for without room gets its next attempt, though they have all slots" {
	without_room --retry-delay 1
	ends 0
	assert_equal "$(tr -s 234 <out)" $'try 1\ntry 2\n2\n3\n4'
	assert_equal "$(wc -c <out)" 3000015
}

@test "-k: a drain does not wait for an attempt that will not be made" {
	without_room --retry-delay 600
	wait_until only_jobs 2
	kill -s QUIT "$pid"
	ends 125
	assert_equal "$(tr -s 234 <out)" $'try 1\n2\n3'
	assert_equal "$(wc -c <out)" 2000008
}

@test "-k: jobs that were put back and never begun are counted as without -k" {
	for option in '' -k; do
		"$PEXEC" -j1 --joblog log false ::: 1 2 3 || :
		# The journal has only the last one: the others are held back until that has proved to be the same.
		sed -i 2,3d log
		run -125 "$PEXEC" ${option:+"$option"} -j1 --joblog log --resume --halt soon,fail=1 --summary false ::: 1 2 3
		assert_output --partial $'\npexec: 1 job left for another run\n'
		rm log
	done
}

@test "-k: a job that was added and never begun is counted as without -k" {
	mkfifo go
	for option in '' -k; do
		start "$PEXEC" ${option:+"$option"} -j1 --ctl S --summary sh -c ': <go; echo "$0"' ::: 1 >out 2>err
		wait_until "$PEXEC" --ctl S jobs
		wait_until children
		"$PEXEC" --ctl S add 2
		"$PEXEC" --ctl S drain
		release go
		ends 125
		assert_equal "$(cat out)" 1
		grep -q '^pexec: 1 job left for another run$' err
	done
}

@test "-k: when output has moved, all slots that had to wait for that go on" {
	mkfifo go
	: >started
	# The first job holds up the output of those behind it, until there is more than may wait. The last two
	# need each other, and so two slots.
	start "$PEXEC" -k -j3 --buffer 100k --ctl S sh -c '
		echo "$0" >>started
		case $0 in
		1) : <go ;;
		b*) until grep -qx "$(echo "$0" | tr 12 21)" started; do sleep 0.02; done ;;
		*) head -c 15000 /dev/zero ;;
		esac' ::: 1 2 3 4 5 6 7 8 9 b1 b2 >out
	full() { [[ $("$PEXEC" --ctl S status) == '1 running, '[4-8]' done'* ]] && sleeps; }
	wait_until full
	wait_until full
	run -1 grep b started
	release go
	ends 0
	assert_equal "$(grep -c b started)" 2
}
