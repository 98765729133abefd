#!/usr/bin/env bats
# The way into the background, where names hold then, and the log.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Starts a daemon; what it says goes to the file `said`. Sets pid: daemon ARGUMENT...
daemon() {
	local status=0
	"$PEXEC" --daemon --pidfile pid "$@" >said 2>&1 3>&- 4>&- 5>&- 6>&- || status=$?
	assert_equal "$status: $(<said)" '0: '
	find_daemon
}

# The one that has been started. Sets pid; empty when it is over already.
find_daemon() {
	pid=$(cat pid 2>/dev/null) || pid=
}

# The daemon has ended. Process 1 of a container may not reap it.
is_gone() {
	[ -z "$pid" ] || ! grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$pid/status"
}

# It does so by itself.
goes() {
	wait_until is_gone
	pid=
}

# Nothing became of a start: fails STATUS MESSAGE ARGUMENT...
fails() {
	run "-$1" timeout "$patience" "$PEXEC" --daemon --log log "${@:3}" 3>&-
	assert_output "$2"
	[ ! -e ran ]
}

@test "the command that was typed ends, the daemon goes on: own session, own group, no terminal, /" {
	mkfifo go
	daemon -j1 sh -c 'pwd >"$1/where"; ps -o ppid=,pgid=,sid=,tty= -p $PPID >"$1/process"; read -r x <"$1/go"' sh {} ::: "$PWD"
	release go
	goes
	assert_equal "$(<where)" /
	read -r parent group session terminal <process
	[ "$parent" != $$ ]
	[ "$group" != "$session" ]
	[ "$session" != "$(ps -o sid= -p $$ | tr -d ' ')" ]
	assert_equal "$terminal" '?'
}

@test "it leads its group, and not its session: it can never get a terminal" {
	daemon sleep ::: "$nap"
	read -r group session < <(ps -o pgid=,sid= -p "$pid")
	assert_equal "$group" "$pid"
	[ "$session" != "$pid" ]
	kill "$pid"
	goes
}

@test "started from a terminal it lets go of it" {
	needs_plain_build 'the guardian of an instrumented one is a process of its own'
	timeout "$patience" python3 "$project/tests/lib/pty.py" -- "$PEXEC" --daemon --pidfile pid sleep ::: "$nap" 3>&-
	find_daemon
	assert_equal "$(ps -o tty= -p "$pid")" '?'
	run ls -l "/proc/$pid/fd"
	refute_output --partial /dev/pts
	kill "$pid"
	goes
}

@test "items from a terminal are refused" {
	run -1 timeout "$patience" python3 "$project/tests/lib/pty.py" -- "$PEXEC" --daemon touch "$PWD/ran"
	assert_output $'pexec: --daemon: items cannot be read from the terminal in the background: give them with -a, ::: or a pipe'
	[ ! -e ran ]
}

@test "the standard streams are /dev/null; other descriptors are passed on" {
	exec 7>kept
	daemon sh -c 'echo item $1 >&7; ls -l /proc/$PPID/fd >&7; exec sleep '"$nap" sh {} ::: a
	exec 7>&-
	wait_until grep -q ' 2 -> ' kept
	for fd in 0 1 2; do assert_equal "$(readlink "/proc/$pid/fd/$fd")" /dev/null; done
	run cat kept
	assert_line 'item a'
	assert_line --regexp "7 -> $PWD/kept"
	kill "$pid"
	goes
}

@test "whoever waits for the end of its output does not wait for the daemon" {
	needs_plain_build 'the guardian of an instrumented one is a process of its own'
	timeout "$patience" "$PEXEC" --daemon --pidfile pid sleep ::: "$nap" 2>&1 3>&- | cat
	find_daemon
	run ! is_gone
	kill "$pid"
	goes
}

@test "umask and ignored signals are those that it was started with" {
	umask 027
	daemon sh -c 'umask >"$1"; grep SigIgn: /proc/self/status >>"$1"' sh {} ::: "$PWD/kept"
	goes
	run cat kept
	assert_line --index 0 0027
	rm kept
	(trap '' HUP; daemon sh -c 'grep SigIgn: /proc/self/status >"$1"' sh {} ::: "$PWD/kept")
	wait_until test -s kept
	run cat kept
	assert_output --regexp '[13579bdf]$'
}

@test "items from stdin are read on; the stdin of jobs is /dev/null" {
	mkfifo queue
	exec 7<>queue
	daemon --log log -k -j1 sh -c 'echo "$0"; cat' <queue 7>&-
	printf 'a\nb\n' >&7
	wait_until has_lines 2 log
	echo c >&7
	wait_until has_lines 3 log
	exec 7>&-
	goes
	assert_equal "$(<log)" $'a\nb\nc'
}

