#!/usr/bin/env bats
# System calls that fail, and what becomes of the run then.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC1083 # braces are for pexec
# shellcheck disable=SC2154 # pid and nap are set in background.bash, stderr by run --separate-stderr
# shellcheck disable=SC2030,SC2031,SC2034 # others are used by what is loaded, each test has its own

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control
load ../lib/journal

@test "a socket that one may not use, and one that nobody answers at, are told from one where nobody listens" {
	needs_strace
	serve -j1 sleep "$nap" ::: 0
	run -1 strace -o trace -e inject=connect:error=EACCES "$PEXEC" --ctl S status
	assert_output 'pexec: --ctl S: Permission denied'
	for call in connect:error=EAGAIN sendto:retval=1 recvfrom:error=EAGAIN; do
		run -1 strace -o trace -e inject="$call" "$PEXEC" --ctl S status
		assert_output 'pexec: --ctl S: it does not answer'
	done
	kill "$pid"
	ends 143
}

@test "an error behind the fork is seen as well, and no pidfile is left" {
	needs_strace
	run -1 strace -f -o trace -e inject=setsid:error=EPERM "$PEXEC" --daemon --pidfile pid touch "$PWD/ran" ::: a
	assert_output $'pexec: --daemon: a session: Operation not permitted\npexec: the daemon has ended before it was ready'
	[ ! -e ran ]
	run -1 strace -f -o trace -e inject=clone,clone3:error=EAGAIN:when=1 "$PEXEC" --daemon --pidfile pid touch "$PWD/ran" ::: a
	assert_output --partial 'pexec: going into the background: Resource temporarily unavailable'
	[ ! -e ran ]
	[ ! -e pid ]
}

@test "--source: a command that cannot be started is reported and tried again" {
	needs_strace
	# The first process of the slot's thread is the command.
	run -0 strace -f -qqq -o trace -e trace=vfork -e inject=vfork:error=EAGAIN:when=1 \
		"$PEXEC" -j1 --source 'echo a' --every 0.05 --rounds 2 echo
	assert_output "pexec: --source 'echo a': cannot be started: Resource temporarily unavailable
a"
}

# Shell commands that leave no memory for more to pexec, which runs them, and print a line that needs it.
cramp='prlimit --pid $PPID --as=$(($(sed -n "s/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p" /proc/$PPID/status) * 1024 + 100000))
	head -c 4000000 /dev/zero | tr "\\0" x'

@test "what --source or --next prints cannot be read: status 1, and what is lost is named" {
	needs_plain_build "it reserves memory of its own"
	command -v prlimit >/dev/null || skip "prlimit is not installed"
	local lost="'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' and what follows it"
	run -1 --separate-stderr timeout "$patience" "$PEXEC" -j1 --source "echo a; $cramp; echo; echo b" echo
	assert_output a
	assert_equal "$stderr" "pexec: --source: reading what it prints: Cannot allocate memory; not run: $lost"
	# Also where another round would come: what was lost would be in no status.
	run -1 --separate-stderr timeout "$patience" "$PEXEC" -j1 --source "$cramp" --every 0.01 touch ran
	assert_equal "$stderr" "pexec: --source: reading what it prints: Cannot allocate memory; not run: $lost"
	run -1 --separate-stderr timeout "$patience" "$PEXEC" -j1 --next "echo >>asked; $cramp" touch ran
	assert_equal "$stderr" "pexec: --next: reading what it prints: Cannot allocate memory; not run: $lost"
	has_lines 1 asked
	run -1 --separate-stderr timeout "$patience" "$PEXEC" -j1 --next "echo a; $cramp" touch ran
	assert_equal "$stderr" "pexec: --next: reading what it prints: Cannot allocate memory; not run: 'a' and what follows it"
	[ ! -e ran ]
}

