#!/usr/bin/env bats
# Bad input gets a clear error, and nothing is lost to it.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # run --separate-stderr sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
load ../lib/helper

# Whoever runs this may have folders in his PATH that he cannot search: "not found" is not certain then.
path=/usr/bin:/bin

# pexec ends with STATUS, prints nothing, and says MESSAGE: fails STATUS MESSAGE ARGUMENT...
fails() {
	run -"$1" --separate-stderr "$PEXEC" -j1 "${@:3}"
	assert_output ''
	assert_equal "$stderr" "pexec: $2"
}

# Runs a command that file permissions apply to, also for root: as_user COMMAND...
as_user() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --inh-caps=-all --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

can_be_user() {
	touch locked
	chmod 0 locked
	! as_user cat locked 2>/dev/null || skip "file permissions cannot be made to apply here"
}

@test "command not found: status 127, said once, and no item is taken" {
	seq 100 >items
	{
		run -127 --separate-stderr "$PEXEC" -j8 ./missing
		cat >left
	} <items
	assert_output ''
	assert_equal "$stderr" "pexec: cannot run ./missing: No such file or directory"
	cmp items left
	PATH=$path fails 127 "cannot run pexec-no-such-command: No such file or directory" pexec-no-such-command ::: a
	fails 127 "cannot run : No such file or directory" '' ::: a
	fails 127 "cannot run ./missing: No such file or directory" ./missing :::
	touch file
	fails 126 "cannot run ./file/x: Not a directory" ./file/x ::: a
}

@test "command not found: said before a header, a list or a queue to be shuffled is read" {
	seq 100 >items
	for options in --header --shuf '--header --shuf'; do
		{
			# shellcheck disable=SC2086 # one or two options
			run -127 --separate-stderr "$PEXEC" $options ./missing
			cat >left
		} <items
		assert_equal "$stderr" "pexec: cannot run ./missing: No such file or directory"
		cmp items left
	done
	# Nobody writes to it, and nothing waits for that.
	mkfifo queue
	exec 4<>queue
	run -127 timeout 60 "$PEXEC" --header ./missing <queue 4>&-
	run -127 timeout 60 "$PEXEC" -I @ --header ./missing <queue 4>&-
	run -127 timeout 60 "$PEXEC" ./missing ::: a :::: queue 4>&-
	exec 4>&-
	# A brace may be a column's name, or stay one.
	printf 'x\necho\n' >items
	run -0 "$PEXEC" --header '{x}' '{x}' <items
	assert_output echo
	fails 127 "cannot run ./{y;}: No such file or directory (with --shell a shell reads the command)" --header './{y;}' <items
}

@test "command not executable: status 126, said once, and no item is taken" {
	printf '#!/bin/sh\n' >plain
	seq 100 >items
	{
		run -126 --separate-stderr "$PEXEC" -j8 ./plain
		cat >left
	} <items
	assert_output ''
	assert_equal "$stderr" "pexec: cannot run ./plain: Permission denied"
	cmp items left
	mkdir bin
	cp plain bin/pexec-not-executable
	PATH=$PWD/bin:$path fails 126 "cannot run pexec-not-executable: Permission denied" pexec-not-executable ::: a
}

@test "a directory as command: status 126" {
	fails 126 "cannot run /: Is a directory" / ::: a
	mkdir -p bin/tool
	fails 126 "cannot run bin/tool: Is a directory" bin/tool ::: a
	PATH=$PWD/bin:$path fails 126 "cannot run tool: Is a directory" tool ::: a
}

@test "the first thing in PATH that can be run is run" {
	mkdir -p one/tool two three
	touch two/tool
	printf '#!/bin/sh\necho "$0"\n' >three/tool
	chmod +x three/tool
	PATH=$PWD/one:$PWD/two:$PWD/missing:$PWD/three:$path run "$PEXEC" tool '{#}' ::: a
	assert_success
	assert_output "$PWD/three/tool"
	cd three
	PATH=:$path run "$PEXEC" tool ::: a
	assert_success
	assert_output --regexp '^(\./)?tool$'
}

