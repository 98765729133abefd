#!/usr/bin/env bats
# How many jobs run at a time, and what they get from whoever started the program, as with GNU xargs.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/originals

# Jobs that say when they start and end, and end when they are told to: start_gated OPTION...
start_gated() {
	mkfifo go{1..6}
	start "${xargs[@]}" "$@" sh -c 'echo "+$0" >>log; read -r x <go$0; echo "-$0" >>log'
}

@test "-P 1 runs one job at a time, in the order of the queue" {
	run -0 "${xargs[@]}" sh -c 'mkdir lock && echo $0 && rmdir lock' < <(seq 20)
	assert_output "$(seq 20)"
}

@test "-P N: N jobs run together, never more" {
	mkfifo go
	seq 40 | "${xargs[@]}" -P4 sh -c 'echo +1; echo -1' >log
	run awk '{ running += $1; if (running > 4) bad = 1 } END { print NR, running, bad + 0 }' log
	assert_output '80 0 0'
	seq 20 >items
	for option in '-P 4' -P4 '--max-procs 4' --max-procs=4; do
		: >started
		# shellcheck disable=SC2086 # an option and its argument
		start "${xargs[@]}" $option -a items sh -c 'echo >>started; read -r x <go'
		wait_until has_lines 4 started
		assert_equal "$(children | wc -l)" 4
		exec 7<>go
		seq 20 >&7
		ends 0
		exec 7>&-
	done
}

@test "-P 0 runs everything at once" {
	mkfifo go
	seq 20 >items
	start "${xargs[@]}" -P0 -a items sh -c 'echo >>started; read -r x <go'
	wait_until has_lines 20 started
	exec 7<>go
	seq 20 >&7
	ends 0
}

@test "SIGUSR1 adds a slot while all are busy" {
	seq 3 >items
	start_gated -P1 -a items
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s USR1 "$pid"
	wait_until has_lines 3 log
	assert_equal "$(sort log | tr -d '\n')" +1+2+3
	for i in 1 2 3; do release go$i; done
	ends 0
}

@test "SIGUSR2 takes a slot away: the surplus job ends, and none follows it there" {
	seq 4 >items
	start_gated -P1 -a items
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s USR2 "$pid"
	wait_until signals_taken
	for i in 2 1 3 4; do
		release go$i
		wait_until grep -qx -e "-$i" log
	done
	ends 0
	assert_equal "$(tr -d '\n' <log)" +1+2-2-1+3-3+4-4
}

@test "after SIGUSR2 no job starts while as many run as there are slots" {
	seq 4 >items
	start_gated -P1 -a items
	wait_until has_lines 1 log
	kill -s USR1 "$pid"
	wait_until has_lines 2 log
	kill -s USR2 "$pid"
	wait_until signals_taken
	first=$(children | sort -n | head -n 1)
	release go1
	wait_until test ! -d "/proc/$first"
	for i in 2 3 4; do release go$i; done
	ends 0
	assert_equal "$(tr -d '\n' <log)" +1+2-1-2+3-3+4-4
}

@test "SIGUSR2 leaves one slot" {
	seq 3 >items
	start_gated -P2 -a items
	wait_until has_lines 2 log
	for _ in 1 2 3; do
		kill -s USR2 "$pid"
		wait_until signals_taken
	done
	for i in 2 1 3; do release go$i; done
	ends 0
}

@test "slots that were taken away come back" {
	seq 6 >items
	start_gated -P2 -a items
	wait_until has_lines 2 log
	kill -s USR2 "$pid"
	wait_until signals_taken
	release go1
	release go2
	wait_until has_lines 5 log
	kill -s USR1 "$pid"
	wait_until has_lines 6 log
	for i in 3 4 5 6; do release go$i; done
	ends 0
}