@test "a file system that says only when a file is closed that it had no room for it: that is said, status 1" {
	needs_strace
	closing() { run -1 strace -f -qqq -o trace -P "$PWD/$1" -e trace=close -e inject=close:error=EDQUOT "$PEXEC" -j1 "${@:2}" true ::: a; }
	closing table.csv --results table.csv
	assert_output 'pexec: --results table.csv: closing it: Disk quota exceeded'
	closing log --joblog log
	assert_output 'pexec: --joblog log: closing it: Disk quota exceeded'
	for name in seq item stdout stderr .exitval; do
		rm -rf dir log
		"$PEXEC" --results dir true ::: a
		: >"dir/1/$name"
		closing "dir/1/$name" --results dir --joblog log
		assert_output --regexp '^pexec: job 1.*: Disk quota exceeded$'
		assert_equal "$(seqs)" ''
	done
}

@test "--next: SIGQUIT counts also when the command finds nothing at the same moment" {
	needs_strace
	mkfifo go
	# It ends between the signal and the look at it.
	start strace -D -f -o trace -e trace=waitid -e inject=waitid:delay_enter=500000:when=2 \
		"$PEXEC" -j1 --next 'exec >asked; : <go' --every 1000 echo
	wait_until test -e asked
	wait_until sleeps
	kill -QUIT "$pid"
	wait_until signals_taken
	release go
	ends 0
}

@test "--sync that fails is said once and ends the run with status 1; at the very end, too" {
	needs_strace
	# All but the first job wait until no other one starts.
	fails() { strace -f -o trace -e trace=fdatasync,fsync -e inject="$1" "$PEXEC" -j1 --ctl S --sync --joblog "$2" sh -c '[ $1 = 1 ] || until "$0" --ctl S status | grep -q draining; do sleep 0.02; done; echo >>ran' "$PEXEC" ::: 1 2 3 4 2>err; }
	run -1 fails fdatasync:error=EIO log
	assert_equal "$(cat err)" 'pexec: --sync of --joblog log: Input/output error'
	[ "$(seqs)" = '1 ' ] || [ "$(seqs)" = '1 2 ' ]
	# The last one is for the last line.
	run -1 strace -f -o trace -e trace=fdatasync -e inject=fdatasync:error=EIO "$PEXEC" --sync --joblog log true ::: 1
	assert_output 'pexec: --sync of --joblog log: Input/output error'
	# What cannot be made safe at all, and a name that is not safe: nothing is run.
	rm -f ran
	for call in fsync:error=EINVAL:when=1 fsync:error=EIO:when=2; do
		run -1 fails $call ./log
		grep '^pexec: --sync of --joblog ./log: ' err
		[ ! -e ran ]
	done
}

# What runs behind it can start no process the first time that a thread tries: short_of_processes COMMAND...
short_of_processes=(strace -D -f -b execve -o trace -e trace=vfork -e inject=vfork:error=EAGAIN:when=1)
scarce='pexec: no room for another job at the moment: Resource temporarily unavailable; trying again as jobs end, and every second'

@test "a shortage that others have made is looked at again soon, also when no job runs" {
	needs_strace
	run -0 --separate-stderr timeout "$patience" "${short_of_processes[@]}" "$PEXEC" -j1 echo ::: a b
	assert_output $'a\nb'
	assert_equal "$stderr" "$scarce"
	assert_equal "$(grep -c EAGAIN trace)" 1
}

@test "a shortage in several slots at once: no item is lost to it" {
	needs_strace
	run -0 --separate-stderr timeout "$patience" "${short_of_processes[@]}" "$PEXEC" -j4 echo ::: {1..20}
	assert_equal "$(sort -n <<<"$output")" "$(seq 20)"
	assert_equal "$stderr" "$scarce"
}

@test "an item that a slot had no room for is run by another one, which waits for the queue" {
	needs_strace
	mkfifo items
	exec 5<>items
	start "${short_of_processes[@]}" "$PEXEC" -j4 echo <items >out
	printf '1\n2\n' >&5
	wait_until has_lines 2 out
	kill "$pid"
	ends 143
}

@test "--done: want of a descriptor is waited for, as want of a process is" {
	needs_strace
	# The slot opens nothing else, and the main thread opens it where jobs do not share our stdin.
	run -0 strace -f -b execve -qqq -o trace -P /dev/null -e trace=openat -e inject=openat:error=EMFILE:when=1 \
		"$PEXEC" -j1 --share-stdin --done 'echo "done $PEXEC_ITEM" >>out' true ::: a
	grep -q EMFILE trace
	assert_equal "$(cat out)" 'done a'
	assert_output 'pexec: no room for another command at the moment: Too many open files; trying again every second'
}

