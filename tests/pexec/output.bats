#!/usr/bin/env bats
# What jobs print arrives whole, at the right place, and nothing of it is lost.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# A job of which both streams exceed 2 MiB for captured output together.
large='head -c 1500000 /dev/zero | tr "\0" $0; head -c 1500000 /dev/zero | tr "\0" $0 >&2'

spilled_files() {
	find "/proc/$pid/fd" -lname "$PWD/tmp/*(deleted)"
}

spills() {
	[ -n "$(spilled_files)" ]
}

@test "a message of pexec does not stand within what a job prints" {
	mkfifo err go
	exec 5<>err
	start "$PEXEC" -j2 sh -c '
		if [ $0 = 1 ]; then head -c 3000000 /dev/zero | tr "\0" x >&2; echo >&2; exit; fi
		echo >ready
		read -r x <go
		kill -s KILL $$' ::: 1 2 2>err
	wait_until test -e ready
	# The first job is over, and its line is half written.
	wait_until read -r -t 0 -u 5
	job=$(children)
	release go
	wait_until test ! -d "/proc/$job"
	wait_until sleeps
	exec 6<err 5>&-
	tr -s x <&6 >all
	ends 123
	assert_equal "$(cat all)" $'x\npexec: job 2 (2): killed by signal 9 (Killed)'
}

@test "-u hands jobs our own stdout and stderr; otherwise they have pipes" {
	ask() { "$PEXEC" "${@:2}" sh -c 'stat -L -c $0 /dev/stdout; stat -L -c $0 /dev/stderr >&2' ::: "$1" >out 2>err; }
	ask %i -u
	assert_equal "$(cat out err)" "$(stat -c %i out err)"
	ask %F
	assert_equal "$(cat out err)" $'fifo\nfifo'
}

@test "stdout goes to stdout and stderr to stderr, also of a job that fails" {
	run -123 --separate-stderr "$PEXEC" -q sh -c 'echo out; echo err >&2; exit 1' ::: a
	assert_output out
	assert_equal "$stderr" err
}

@test "a job that opens /dev/stdout or /dev/stderr anew truncates nothing" {
	echo before >log
	"$PEXEC" -j1 sh -c 'echo a; echo b >/dev/stdout; echo c >/dev/stderr' ::: 1 2 >>log 2>&1
	assert_equal "$(tr -d '\n' <log)" beforeabcabc
}

@test "a job may open its outputs anew by whatever name, in every mode" {
	for options in '' -k --lb '-k --lb' --tag '--tag -k' '--results dir' '--buffer 1k'; do
		# shellcheck disable=SC2086 # several options
		"$PEXEC" -j1 $options sh -c '
			echo a
			echo b >/dev/stdout
			echo c >/dev/fd/1
			echo c >>/dev/fd/1
			echo d >/dev/stderr
			echo d >/proc/self/fd/2
			echo e >>/dev/stdout
			echo f >>/dev/stderr' ::: 1 2 >out 2>err
		assert_equal "$(sed 's/^.	//' out | tr -d '\n')" abcceabcce
		assert_equal "$(sed 's/^.	//' err | tr -d '\n')" ddfddf
	done
	"$PEXEC" -j1 --results table.csv sh -c 'echo a >/dev/stdout; echo b | tee /dev/fd/1 /dev/stderr' ::: 1 >out 2>err
	cat out err | cmp - /dev/null
	assert_equal "$(tail -n +2 table.csv | tr -d '"\n' | cut -d , -f 11-)" abb,b
}

@test "a job is over when its output has reached EOF, not before" {
	mkfifo go
	start "$PEXEC" -j1 sh -c 'echo $0; [ $0 = 2 ] || (read -r x <go; echo late) &' ::: 1 2 >out
	release go
	ends 0
	assert_equal "$(cat out)" $'1\nlate\n2'
}

@test "what a background process of a failed job says is delivered too" {
	mkfifo go
	start "$PEXEC" -q sh -c '(read -r x <go; echo late >&2) & exit 3' ::: a 2>err
	release go
	ends 123
	assert_equal "$(cat err)" late
}

