#!/usr/bin/env bats
# How the journal is written: the system calls, and when it is made safe.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

@test "a line is one write, at the end of the file" {
	needs_plain_build "the runtime makes calls of its own"
	strace -f -o trace true || skip "strace cannot trace here"
	strace -f -s 200 -e trace=write,pwrite64,writev -o trace "$PEXEC" -j2 --joblog log true ::: a b
	assert_equal "$(grep -c 'write([0-9]*, "[12]\\t:.*true [ab]\\n"' trace)" 2
	run ! grep -q 'pwrite\|writev' trace
}

@test "--sync makes the journal safe before the end, many lines at a time" {
	needs_plain_build "the runtime makes calls of its own"
	strace -f -o trace true || skip "strace cannot trace here"
	mapfile -t items < <(seq 20)
	# On a slow disk: jobs end while it is written to.
	strace -f -s 200 -e trace=write,fdatasync -e inject=fdatasync:delay_exit=100000 -o trace "$PEXEC" -j2 --sync --joblog log true ::: "${items[@]}"
	assert_equal "$(wc -l <log)" 21
	# The last call comes after the last line.
	assert_equal "$(grep -n 'write(.*true [0-9]*\\n"\|fdatasync(' trace | tail -n 1 | grep -c 'fdatasync(')" 1
	[ "$(grep -c 'fdatasync(' trace)" -ge 1 ]
	[ "$(grep -c 'fdatasync(' trace)" -lt 20 ]
	strace -f -e trace=fdatasync,fsync -o trace "$PEXEC" -j2 --joblog log true ::: "${items[@]}"
	run ! grep -q sync trace
}
