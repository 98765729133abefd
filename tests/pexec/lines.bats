#!/usr/bin/env bats
# --lb: lines as they come, never cut or mixed. --tag: what stands before each of them.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

@test "--lb: a line arrives when it is complete, not before, on both outputs" {
	mkfifo go
	start "$PEXEC" --lb sh -c '
		printf "one\ntw"; printf "ONE\nTW" >&2; echo >>printed; read -r x <go
		printf "o\nthree"; printf "O\nTHREE" >&2; echo >>printed; read -r x <go; :' ::: a >out 2>err
	wait_until has_lines 1 printed
	wait_until is_size 4 out
	wait_until is_size 4 err
	release go
	wait_until has_lines 2 printed
	wait_until is_size 8 out
	wait_until is_size 8 err
	release go
	ends 0
	assert_equal "$(cat out err; echo .)" $'one\ntwo\nthreeONE\nTWO\nTHREE.'
}

@test "--lb: a last line without a newline stays as it is, at the end of its job" {
	mkfifo go
	start "$PEXEC" --lb -j2 sh -c '[ $0 = 2 ] || { printf last; echo >>printed; read -r x <go; exit 0; }; printf "line\nend"' ::: 1 2 >out
	wait_until has_lines 1 printed
	wait_until is_size 8 out
	release go
	ends 0
	assert_equal "$(cat out; echo .)" $'line\nendlast.'
}

@test "--lb: a line far beyond --buffer passes, whole, in memory that does not grow with it" {
	mkfifo go
	for options in --lb '--lb --tag'; do
		rm -f other
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" $options -j2 --buffer 1m sh -c '
			[ $0 = 1 ] || { yes "other line" | head -n 20000; echo >>other; exit; }
			head -c 50000000 /dev/zero; until [ -e other ]; do sleep 0.01; done
			head -c 50000000 /dev/zero; echo; read -r x <go; :' ::: 1 2 >out
		tags=$([ "$options" = --lb ] || echo 40002)
		wait_until is_size $((100000001 + 220000 + tags)) out
		[ -n "$SANITIZE" ] || [ "$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$pid/status")" -lt 6000 ]
		release go
		ends 0
		assert_equal "$(tr -d '\0' <out | sort | uniq -c | tr -s ' ')" \
			"$([ "$options" = --lb ] && printf ' 1 \n 20000 other line' || printf ' 1 1\t\n 20000 2\tother line')"
	done
}

@test "-k --lb: the lines of the job whose turn it is, then those of the next that are complete" {
	mkfifo go1 go2
	start "$PEXEC" -k --lb -j2 sh -c '
		printf "$0 a\n$0 b"; printf "$0 A\n$0 B" >&2; echo >>printed; read -r x <go$0; echo' ::: 1 2 >out 2>err
	wait_until has_lines 2 printed
	wait_until is_size 4 out
	wait_until is_size 4 err
	assert_equal "$(cat out err)" $'1 a\n1 A'
	release go1
	wait_until is_size 12 out
	wait_until is_size 11 err
	assert_equal "$(cat out err)" $'1 a\n1 b\n2 a\n1 A\n1 B2 A'
	release go2
	ends 0
	assert_equal "$(cat out err)" $'1 a\n1 b\n2 a\n2 b\n1 A\n1 B2 A\n2 B'
}

# What jobs print, in its order, under every way to pass it on: prints OUTPUT ARGUMENT...
prints() {
	local output=$1 mode
	shift
	for mode in '' --lb -k '-k --lb'; do
		# shellcheck disable=SC2086 # several options
		"$PEXEC" -j1 $mode "$@" >out
		printf %b "$output" | cmp - out
	done
}

@test "--tag: the item and a tab before every line, empty ones too, and before nothing else" {
	prints 'x\ta\nx\t\nx\tb\ny\ta\ny\t\ny\tb\n' --tag sh -c 'printf "a\n\nb\n"' ::: x y
	prints 'x\ta\nx\tb' --tag sh -c 'printf "a\nb"' ::: x
	prints '' --tag true ::: x y
	prints '\ta\n' --tag sh -c 'echo a' ::: ''
}

@test "--tag: several values, several items, columns" {
	prints '1 a\tj\n1 b\tj\n2 a\tj\n2 b\tj\n' --tag sh -c 'echo j' ::: 1 2 ::: a b
	prints '1 2\tj\n3 4\tj\n' -n2 --tag sh -c 'echo j' ::: 1 2 3 4
	prints 'a:b\tj\n' -C : --tag sh -c 'echo j' ::: a:b
}

@test "--tagstring: a template" {
	prints '[1] file 1:\tj\n' --tagstring '[{#}] {/.} {%}:' --skip 2 sh -c 'echo j' ::: 1 2 a/file.c
	prints 'b-a\tj\n' --tagstring '{2}-{1}' sh -c 'echo j' ::: a ::: b
	prints 'same\tj\nsame\tj\n' --tagstring same sh -c 'echo j' ::: 1 2
	prints 'b\tj\n' -C : --tagstring '{2}' sh -c 'echo j' ::: a:b
}

@test "--tag: lines and tags of every length, and bytes of all kinds" {
	perl -e 'print "x" x $_, "\n" for 0, 1, 8000, 16380 .. 16390, 32760 .. 32770, 100000; print map(chr, 0 .. 255), "\n"' >bytes
	long=$(printf %020000d 0)
	for item in i "$long"; do
		ITEM=$item perl -pe 's/^/$ENV{ITEM}\t/' bytes >expected
		for mode in '' --lb -k '-k --lb' '--buffer 1k'; do
			# shellcheck disable=SC2086 # several options
			"$PEXEC" $mode --tag sh -c 'cat bytes' ::: "$item" >out
			cmp expected out
		done
	done
}