@test "a script without #!: status 126, said once, at any -j" {
	echo 'echo hello' >script
	chmod +x script
	run -126 --separate-stderr "$PEXEC" -j8 ./script ::: {1..20}
	assert_output ''
	assert_equal "$stderr" "pexec: cannot run ./script: Exec format error (a script needs a #! line)"
}

@test "a script whose interpreter is missing: status 127, said once" {
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	run -127 --separate-stderr "$PEXEC" -j8 ./script ::: {1..20}
	assert_output ''
	assert_equal "$stderr" "pexec: cannot run ./script: No such file or directory (is its interpreter there?)"
}

@test "a command that goes away during the run: status 127, what runs may finish" {
	printf '#!/bin/sh\nrm -f "$0"; echo "$1"\n' >script
	chmod +x script
	run -127 --separate-stderr "$PEXEC" -j1 ./script ::: a b c
	assert_output a
	assert_equal "$stderr" "pexec: cannot run ./script: No such file or directory"
}

@test "an item that is to be the command's name fails alone, by number and with the reason" {
	mkdir d
	touch plain
	echo 'echo hello' >script
	chmod +x script
	PATH=$path run -123 --separate-stderr "$PEXEC" -j1 '{}' ok ::: ./missing ./plain ./d ./script '' pexec-no-such-command echo
	assert_output ok
	assert_equal "$stderr" "pexec: job 1 (./missing): cannot run ./missing: No such file or directory
pexec: job 2 (./plain): cannot run ./plain: Permission denied
pexec: job 3 (./d): cannot run ./d: Is a directory
pexec: job 4 (./script): cannot run ./script: Exec format error
pexec: job 5 (): cannot run : No such file or directory
pexec: job 6 (pexec-no-such-command): cannot run pexec-no-such-command: No such file or directory"
}

@test "a missing file of items is said before any job runs, wherever it stands" {
	echo a >one
	fails 1 "two: No such file or directory" -a two echo
	fails 1 "two: No such file or directory" -a one -a two echo
	fails 1 "two: No such file or directory" echo :::: two
	fails 1 "two: No such file or directory" echo :::: one two
	fails 1 "two: No such file or directory" -a one echo ::: a :::: two
	fails 1 "two: No such file or directory" --header -a one -a two echo
	fails 1 "two: No such file or directory" --shuf -a one -a two echo
	fails 1 "one/x: Not a directory" -a one/x echo
	fails 1 ": No such file or directory" -a '' echo
}

@test "an unreadable file of items is said before any job runs" {
	can_be_user
	echo a >one
	for arguments in '-a locked echo' '-a one -a locked echo' 'echo :::: locked' 'echo :::: one locked'; do
		# shellcheck disable=SC2086 # several words
		run -1 --separate-stderr as_user "$PEXEC" -j1 $arguments
		assert_output ''
		assert_equal "$stderr" "pexec: locked: Permission denied"
	done
}

@test "a directory in the place of items is said before any job runs" {
	mkdir d
	echo a >one
	fails 1 "d: Is a directory" -a d echo
	fails 1 "d: Is a directory" -a one -a d echo
	fails 1 "d: Is a directory" echo :::: d
	fails 1 "d: Is a directory" echo :::: one d
	fails 1 "stdin: Is a directory" echo <d
	fails 1 "stdin: Is a directory" -a - echo <d
}

