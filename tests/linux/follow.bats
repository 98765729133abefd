#!/usr/bin/env bats
# --follow: what pexec learns about a rotated file by inotify and leases, and what it does without.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets job

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/follow

@test "a renamed file is read to its end, while somebody writes to it, and the new one beside it" {
	printf 'a\n' >q
	follow
	runs a
	exec 7>>q
	mv q q.1
	echo b >>q
	runs a b
	# Who had it open still writes to it.
	echo c >&7
	runs a b c
	printf d >&7
	echo e >>q
	runs a b c e
	has_open q.1
	# The last line has no newline, and none will come.
	exec 7>&-
	runs a b c e d
	wait_until not_open q.1
	drain
}

@test "a file that gets its name back is the one that is followed" {
	rotated_open
	mv q.1 q
	echo c >>q
	runs a b c
	exec 7>&-
	wait_until not_open 'q (deleted)'
	echo d >>q
	runs a b c d
	# Beside the name that it has.
	exec 7>>q
	mv q q.1
	echo e >q
	runs a b c d e
	ln -f q.1 q
	exec 7>&-
	wait_until not_open 'q (deleted)'
	echo f >>q
	runs a b c d e f
	drain
}

@test "a symbolic link that stands for an older file again" {
	echo a >one
	ln -s one q
	follow
	runs a
	exec 7>>one
	echo b >two
	ln -sfn two q
	runs a b
	ln -sfn one q
	exec 7>&-
	wait_until not_open two
	echo c >>one
	runs a b c
	drain
}

@test "a file that gets its name back when its last words were taken already" {
	mkfifo go
	printf 'a\nhold' >q
	follow
	runs a
	mv q q.1
	echo b >q
	runs a b hold
	mv q.1 q
	echo c >>q
	release go
	runs a b hold c
	wait_until not_open 'q (deleted)'
	echo d >>q
	runs a b hold c d
	drain
}

@test "rotated again and again while no slot is free: each line runs once" {
	mkfifo go
	printf 'hold\n' >q
	follow
	runs hold
	for i in {1..7}; do
		echo "$i" >>q
		mv q "q.$i"
	done
	mv q.1 moved
	mv q.2 q.1
	echo 8 >q
	rm q.7
	release go
	wait_until ran_all hold {1..6} 8
	wait_until sleeps
	drain
}

@test "many old files that somebody writes to take no descriptors from the slots" {
	local files=() file
	mkfifo go
	exec 8<>go
	start bash -c 'ulimit -n 110; exec "$@" 8>&-' bash "$PEXEC" -j20 --follow -a q \
		-c 'echo "$1" >>out; [ "$1" != hold ] || read -r _ <go' 2>err
	wait_until sleeps
	for i in {1..60}; do
		exec {file}>>q
		files+=("$file")
		echo "$i" >>q
		mv q "q.$i"
	done
	yes hold | head -n 20 >q
	wait_until eval '[ "$(sort -u out | wc -l)" = 61 ]'
	wait_until sleeps
	yes go | head -n 20 >&8
	wait_until has_lines 80 out
	drain
	for file in "${files[@]}"; do
		exec {file}>&-
	done
	exec 8>&-
	assert_equal "$(<err)" 'pexec: 6 slots instead of 20: only 110 open files are allowed (ulimit -n)'
}

@test "of a file that had the name and is gone unread it is told" {
	mkfifo go
	printf 'hold\n' >q
	follow 2>err
	runs hold
	mv q q.1
	echo lost >q
	rm q
	echo a >q
	release go
	runs hold a
	drain
	assert_equal "$(<err)" 'pexec: q: a file that had this name is gone, and was not read'
}

@test "it goes on in a file that was rotated meanwhile, and then in the new one" {
	broken_off
	echo c >>q
	mv q q.1
	echo d >q
	rm out
	follow --joblog log --resume
	runs c d
	wait_until not_open q.1
	wait_until journal_has a b c d
	# What is done with need not be there any more.
	murder
	rm q.1 out
	echo e >>q
	follow --joblog log --resume
	runs e
	drain
	assert_equal "$(recorded)" 'a b c d e'
}