@test "--tag with --retries: every attempt's lines have it" {
	run -0 "$PEXEC" -j1 --tag --retries 2 sh -c 'echo $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 2 ]' ::: x
	assert_output $'x\t1\nx\t2'
}

# A job that leaves a line unfinished while it runs, and one that is killed: a message for which there is no
# place now.
unfinished='case $0 in
	1) printf abc; : <go; echo def; : <end ;;
	2) until grep -q abc out; do sleep 0.02; done; kill -KILL $$ ;;
	esac'

@test "a message never stands within a line of a job, whichever thread says it, and none is lost" {
	mkfifo go end
	echo 2 >slots
	# No descriptors for a third slot: the main thread has something to say, too.
	start bash -c 'ulimit -n 54; exec "$@"' bash "$PEXEC" -k -j ./slots --ctl S sh -c "$unfinished" ::: 1 2 >out 2>&1
	wait_until grep -q abc out
	wait_until tells '1 failed' status
	echo rubbish >slots
	wait_until ctl status
	kill -USR1 "$pid"
	wait_until signals_taken
	ctl status
	assert_equal "$(cat out)" abc
	release go
	wait_until has_lines 4 out
	assert_equal "$(sort out)" "abcdef
pexec: -j ./slots: 'rubbish' in it: invalid (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536); still 2 slots
pexec: job 2 (2): killed by signal 9 (Killed)
pexec: still 2 slots: no more open files are allowed (ulimit -n)"
	assert_equal "$(head -1 out)" abcdef
	release end
	ends 123
}

@test "a message does not stand within a line that is too long to be kept" {
	mkfifo go end
	"$PEXEC" -k -j2 --ctl S sh -c 'case $0 in
		1) head -c 1000000 /dev/zero | tr "\0" x; : <go; head -c 1000000 /dev/zero | tr "\0" x; echo; : <end ;;
		2) until [ "$(stat -c %s out)" = 1000000 ]; do sleep 0.02; done; kill -KILL $$ ;;
		esac' ::: 1 2 2>&1 | cat >out &
	others+=("$!")
	wait_until tells '1 failed' status
	wait_until is_size 1000000 out
	release go
	wait_until has_lines 2 out
	run -0 tail -c +2000002 out
	assert_output 'pexec: job 2 (2): killed by signal 9 (Killed)'
	release end
}

@test "a message begins a line of its own behind a job that has left one unfinished" {
	run -123 "$PEXEC" -j1 sh -c 'printf abc; kill -KILL $$' ::: 1
	assert_output $'pexec: job 1 (1): killed by signal 9 (Killed)\nabc'
	run -123 "$PEXEC" -j1 --lb sh -c '[ $0 = 1 ] || kill -KILL $$; printf abc' ::: 1 2
	assert_output $'abc\npexec: job 2 (2): killed by signal 9 (Killed)'
	# Not where it goes to another file.
	run -123 --separate-stderr "$PEXEC" -j1 sh -c '[ $0 = 1 ] || kill -KILL $$; printf abc' ::: 1 2
	assert_output abc
	assert_equal "$stderr" 'pexec: job 2 (2): killed by signal 9 (Killed)'
}

# What was passed on last counts, whichever of the two outputs it was.
@test "a message begins a line of its own behind either output of a job, where both are one file" {
	start "$PEXEC" -j1 --lb sh -c '[ $0 = 1 ] || kill -KILL $$; echo err >&2; until grep -q err out; do sleep 0.02; done; printf abc' ::: 1 2 >out 2>&1
	ends 123
	assert_equal "$(cat out)" $'err\nabc\npexec: job 2 (2): killed by signal 9 (Killed)'
	run -123 "$PEXEC" -j1 -k sh -c '[ $0 = 1 ] || kill -KILL $$; echo abc; printf err >&2' ::: 1 2
	assert_output $'abc\nerr\npexec: job 2 (2): killed by signal 9 (Killed)'
}

@test "a summary, and a command that -t prints, begin a line of their own" {
	run -0 "$PEXEC" -j1 --summary -c 'printf x' ::: 1
	assert_line --index 0 x
	assert_line --index 1 'pexec: 1 done, 0 failed, 0 timed out, 0 retried'
	run -0 "$PEXEC" -k -j1 -t printf %s ::: 1 2
	assert_output $'printf %s 1\n1\nprintf %s 2\n2'
	mkfifo go
	start "$PEXEC" -k -j2 -t sh -c '[ $0 = 2 ] || { printf abc; : <go; echo def; }' ::: 1 2 >out 2>&1
	wait_until grep -q abc out
	release go
	ends 0
	assert_equal "$(grep -c "^sh -c" out)" 2
	grep -qx abcdef out
}

@test "messages wait for the end of a line, but no more than 64 KiB of them" {
	mkfifo go
	start "$PEXEC" -k -j2 sh -c '[ $0 != 1 ] || { printf abc; : <go; exit 0; }; until grep -q abc out; do sleep 0.02; done; kill -KILL $$' ::: 1 $(seq 2 2000) >out 2>&1
	wait_until grep -q '^pexec: job ' out
	release go
	ends 123
	assert_equal "$(head -1 out)" abc
	assert_equal "$(grep -c '^pexec: job [0-9]* ([0-9]*): killed by signal 9 (Killed)$' out)" 1999
}