# How long a run has taken, in ms: took COMMAND...
took() {
	local began=${EPOCHREALTIME/[.,]/}
	"$@"
	ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	echo "$ms ms"
}

# The shortage lasts for one try, and the next one is a second later: not at once, and not much later.
is_tried_again_after_a_second() {
	[ "$ms" -ge 1000 ]
	[ "$ms" -lt 7000 ]
}

@test "a process that could not be made is tried again after a second, as the message says" {
	needs_strace
	took timeout "$patience" "${short_of_processes[@]}" "$PEXEC" -j1 true ::: a
	is_tried_again_after_a_second
}

# The first of what runs behind it makes a slot's thread once, and then there is no room for another one:
# short_of_threads COMMAND...
short_of_threads=(strace -D -f -b execve -o trace -e trace=clone3 -e inject=clone3:error=EAGAIN:when=2)

@test "a thread that could not be made when a retry was due is tried again after a second" {
	needs_strace
	retry() {
		timeout "$patience" "${short_of_threads[@]}" "$PEXEC" -j1 --retries 2 --retry-delay 0.2 \
			sh -c 'test -e x || { : >x; exit 1; }' ::: a 2>err
	}
	took retry
	assert_equal "$(cat err)" "$scarce"
	is_tried_again_after_a_second
}

@test "a pool that could not grow grows a second later, while its only slot is at work" {
	needs_strace
	mkfifo items
	exec 5<>items
	# The first job waits for the second one, which needs a slot of its own.
	start "$PEXEC" -j2 sh -c ': >"began$0"; until [ -e began2 ]; do sleep 0.05; done' <items 2>err
	wait_until sleeps
	strace -f -p "$pid" -o trace -e trace=clone3 -e inject=clone3:error=EAGAIN:when=1 3>&- 4>&- 5>&- &
	others+=("$!")
	wait_until is_traced "$pid"
	printf '1\n2\n' >&5
	wait_until test -e began2
	assert_equal "$(cat err)" "$scarce"
	exec 5>&-
	ends 0
}

@test "a slow reader and a shortage: --ctl, SIGTERM and --grace work all the same" {
	needs_strace
	mkfifo out
	exec 5<>out
	# While one slot writes, and waits for the reader, another one has no room for its job.
	start strace -D -f -b execve -o trace -e trace=vfork -e inject=vfork:error=EAGAIN:when=2 \
		"$PEXEC" -j2 --grace 0.5 --ctl S sh -c 'case $0 in big) head -c 5000000 /dev/zero;; s1) sleep 0.5;; esac' \
		::: s1 big s2 >&5
	wait_until grep -q EAGAIN trace
	timeout 20 "$PEXEC" --ctl S pause
	kill "$pid"
	ends 143
	exec 5>&-
}

@test "--grace 0: a job is not left behind by a slot that is held up when it has started it" {
	needs_strace
	# The slot hears late of the process that it has made.
	start strace -D -f -b execve -o trace -e trace=vfork -e inject=vfork:delay_exit=700000 \
		"$PEXEC" -j1 --grace 0 sleep "$nap" ::: 0
	wait_until naps 1
	kill "$pid"
	ends 143
	none_left
}

@test "--ctl: an item that is added before the first slot has begun is run, and so are the others" {
	needs_strace
	mkfifo go
	# What makes the supervisor ready to watch the slots takes long. The jobs wait for whoever opens the fifo.
	start strace -D -f -b execve -o trace -e trace=rt_sigaction -e inject=rt_sigaction:delay_enter=20000 \
		"$PEXEC" -j1 --ctl S sh -c ': <go; echo "$0"' ::: one two >out
	wait_until test -S S
	run -0 "$PEXEC" --ctl S add three
	exec 5<>go
	ends 0
	exec 5>&-
	assert_equal "$(sort out)" $'one\nthree\ntwo'
}