@test "output beyond the memory goes through files without a name" {
	mkdir tmp
	mkfifo goa gob
	TMPDIR=$PWD/tmp start "$PEXEC" -j2 --buffer 2m sh -c "$large; read -r x <go\$0; :" ::: a b >out 2>err
	wait_until spills
	assert_equal "$(ls -A tmp)" ''
	release goa
	release gob
	ends 0
	for stream in out err; do
		assert_equal "$(stat -c %s $stream)" 3000000
		# Two jobs, each in one piece: 1,500,000 of one letter, then of the other.
		head -c 1500000 $stream | tr -d "$(head -c 1 $stream)" | cmp - /dev/null
		tail -c 1500000 $stream | tr -d "$(tail -c 1 $stream)" | cmp - /dev/null
		assert_equal "$(head -c 1 $stream; tail -c 1 $stream)" "$(head -c 1 out; tail -c 1 out)"
	done
	assert_equal "$(ls -A tmp)" ''
}

@test "nothing is left in TMPDIR, also after SIGKILL" {
	mkdir tmp
	TMPDIR=$PWD/tmp start "$PEXEC" -j2 --buffer 2m sh -c "$large; sleep $nap" ::: a b
	wait_until spills
	kill -s KILL "$pid"
	ends 137
	assert_equal "$(ls -A tmp)" ''
}

@test "the memory for output is given back: job after job beyond it needs no file" {
	run -0 --separate-stderr bash -c 'TMPDIR=/nonexistent "$0" -j1 sh -c "head -c 30000000 /dev/zero" ::: 1 2 3 4 5 6 | wc -c' "$PEXEC"
	assert_output 180000000
	assert_equal "$stderr" ''
}

@test "output that cannot be kept is passed on while the job runs, whole, and it is said once" {
	run -0 --separate-stderr bash -c '
		set -o pipefail
		TMPDIR=/nonexistent "$0" -j2 sh -c "head -c 70000000 /dev/zero | tr \"\\0\" \$0; echo" ::: 1 2 | tr -s 12' "$PEXEC"
	assert_equal "$(sort <<<"$output")" $'1\n2'
	assert_equal "$stderr" 'pexec: no room to keep the output of jobs in /nonexistent: No such file or directory; it waits until it can be passed on'
}

@test "without room, too, nothing comes between what a job prints to stdout and to stderr" {
	# Each is there for a while after its output has ended: others could write then.
	TMPDIR=/nonexistent "$PEXEC" --buffer 100k -j3 sh -c '
		echo $0 >&2; head -c 300000 /dev/zero | tr "\0" $0; echo; exec >&- 2>&-; sleep 0.1' ::: 1 2 3 4 >both 2>&1
	assert_equal "$(grep -v '^pexec' both | tr -s 1234 | uniq -c | sort | tr -s ' \n' ' ')" ' 2 1 2 2 2 3 2 4 '
}

@test "stdout that somebody made non-blocking gets everything" {
	mkfifo out
	exec 5<>out
	start perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) | O_NONBLOCK); exec @ARGV' \
		"$PEXEC" -j2 sh -c 'head -c 3000000 /dev/zero; echo >>finished' ::: 1 2 >out
	wait_until has_lines 2 finished
	exec 6<out 5>&-
	assert_equal "$(wc -c <&6)" 6000000
	ends 0
}

@test "a reader that is stuck stops the jobs, in number too" {
	mkfifo out
	exec 5<>out
	start "$PEXEC" -j2 sh -c 'head -c 3000000 /dev/zero; echo >>finished' ::: {1..9} >out
	wait_until has_lines 2 finished
	wait_until eval '! children && ! grep -h "^State:" /proc/$pid/task/*/status | grep -qv sleeping'
	has_lines 2 finished
	exec 6<out 5>&-
	assert_equal "$(wc -c <&6)" 27000000
	ends 0
}

@test "a run that --halt ends has time for its reader; a signal then sets it an end" {
	for signal in CONT TERM; do
		rm -f out err
		mkfifo out
		exec 5<>out
		start "$PEXEC" -j2 --grace 0 --halt now,fail=1 sh -c '
			[ $0 != 1 ] || { head -c 3000000 /dev/zero; echo >>finished; exit; }
			until [ -e finished ]; do sleep 0.01; done; exit 1' ::: 1 2 3 >out 2>err
		# What pexec says of it waits behind the output.
		wait_until test -e finished
		wait_until eval '! children'
		# However often it looks at its deadlines.
		for _ in 1 2 3; do
			kill -s CONT "$pid"
			wait_until signals_taken
		done
		kill -s $signal "$pid"
		[ $signal = CONT ] || ends 143
		exec 6<out 5>&-
		[ $signal = TERM ] || assert_equal "$(wc -c <&6)" 3000000
		[ $signal = TERM ] || ends 125
		rm finished
	done
	assert_equal "$(tail -n 1 err)" 'pexec: not waiting any longer for the reader of the output: the rest of it is lost'
}

