#!/usr/bin/env bats
# What jobs get from whoever started pexec, and that pexec does its work whatever it was started with.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

@test "a job sees its number, its slot and its attempt" {
	run -0 "$PEXEC" -j1 sh -c 'echo $0 $PEXEC_SEQ $PEXEC_SLOT $PEXEC_ATTEMPT' ::: a b c
	assert_output $'a 1 1 1\nb 2 1 1\nc 3 1 1'
}

@test "PEXEC_JOB is the same for each attempt at a job, and differs between jobs and between runs" {
	names() { "$PEXEC" -q -j2 --retries 2 sh -c 'echo "$PEXEC_JOB"; exit 1' ::: a b; }
	run -123 names
	assert_equal "$(sort <<<"$output" | uniq -c | awk '{ print $1 }')" $'2\n2'
	first=$(sort -u <<<"$output")
	[[ $first =~ ^[0-9a-f]{16}\.1$'\n'[0-9a-f]{16}\.2$ ]]
	run -123 names
	run ! grep -qxF "$first" <<<"$output"
}

@test "jobs that run together have different slots, from 1" {
	mkfifo go
	start "$PEXEC" -j3 sh -c 'echo $PEXEC_SLOT >>slots; read -r x <go' ::: a b c 2>/dev/null
	wait_until has_lines 3 slots
	assert_equal "$(sort slots | tr -d '\n')" 123
	kill "$pid"
	ends 143
}

@test "PEXEC_* of an outer pexec are replaced, once; all other variables stay" {
	PEXEC_JOB=9 PEXEC_SEQ=9 PEXEC_SLOT=9 PEXEC_ATTEMPT=9 PEXEC_OTHER=9 run -0 "$PEXEC" sh -c 'env | grep ^PEXEC_ | sed "s/^\(PEXEC_JOB\)=.*/\1/" | sort' ::: a
	assert_output $'PEXEC_ATTEMPT=1\nPEXEC_JOB\nPEXEC_OTHER=9\nPEXEC_SEQ=1\nPEXEC_SLOT=1'
	run -0 env -i VALUE='a b' "$PEXEC" /usr/bin/printenv ::: VALUE
	assert_output 'a b'
}