@test "--ctl: a client that finds the socket of a run which does not listen yet waits for that" {
	needs_strace
	start strace -D -f -b execve -o trace -e trace=listen -e inject=listen:delay_enter=200000 "$PEXEC" --ctl S sleep ::: "$nap"
	wait_until test -S S
	run -0 "$PEXEC" --ctl S status
	wait_until naps 1
	kill "$pid"
	ends 143
	grep -q 'DELAYED' trace
}

@test "a thread is woken, and a daemon's caller told, also where the write for it fails at first" {
	needs_strace
	local error failing
	mkfifo queue
	exec 5<>queue
	for error in EINTR ENOMEM; do
		# The first writes of each thread. That of the end of a run with --ctl goes to the thread of the control.
		failing=(strace -D -f -b execve -o trace -e trace=write -e "inject=write:error=$error:when=1..3")
		rm -f pid S
		start "${failing[@]}" "$PEXEC" --ctl S -c : ::: 1 2
		ends 0
		# A slot waits for the next item.
		start "${failing[@]}" "$PEXEC" --ctl S -j2 -c : <queue
		wait_until listens
		wait_until sleeps
		kill "$pid"
		ends 143
		wait_until grep -q "$error.*INJECTED" trace
		run -0 "${failing[@]}" "$PEXEC" --daemon --pidfile "$PWD/pid" -c : ::: 1
		refute_output
		wait_until grep -q "$error.*INJECTED" trace
		wait_until test ! -e pid
	done
	exec 5>&-
}

@test "a job that failed is named in the end, also where what its process has used is not told" {
	needs_strace
	run -123 strace -f -qqq -o trace -e trace=wait4 -e inject=wait4:error=ECHILD "$PEXEC" -j1 -c 'exit "$1"' ::: 0 3
	grep -q INJECTED trace
	assert_output 'pexec: 1 of 2 jobs failed: 2 (3: exit 3)'
	# A job whose command could not be run has had its message.
	run -123 "$PEXEC" -j1 {} ::: ./none true
	assert_output 'pexec: job 1 (./none): cannot run ./none: No such file or directory'
}

# The thread whose child runs a job: slot_thread PID
slot_thread() {
	local task line
	for task in /proc/"$1"/task/*; do
		[ "$task" != "/proc/$1/task/$1" ] || continue
		read -r line <"$task/children" || [ -n "$line" ] || continue
		echo "${task##*/}"
	done 2>/dev/null
}

@test "what a job prints cannot be read, or waited for: that job has failed, the message names it, the others run" {
	needs_strace
	mkfifo go
	for call in read:error=EIO poll:error=ENOMEM; do
		for options in '' -k --lb '--retries 2'; do
			# shellcheck disable=SC2086 # several options
			start "$PEXEC" -j1 $options --joblog log sh -c '[ $0 != a ] || [ $PEXEC_ATTEMPT != 1 ] || { echo 1; echo >begun; read -r x <go; }; echo $0' ::: a b >out 2>err
			wait_until test -e begun
			wait_until sleeps
			slot=$(slot_thread "$pid")
			strace -p "$slot" -o trace -e trace="${call%%:*}" -e inject="$call:when=1" 3>&- &
			others+=("$!")
			wait_until is_traced "$slot"
			release go
			ends 123
			[[ $(grep -c 'reading its output' err) = 1 && $(head -n 1 err) == 'pexec: job 1 (a): reading its output: '* ]]
			grep -qx b out
			assert_equal "$(awk -F '\t' 'NR > 1 { print $1, $7 != 0 }' log | sort)" $'1 1\n2 0'
			rm begun log
		done
	done
}

@test "no process for --done: it is tried again, and that is said, once" {
	needs_plain_build 'the runtime has another call in the place of vfork'
	run -0 --separate-stderr strace -f -qqq -b execve -o trace -e trace=vfork -e inject=vfork:error=EAGAIN:when=2..3 \
		"$PEXEC" -j1 --done 'echo done' echo ::: a
	assert_output a
	assert_equal "$stderr" $'pexec: no room for another command at the moment: Resource temporarily unavailable; trying again every second\ndone'
}