@test "when an older file has its name back it goes on there" {
	rotated_open --joblog log
	wait_until journal_has a b
	mv q q.2
	mv q.1 q
	murder
	exec 7>&-
	echo c >>q
	follow --joblog log --resume
	runs a b c
	wait_until not_open q.2
	echo d >>q
	runs a b c d
	drain
}

@test "killed, rotated and resumed again, when an old file was let go in the midst of a newer one" {
	echo a >q
	follow --joblog log
	runs a
	exec 7>>q
	mv q q.1
	printf 'b\nc\n' >q
	runs a b c
	# Its last writer leaves it only now.
	exec 7>&-
	wait_until grep -q $'\t-1\t' log.position
	wait_until journal_has a b c
	murder
	mv q q.2
	echo d >q
	follow --joblog log --resume
	runs a b c d
	wait_until journal_has a b c d
	murder
	echo e >>q
	follow --joblog log --resume
	runs a b c d e
	drain
}

@test "--sync makes safe where jobs come from before they run" {
	needs_strace
	echo a >q
	strace -f -y -o trace -e trace=write,fdatasync,execve "$PEXEC" -j1 --follow -a q -E b --sync --joblog log true 3>&- &
	local tracer=$!
	wait_until journal_has a
	echo b >>q
	wait $tracer
	run sh -c "grep -n 'fdatasync.*position\|true' trace | grep -v '^1:' | head -n 3 | grep -c fdatasync"
	assert_output 2
}

@test "where the system does not tell of files they are looked at" {
	needs_strace
	mkfifo go
	strace -f -o trace -e trace=inotify_init1 -e inject=inotify_init1:error=EMFILE "$PEXEC" -j1 --follow -a q -E STOP -c "$job" 3>&- &
	local tracer=$!
	echo a >q
	runs a
	exec 7>>q
	echo b >&7
	runs a b
	mv q q.1
	echo c >q
	runs a b c
	echo d >&7
	runs a b c d
	exec 7>&-
	: >q
	echo e >>q
	runs a b c d e
	echo STOP >>q
	wait $tracer
}

@test "where it cannot be told who writes to a file, an old one is read for a while" {
	setpriv --bounding-set=-lease true || skip "it takes root to give up a capability"
	echo a >q
	chown 65534 q
	start setpriv --bounding-set=-lease "$PEXEC" -j1 --follow -a q -c "$job"
	runs a
	mv q q.1
	echo b >q
	runs a b
	# Nobody has the old file open, but that is not known.
	read -r -t 0.3 <> <(:) || true
	echo c >>q.1
	runs a b c
	drain
}

@test "without it nothing is watched" {
	needs_strace
	echo a >q
	strace -f -o trace -e trace=inotify_init1,inotify_add_watch "$PEXEC" -a q --joblog log true
	run ! grep -q inotify trace
	[ ! -e log.position ]
}

# The guardian ends the job that waits when pexec is killed.
@test "a run that was killed goes on with the next line, and runs again what ran" {
	mkfifo go
	printf 'a\nhold\nb\n' >q
	follow --joblog log
	runs a hold
	wait_until journal_has a
	murder
	echo c >>q
	rm out go
	follow --joblog log --resume
	runs hold b c
	wait_until journal_has a b c hold
	murder
	rm out
	follow --joblog log --resume
	echo d >>q
	runs d
	drain
	assert_equal "$(sed 1d log | cut -f 1 | sort | xargs)" '1 2 3 4 5'
}

@test "rotated while it ran, with a line in the old file that had not run" {
	mkfifo go
	printf 'a\nhold\n' >q
	follow --joblog log
	runs a hold
	wait_until journal_has a
	exec 7>>q
	mv q q.1
	echo b >q
	murder
	echo c >&7
	exec 7>&-
	rm go out
	follow --joblog log --resume
	wait_until ran_all hold b c
	wait_until journal_has a b c hold
	drain
}

@test "a last line that has lost its newline while no run followed is gone on with when it gets one" {
	printf 'a\nb\nc\n' >q
	follow --joblog log
	wait_until journal_has a b c
	murder
	printf 'a\nb\nc' >q
	rm out
	follow --joblog log --resume
	printf '\nd\n' >>q
	wait_until grep -qx d out
	drain
}