@test "an empty environment, as cron's: commands are found, and the job sees only its own variables" {
	run -0 env -i "$PEXEC" -j1 /usr/bin/env -u ::: NONE
	assert_equal "$(sort <<<"${output//[0-9a-f][0-9a-f]/}")" $'PEXEC_ATTEMPT=1\nPEXEC_JOB=.1\nPEXEC_SEQ=1\nPEXEC_SLOT=1'
	run -0 env -i "$PEXEC" echo ::: a
	assert_output a
	run -0 env -i "$PEXEC" -c 'echo "<$1>"' ::: a
	assert_output '<a>'
}

@test "stdin of jobs is /dev/null when items come from stdin" {
	run -0 bash -c 'printf "a\nb\n" | "$0" -j1 sh -c "cat; readlink /proc/self/fd/0"' "$PEXEC"
	assert_output $'/dev/null\n/dev/null'
	echo x >file
	run -0 bash -c '"$0" -j1 -a - sh -c cat <file' "$PEXEC"
	refute_output
}

@test "stdin of jobs is /dev/null when items come from elsewhere; with --share-stdin it is pexec's own" {
	echo text >file
	run -0 "$PEXEC" -c 'readlink /proc/self/fd/0' ::: a <file
	assert_output /dev/null
	run -0 "$PEXEC" -j1 --share-stdin -c 'read -r line; echo "$1 $line"' ::: 1 2 < <(printf 'a\nb\n')
	assert_output $'1 a\n2 b'
}

@test "stdin closed: jobs have /dev/null, with --share-stdin they find it closed, items cannot be read from it" {
	run -0 bash -c '"$0" -j1 -c "cat && readlink /proc/self/fd/0" ::: a <&-' "$PEXEC"
	assert_output /dev/null
	run -0 bash -c '"$0" -j1 --share-stdin sh -c "cat || echo \$0" ::: a b 2>/dev/null <&-' "$PEXEC"
	assert_output $'a\nb'
	run -1 --separate-stderr bash -c '"$0" echo <&-' "$PEXEC"
	refute_output
	assert_equal "$stderr" 'pexec: reading stdin: Bad file descriptor'
}

@test "stdout closed: jobs that print nothing succeed, others end the run with the reason" {
	run -0 bash -c '"$0" -j1 sh -c "echo \$0 >>ran" ::: a b >&-' "$PEXEC"
	refute_output
	assert_equal "$(cat ran)" $'a\nb'
	run -1 bash -c '"$0" echo ::: a >&-' "$PEXEC"
	assert_output 'pexec: writing output: Bad file descriptor'
}

@test "stderr closed: what jobs print to stdout arrives, what goes to stderr is an error" {
	run -0 bash -c '"$0" -j1 echo ::: a b 2>&-' "$PEXEC"
	assert_output $'a\nb'
	run -1 bash -c '"$0" sh -c "echo a >&2" ::: a 2>&-' "$PEXEC"
	refute_output
}

@test "all three closed: no file that a job opens gets mixed up with them" {
	seq 3 >items
	bash -c '"$0" -j2 -a items sh -c "echo \$0 >file\$0" <&- >&- 2>&-' "$PEXEC" 3>&-
	assert_equal "$(cat items file1 file2 file3)" $'1\n2\n3\n1\n2\n3'
}

@test "-u hands on closed descriptors as they are" {
	run -0 bash -c '"$0" -u sh -c "[ -e /proc/\$\$/fd/1 ] || echo closed >result; :" ::: a >&-' "$PEXEC"
	assert_equal "$(cat result)" closed
}

@test "jobs have the descriptors that pexec was started with, and none of its own" {
	mkfifo items
	exec 5<>items
	echo text >file
	echo 1 >&5
	# 4 is what stays open for jobs; items and several slots are open too.
	cat >list <<-'PERL'
		opendir my $folder, '/proc/self/fd' or die;
		print join(' ', sort { $a <=> $b } grep { /\d/ && $_ != fileno $folder && readlink "/proc/self/fd/$_" } readdir $folder), "\n";
	PERL
	direct=$(perl list 3>&- 4<file 5>&-)
	start bash -c 'exec "$@" 4<file' bash "$PEXEC" -j3 perl list <items >out
	printf '2\n3\n4\n5\n' >&5
	wait_until has_lines 5 out
	kill "$pid"
	ends 143
	assert_equal "$(sort -u out)" "$direct"
	run -0 bash -c '"$0" sh -c "cat <&4" ::: a 4<file' "$PEXEC"
	assert_output text
}

@test "the signal mask and the ignored signals of jobs are those that pexec was started with" {
	# Without the signals 32 and 33, which the C library keeps for itself.
	probe=(perl -ne 'printf "%s %x\n", $1, hex($2) & ~0x180000000 if /^(SigIgn|SigBlk):\s*(\w+)/' /proc/self/status)
	# Not those that sanitizers handle (BUS, FPE, SEGV).
	for options in --default-signal '--ignore-signal=HUP,INT,QUIT,PIPE,TERM' '--ignore-signal=CHLD,USR1,USR2,CONT,URG' \
		'--block-signal=TERM,INT,CHLD,USR1,URG' '--ignore-signal=ALRM,PROF,PWR,WINCH,TSTP,TTIN,TTOU,RTMIN --block-signal'; do
		# shellcheck disable=SC2086 # several options
		direct=$(env $options "${probe[@]}")
		# shellcheck disable=SC2086
		run -0 env $options "$PEXEC" -j2 "${probe[@]}" ::: /dev/null /dev/null
		assert_equal "$(sort -u <<<"$output")" "$(sort -u <<<"$direct")"
	done
}

@test "with SIGCHLD ignored statuses are the same" {
	run -123 env --ignore-signal=CHLD "$PEXEC" -q -j1 sh -c 'echo $0; exit $0' ::: 0 1 0
	assert_output $'0\n1\n0'
	run -0 bash -c 'trap "" CHLD; "$0" true ::: a b' "$PEXEC"
}

@test "nohup: SIGHUP ends neither pexec nor its jobs" {
	mkfifo go
	start nohup "$PEXEC" sh -c 'kill -s HUP $$; echo >ready; read -r x <go; echo alive' ::: a >out 2>/dev/null
	wait_until test -e ready
	kill -s HUP "$pid"
	release go
	ends 0
	assert_equal "$(cat out)" alive
}

@test "a signal that is ignored from the start is not obeyed, one that is blocked is" {
	mkfifo go
	start env --ignore-signal=TERM,INT "$PEXEC" sh -c 'echo >ready; read -r x <go; echo alive' ::: a >out
	wait_until test -e ready
	kill -s TERM "$pid"
	kill -s INT "$pid"
	release go
	ends 0
	assert_equal "$(cat out)" alive
	start env --block-signal=TERM,CHLD "$PEXEC" --grace 0.1 sleep "$nap" ::: 0
	wait_until naps 1
	kill -s TERM "$pid"
	ends 143
	none_left
}

@test "SIGQUIT, SIGUSR1 and SIGUSR2 do their work although a shell ignores them in the background" {
	mkfifo go1 go2
	start env --ignore-signal=QUIT,USR1,USR2 "$PEXEC" -j1 sh -c 'echo $0 >>log; read -r x <go$0; :' ::: 1 2 3
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s QUIT "$pid"
	wait_until signals_taken
	release go1
	release go2
	ends 125
	assert_equal "$(cat log)" $'1\n2'
}

@test "limits of jobs are those that pexec was started with, also when it lifted its own" {
	for limits in 'ulimit -Sn 40' 'ulimit -n 100' 'ulimit -Sn 40; ulimit -c 0; ulimit -f 100'; do
		direct=$(bash -c "$limits; bash -c 'ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -f'")
		run -0 --separate-stderr bash -c "$limits"'; exec "$0" -j20 bash -c "ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -f" ::: a' "$PEXEC"
		assert_output "$direct"
	done
}

@test "pexec lifts its own soft limit of descriptors when many slots need it, and says nothing" {
	run -0 --separate-stderr bash -c 'ulimit -Sn 20; exec "$0" -j8 echo ::: {1..20}' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 20)"
	assert_equal "$stderr" ''
}

@test "nice reaches the whole tree of jobs" {
	base=$(nice)
	run -0 nice -n 3 "$PEXEC" sh -c 'nice; sh -c "nice; :"' ::: a
	assert_output $((base + 3))$'\n'$((base + 3))
	run -0 "$PEXEC" --nice 4 sh -c 'nice; sh -c "nice; :"' ::: a
	assert_output $((base + 4))$'\n'$((base + 4))
	run -0 nice -n 3 "$PEXEC" --nice 4 sh -c nice ::: a
	assert_output $((base + 7))
}

@test "slots that are added later are as nice as the first" {
	mkfifo go
	start "$PEXEC" -j3 --nice 5 sh -c 'nice >>levels; read -r x <go' ::: 1 2 3
	wait_until has_lines 3 levels
	assert_equal "$(sort -u levels)" $(($(nice) + 5))
	kill "$pid"
	ends 143
}

@test "niceness that is not allowed: status 1 and the reason, before anything runs" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	run -1 setpriv --reuid 54321 --clear-groups "$PEXEC" --nice -5 touch ran :::
	assert_output --regexp '^pexec: --nice -5: (Operation not permitted|Permission denied)$'
	[ ! -e ran ]
}