@test "signals of no meaning here change nothing" {
	mkfifo go
	echo a >items
	start "${xargs[@]}" -a items sh -c 'echo >ready; read -r x <go; echo done' >out
	wait_until test -e ready
	for signal in URG WINCH CHLD CONT; do kill -s "$signal" "$pid"; done
	wait_until signals_taken
	release go
	ends 0
	assert_equal "$(cat out)" 'done'
}

@test "stdin of jobs is /dev/null when items come from stdin" {
	run -0 "${xargs[@]}" sh -c 'cat; readlink /proc/self/fd/0' < <(printf 'a\nb\n')
	assert_output $'/dev/null\n/dev/null'
}

@test "stdout closed: jobs that print nothing succeed" {
	run -0 bash -c 'printf "a\nb\n" | "$@" sh -c "echo \$0 >>ran" >&-' bash "${xargs[@]}"
	assert_equal "$(cat ran)" $'a\nb'
}

@test "limits of jobs are those that the program was started with" {
	for limits in 'ulimit -Sn 40' 'ulimit -n 100' 'ulimit -Sn 40; ulimit -c 0; ulimit -f 100'; do
		direct=$(bash -c "$limits; bash -c 'ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -f'")
		run -0 bash -c "$limits"'; exec "$@" -P20 bash -c "ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -f"' bash "${xargs[@]}" <<<a
		assert_output "$direct"
	done
}

@test "jobs have the descriptors that the program was started with, and none of its own" {
	echo text >file
	cat >list <<-'PERL'
		opendir my $folder, '/proc/self/fd' or die;
		print join(' ', sort { $a <=> $b } grep { /\d/ && $_ != fileno $folder && readlink "/proc/self/fd/$_" } readdir $folder), "\n";
	PERL
	seq 4 >items
	direct=$(perl list <items 3>&- 4<file)
	run -0 bash -c 'exec "$@" 3>&- 4<file' bash "${xargs[@]}" -P3 perl list <items
	assert_equal "$(sort -u <<<"$output")" "$direct"
}

@test "the signal mask and the ignored signals of jobs are those that the program was started with" {
	# Without the signals 32 and 33, which the C library keeps for itself.
	probe=(perl -ne 'printf "%s %x\n", $1, hex($2) & ~0x180000000 if /^(SigIgn|SigBlk):\s*(\w+)/' /proc/self/status)
	for options in --default-signal '--ignore-signal=HUP,INT,QUIT,PIPE,TERM' '--ignore-signal=CONT,URG' \
		'--block-signal=TERM,INT,URG' '--ignore-signal=ALRM,PROF,PWR,WINCH,TSTP,TTIN,TTOU,RTMIN --block-signal'; do
		# shellcheck disable=SC2086 # several options
		direct=$(env $options "${probe[@]}")
		# shellcheck disable=SC2086
		run -0 env $options "${xargs[@]}" -P2 "${probe[@]}" < <(printf '/dev/null\n/dev/null\n')
		assert_equal "$(sort -u <<<"$output")" "$(sort -u <<<"$direct")"
	done
}

@test "nice reaches the whole tree of jobs" {
	run -0 nice -n 3 "${xargs[@]}" sh -c 'nice; sh -c "nice; :"' <<<a
	assert_output $(($(nice) + 3))$'\n'$(($(nice) + 3))
}

@test "an empty environment: commands are found" {
	run -0 env -i "$(command -v "${xargs[0]}")" "${xargs[@]:1}" echo <<<a
	assert_output a
}

@test "nohup: SIGHUP ends neither the program nor its jobs" {
	mkfifo go
	echo a >items
	start nohup "${xargs[@]}" -a items sh -c 'kill -s HUP $$; echo >ready; read -r x <go; echo alive' >out 2>/dev/null
	wait_until test -e ready
	kill -s HUP "$pid"
	release go
	ends 0
	assert_equal "$(cat out)" alive
}

@test "bytes of all kinds that jobs print pass as they are" {
	perl -e 'print map chr, 0 .. 255' >bytes
	"${xargs[@]}" cat <<<bytes >out
	cmp out bytes
}