@test "a file that fails in the middle of reading: what came before runs, status 1" {
	printf '1\n2\n3\n' >good
	for options in '' '-n 1' '-n 2' '-n 3' '-n 9' -X '-C ,' '--trim lr'; do
		# shellcheck disable=SC2086 # an option and its argument, or none
		run -1 --separate-stderr "$PEXEC" -j1 $options -a good -a /proc/self/mem printf '%s\n'
		assert_output $'1\n2\n3'
		assert_equal "$stderr" "pexec: reading /proc/self/mem: Input/output error"
	done
	run -1 --separate-stderr "$PEXEC" -j1 -a good -a /proc/self/mem echo ::: x
	assert_output $'1 x\n2 x\n3 x'
	assert_equal "$stderr" "pexec: reading /proc/self/mem: Input/output error"
}

@test "a read error counts more than a failed job" {
	echo a >good
	run -1 "$PEXEC" -j1 -a good -a /proc/self/mem false
}

@test "a list or a queue to be shuffled that cannot be read: nothing runs, status 1" {
	echo a >good
	fails 1 "reading /proc/self/mem: Input/output error" echo :::: good /proc/self/mem
	fails 1 "reading /proc/self/mem: Input/output error" --shuf -a good -a /proc/self/mem echo
	fails 1 "reading /proc/self/mem: Input/output error" --header -a /proc/self/mem echo
	fails 1 "reading stdin: Input/output error" --shuf echo </proc/self/mem
}

@test "a file that goes away before its turn: what came before runs, status 1" {
	printf '1\n' >one
	printf '2\n' >two
	run -1 --separate-stderr "$PEXEC" -j1 -a one -a two sh -c 'rm -f two; echo $0'
	assert_output 1
	assert_equal "$stderr" "pexec: reading two: No such file or directory"
}

@test "stdin that cannot be read: status 1 and the reason" {
	run -1 --separate-stderr "$PEXEC" echo </proc/self/mem
	assert_equal "$stderr" "pexec: reading stdin: Input/output error"
}

@test "a socket that is reset: what came before runs, status 1, whatever -j is" {
	python3 -c 'import socket' 2>/dev/null || skip "needs python3"
	cat >reset <<-'PYTHON'
		import os, socket, subprocess, sys
		ours, theirs = socket.socketpair()
		theirs.send(b"never read")
		ours.send(b"1\n")
		run = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=subprocess.PIPE)
		line = run.stdout.readline()
		ours.close()  # with something unread: that resets it
		sys.stdout.buffer.write(line + run.stdout.read())
		sys.exit(run.wait())
	PYTHON
	for jobs in 1 4; do
		run -1 --separate-stderr python3 reset "$PEXEC" -j$jobs echo
		assert_output 1
		assert_equal "$stderr" "pexec: reading stdin: Connection reset by peer"
	done
}

@test "failing one item never fails another" {
	run -123 --separate-stderr "$PEXEC" -q -j1 sh -c '[ $0 != 2 ] && echo $0' ::: 1 2 3
	assert_output $'1\n3'
	assert_equal "$stderr" ''
	run -123 --separate-stderr "$PEXEC" -q -j1 sh -c 'echo $0; kill -9 $$' ::: 1 2
	assert_output $'1\n2'
	assert_equal "$stderr" "pexec: job 1 (1): killed by signal 9 (Killed)
pexec: job 2 (2): killed by signal 9 (Killed)"
}

@test "items and commands in messages: control characters escaped, long ones cut" {
	local long
	printf -v long '%0100d' 0
	run -123 --separate-stderr "$PEXEC" -j1 '{}' ::: $'./\e[31m' $'./a\nb\tc' $'./\377' "./$long"
	assert_equal "${#stderr_lines[@]}" 4
	assert_equal "${stderr_lines[0]}" 'pexec: job 1 (./\^[[31m): cannot run ./\^[[31m: No such file or directory'
	assert_equal "${stderr_lines[1]}" 'pexec: job 2 (./a\nb\tc): cannot run ./a\nb\tc: No such file or directory'
	assert_equal "${stderr_lines[2]}" 'pexec: job 3 (./\M^?): cannot run ./\M^?: No such file or directory'
	assert_equal "${stderr_lines[3]}" "pexec: job 4 (./${long:0:61}...): cannot run ./${long:0:61}...: No such file or directory"
}