@test "jobs do not get the stdin of whoever starts a daemon" {
	echo secret >input
	daemon --log log sh -c 'readlink /proc/self/fd/0; cat' ::: a <input
	goes
	assert_equal "$(<log)" /dev/null
}

@test "errors before it is ready go to the terminal and into the status" {
	fails 1 $'pexec: unknown option --zzz\npexec: try \'pexec --help\', or \'man pexec\'' --zzz touch "$PWD/ran" ::: a
	fails 127 'pexec: cannot run ./none: No such file or directory' ./none ::: a
	touch plain
	fails 126 'pexec: cannot run ./plain: Permission denied' ./plain ::: a
	fails 1 "pexec: $PWD/none: No such file or directory" -a none touch "$PWD/ran"
	fails 1 "pexec: --joblog $PWD/none/log: No such file or directory" --joblog none/log touch "$PWD/ran" ::: a
	fails 1 "pexec: --results $PWD/plain/dir: Not a directory" --results plain/dir touch "$PWD/ran" ::: a
	fails 1 "pexec: --log $PWD/none/log: No such file or directory" --log none/log touch "$PWD/ran" ::: a
	fails 1 "pexec: --pidfile $PWD/none/pid: No such file or directory" --pidfile none/pid touch "$PWD/ran" ::: a
	fails 1 "pexec: --chdir $PWD/none: No such file or directory" --chdir none touch "$PWD/ran" ::: a
	fails 1 "pexec: --lock $PWD/none/lock: No such file or directory" --lock none/lock touch "$PWD/ran" ::: a
	: >log
	echo old >journal
	run -1 "$PEXEC" --daemon --ctl none/S --log log --joblog journal touch "$PWD/ran" ::: a
	assert_output $'pexec: --ctl none/S: No such file or directory\npexec: the daemon has ended before it was ready'
	[ ! -e ran ]
	assert_equal "$(cat journal log)" old
}

@test "a daemon is told to end: so are its jobs" {
	daemon -j2 sleep ::: "$nap" "$nap"
	wait_until naps 2
	kill "$pid"
	goes
	none_left
	[ ! -e pid ]
}

# Makes a command `tool` in DIR, which says where it runs and what it got: tool DIR
tool() {
	mkdir -p "$1"
	printf '#!/bin/sh\necho "${0##*/} in $PWD: $*"\n' >"$1/tool"
	chmod +x "$1/tool"
}

@test "names on the command line hold where they were typed" {
	tool .
	tool bin
	echo a >list
	daemon --log log --joblog journal --results table.csv -a list ./tool
	goes
	assert_equal "$(sed 1d table.csv | cut -d , -f 11-)" '"tool in /: a'
	assert_equal "$(sed 1d journal | cut -f 9)" './tool a'
	daemon --log log --results dir ./tool :::: list
	goes
	assert_equal "$(<dir/1/stdout)" 'tool in /: a'
	assert_equal "$(<log)" 'tool in /: a'
	PATH=bin:$PATH daemon --log log tool ::: b
	goes
	run tail -n 1 log
	assert_output 'tool in /: b'
	daemon --log log './{}' x ::: tool
	goes
	run tail -n 1 log
	assert_output 'tool in /: x'
}

@test "--chdir: the jobs run there, with a daemon and without" {
	tool .
	mkdir -p else/where
	echo a >list
	run -0 "$PEXEC" --chdir else/where -a list --joblog journal ./tool
	assert_output "tool in $PWD/else/where: a"
	[ -s journal ]
	daemon --chdir else --log log -a list ./tool
	goes
	assert_equal "$(<log)" "tool in $PWD/else: a"
	cd /
	run -0 "$PEXEC" --chdir "$BATS_TEST_TMPDIR/else" "./$BATS_TEST_TMPDIR/tool" ::: b
	assert_output "tool in $BATS_TEST_TMPDIR/else: b"
}

@test "a table on standard output stays one wherever the run is, and - is the name of a file" {
	mkdir else
	run -0 "$PEXEC" --chdir else --joblog - --results -.csv true ::: a
	assert_line --index 0 --partial 'Seq,Host,'
	assert_line --index 1 --partial '1,'
	run ls -A . else
	assert_output $'.:\n-\nelse\n\nelse:'
	has_lines 2 ./-
	run -1 timeout "$patience" "$PEXEC" --daemon --results -.tsv touch "$PWD/ran" ::: a 3>&-
	assert_output 'pexec: --daemon: a table on standard output is read by none: name a file, or give a --log'
	[ ! -e ran ]
	daemon --log log --results -.json true ::: a
	goes
	wait_until has_lines 1 log
	[ ! -e -.json ] && [ ! -e else/-.json ]
}

@test "--log: a table on standard output goes there, and to the new file once it is opened anew" {
	mkfifo go
	start "$PEXEC" --log log -j1 --results -.json sh -c '[ "$0" != b ] || read -r x <go || :' ::: a b >out
	wait_until has_lines 1 log
	mv log log.1
	kill -HUP "$pid"
	wait_until test -e log
	release go
	ends 0
	[ ! -s out ]
	has_lines 1 log.1
	has_lines 1 log
}