@test "jobs that a signal has ended are not waited for while their output waits for a reader" {
	for options in -k '--tag -k'; do
		rm -f out
		mkfifo out
		exec 6<>out
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" $options --grace 0.5 -j2 sh -c "head -c 3000000 /dev/zero; exec sleep $nap" ::: 1 2 >out 2>err
		wait_until naps 1
		kill "$pid"
		ends 143
		assert_equal "$(cat err)" 'pexec: not waiting any longer for the reader of the output: the rest of it is lost'
		exec 6<&-
	done
}

@test "when the reader of stdout has gone the jobs that run are ended, and nothing is said" {
	for options in '' -u -k --lb --tag '-k --lb --tag'; do
		# shellcheck disable=SC2086 # several options
		run bash -c '"$@" 2>err | head -n 1; echo "${PIPESTATUS[0]}"' bash "$PEXEC" -j2 $options sh -c '
			[ $0 = 1 ] || { trap "echo >>told; exit" TERM; echo >>ready; sleep '"$nap"' & wait; }
			until [ -e ready ]; do sleep 0.01; done
			yes | head -c 200000' ::: 1 2
		assert_equal "${lines[0]#?$'\t'}" y
		assert_equal "${lines[1]}" 141
		rm told ready
		assert_equal "$(cat err)" ''
		none_left
	done
}

@test "the reader of stderr gone ends the run the same way" {
	run bash -c '{ "$@" 2>&1 >/dev/null; echo $? >status; } | head -n 1' bash \
		"$PEXEC" -j1 sh -c 'yes | head -c 200000 >&2' ::: 1 2 3 4 5 6
	assert_output y
	assert_equal "$(cat status)" 141
}

@test "with SIGPIPE ignored, a reader that has gone is an error: said, status 1" {
	run bash -c '{ env --ignore-signal=PIPE "$@" 2>err; echo $? >status; } | true' bash \
		"$PEXEC" -j1 sh -c 'yes 2>/dev/null | head -c 200000' ::: 1 2 3 4 5 6
	assert_equal "$(cat status)" 1
	assert_equal "$(cat err)" 'pexec: writing output: Broken pipe'
}

@test "a full disk ends the jobs that run too" {
	for options in '' -k --lb --tag '-k --lb --tag'; do
		# shellcheck disable=SC2086 # several options
		run -1 --separate-stderr bash -c 'exec "$@" >/dev/full' bash \
			"$PEXEC" -j2 $options sh -c '[ $0 = 1 ] || exec sleep '"$nap"'; echo x' ::: 1 2
		assert_equal "$stderr" 'pexec: writing output: No space left on device'
		none_left
	done
}

@test "stderr full: status 1" {
	run -1 bash -c 'exec "$@" 2>/dev/full' bash "$PEXEC" sh -c 'echo out; echo err >&2' ::: a
	assert_output out
}

@test "a file that may not grow any more ends the run with the reason" {
	run -1 --separate-stderr bash -c 'ulimit -f 8; exec "$@" >out' bash "$PEXEC" -j1 seq ::: 9000 9000
	assert_equal "$stderr" 'pexec: writing output: File too large'
	assert_equal "$(stat -c %s out)" 8192
}

@test "a file for the output of jobs that cannot be removed is named, and the status is not 0" {
	needs_strace
	[ -n "${PORTABLE:-}" ] || skip 'here it has no name'
	mkdir tmp
	run -1 --separate-stderr env TMPDIR="$PWD/tmp" strace -f -b execve -qqq -o trace -e trace=unlink,unlinkat \
		-e inject=unlink,unlinkat:error=EIO "$PEXEC" -j1 --buffer 16k sh -c 'head -c 300000 /dev/zero | tr "\0" x' ::: a
	assert_equal "${#output}" 300000
	file=$(echo tmp/*)
	[ -f "$file" ]
	assert_equal "$stderr" "pexec: output of jobs stays behind in $PWD/$file, which cannot be removed: Input/output error"
}