@test "names beyond ASCII are shown in a UTF-8 locale, what makes them lie is escaped; elsewhere all is" {
	local name='Größe 日本.txt' override=$'\xe2\x80\xae' locale long
	fails 1 'Gr\M-C\M-6\M-C\M^_e \M-f\M^W\M-%\M-f\M^\\M-,.txt: No such file or directory' -a "$name" echo
	for locale in C.UTF-8 en_GB.utf8; do
		export LC_ALL=$locale
		fails 1 "$name: No such file or directory" -a "$name" echo
		fails 1 "a\\M-b\\M^@\\M-.fdp.exe: No such file or directory" -a "a${override}fdp.exe" echo
		run -123 --separate-stderr "$PEXEC" -j1 --summary sh -c 'exit 1' ::: "$name"
		assert_equal "$(grep -cF "$name" <<<"$stderr")" 2
	done
	# 63 bytes: 21 characters, or 20 behind a byte.
	printf -v long '日%.0s' {1..30}
	run -123 --separate-stderr "$PEXEC" -j1 sh -c 'kill -9 $$' ::: "$long" "x$long"
	assert_equal "${stderr_lines[0]}" "pexec: job 1 ($(printf '日%.0s' {1..21})...): killed by signal 9 (Killed)"
	assert_equal "${stderr_lines[1]}" "pexec: job 2 (x$(printf '日%.0s' {1..20})...): killed by signal 9 (Killed)"
}

@test "the locale changes nothing but messages: columns, quotes and items are bytes" {
	printf 'ö.\377\n' >items
	run -0 "$PEXEC" --dry-run -C '[.]' echo <items
	local plain=$output
	LC_ALL=C.UTF-8 run -0 "$PEXEC" --dry-run -C '[.]' echo <items
	assert_equal "$output" "$plain"
	assert_output --partial "'ö' '$(printf '\377')'"
}

@test "the command in a message: control characters escaped" {
	fails 127 'cannot run ./\^[[31m: No such file or directory' $'./\e[31m' ::: a
	printf 'x' >$'script\e'
	chmod +x $'script\e'
	fails 126 'cannot run ./script\^[: Exec format error (a script needs a #! line)' $'./script\e' ::: a
}

@test "names of files in messages: control characters escaped" {
	fails 1 'a\^[[31m: No such file or directory' -a $'a\e[31m' echo
	fails 1 'a\nb: No such file or directory' echo :::: $'a\nb'
}

@test "stdout full: said once, status 1, also with -u and --dry-run" {
	for options in '' --dry-run; do
		# shellcheck disable=SC2086 # an option, or none
		run bash -c 'seq 100 | "$@" >/dev/full' bash "$PEXEC" -j4 $options echo
		assert_failure 1
		assert_output "pexec: writing output: No space left on device"
	done
	run bash -c 'echo a | "$@" >/dev/full' bash "$PEXEC" -u echo
	assert_failure 123
	assert_output --partial "No space left on device"
}

@test "a job's stderr goes to stderr also when stdout is full" {
	run bash -c '"$@" 2>&1 >/dev/full' bash "$PEXEC" sh -c 'echo to stderr >&2' ::: a
	assert_success
	assert_output "to stderr"
}

@test "the reader of stdout gone: ends quietly, soon, and by SIGPIPE" {
	for options in '' -u --dry-run; do
		# shellcheck disable=SC2086 # an option, or none
		run bash -c 'seq 1000000000 | "$@" | head -n 1; echo ${PIPESTATUS[1]}' bash "$PEXEC" -j2 $options echo x
		assert_success
		assert_line --index 0 --regexp '^(echo )?x [0-9]+$'
		assert_line --index 1 141
		assert_equal "${#lines[@]}" 2
	done
}