@test "--log: output and messages are added to the file, and errors before are not" {
	echo old >log
	run -123 "$PEXEC" --log log -k -j1 sh -c 'echo "$0"; echo "error $0" >&2; kill -9 $$' ::: a
	refute_output
	assert_equal "$(<log)" $'old\na\npexec: job 1 (a): killed by signal 9 (Killed)\nerror a'
	run -127 "$PEXEC" --log log ./none ::: a
	assert_output 'pexec: cannot run ./none: No such file or directory'
	run -0 "$PEXEC" --log new -u echo ::: a
	assert_equal "$(<new)" a
}

@test "--log: SIGHUP opens it anew, and the run goes on" {
	mkfifo go
	start "$PEXEC" --log log -k -j1 sh -c 'echo "$0"; read -r x <go || :' ::: a b
	wait_until has_lines 1 log
	mv log log.1
	kill -HUP "$pid"
	wait_until test -e log
	release go
	wait_until has_lines 1 log
	release go
	ends 0
	assert_equal "$(<log.1) $(<log)" 'a b'
}

@test "--log: no line is lost or torn when it is moved away again and again" {
	mkfifo items
	exec 5<>items
	start "$PEXEC" --log log -j4 -a items sh -c 'echo "out $0"; echo "err $0" >&2'
	for ((i = 0; i < 15; i++)); do
		# These jobs run while it is moved.
		seq $((i * 25 + 1)) $((i * 25 + 25)) | tee -a queue >&5
		wait_until test -s log
		mv log "log.$i"
		kill -HUP "$pid"
	done
	exec 5>&-
	ends 0
	cat log log.* | sort >all
	{ sed 's/^/out /' queue; sed 's/^/err /' queue; } | sort | diff - all
}

@test "--log: what a job prints at once stays in one file" {
	# A fifo takes little at a time: the job's output is being written when it is moved away.
	mkfifo log
	exec 7<>log
	start "$PEXEC" --log log -j1 sh -c 'head -c 100000 /dev/zero | tr "\0" x; echo; echo end' ::: a
	wait_until read -r -t 0 -u 7
	mv log log.1
	kill -HUP "$pid"
	(read -r line <&7; read -r end <&7; echo "${#line} $end" >got) &
	local reader=$!
	ends 0
	wait "$reader"
	assert_equal "$(<got)" '100000 end'
	[ ! -s log ]
	exec 7>&-
}

@test "--log: when it cannot be opened anew the old one goes on, which is said" {
	mkfifo go
	start "$PEXEC" --log log -j1 sh -c 'read -r x <go; echo "$0"' ::: a
	wait_until sleeps
	mv log log.1
	mkdir log
	kill -HUP "$pid"
	wait_until has_lines 1 log.1
	release go
	ends 0
	assert_equal "$(<log.1)" $'pexec: --log log: it cannot be opened anew, the old one is kept: Is a directory\na'
}

@test "--log of a daemon in another directory is opened anew where it was" {
	mkfifo go
	daemon --log log sh -c 'read -r x <"$0"; echo done' ::: "$PWD/go"
	mv log log.1
	kill -HUP "$pid"
	wait_until test -e log
	release go
	goes
	assert_equal "$(<log)" 'done'
}

@test "--log: SIGHUP opens it anew even where that was ignored at the start, and jobs still ignore it" {
	mkfifo go
	start env --ignore-signal=HUP "$PEXEC" --log log -j1 sh -c 'grep SigIgn: /proc/self/status; read -r x <go || :' ::: a
	wait_until children
	mv log log.1
	kill -HUP "$pid"
	wait_until test -e log
	release go
	ends 0
	run cat log
	assert_output --regexp '[13579bdf]$'
}

@test "without --log, SIGHUP ends the run" {
	start "$PEXEC" sleep ::: "$nap"
	wait_until naps 1
	kill -HUP "$pid"
	ends 129
	daemon sleep ::: "$nap"
	wait_until naps 1
	kill -HUP "$pid"
	goes
	none_left
}

@test "--log: a fifo that nobody reads is an error, not a wait without an end" {
	mkfifo log
	run -1 timeout "$patience" "$PEXEC" --log log touch ran ::: a
	assert_output 'pexec: --log log: No such device or address'
	[ ! -e ran ]
}

@test "options that make no sense" {
	fails 1 'pexec: --dry-run prints the commands, and a daemon has no place to print to' --dry-run touch "$PWD/ran" ::: a
	for option in log pidfile lock joblog results chdir; do
		run -1 "$PEXEC" "--$option" '' touch ran ::: a
		assert_output "pexec: --$option : the name of a file is empty"
	done
	[ ! -e ran ]
}
