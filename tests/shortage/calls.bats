#!/usr/bin/env bats
# Any call may fail: a sample of what make soak tries.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

# Sweeps, and shows what is wrong; runs wait as much as they work: sweep OPTION...
sweep() {
	needs_plain_build 'the runtime makes calls of its own'
	TMPDIR=$BATS_TEST_TMPDIR run "$BUILD/shortage/sweep" -p "$PEXEC" -w "$(($(nproc) + 2))" "$@"
	[ "$status" -ne 77 ] || skip "$output"
	assert_success
}

@test "a call fails: all is done, or a message says what is not" {
	sweep -o 1 -s 3
}

@test "a call that may be cut short is" {
	sweep -k short -o 1 -s 2
}

@test "SIGKILL before a call, and resumed: nothing recorded runs again, nothing is left out" {
	sweep -k KILL -o 2 -l 3
}

@test "SIGTERM before a call" {
	sweep -k TERM -o 2 -l 3
}

@test "SIGTERM after a call has failed ends the run within its grace" {
	sweep -k stop -c vfork,pipe2,mmap,openat,read,write -o 1 -m plain,keep,retries,journal
}

@test "a call fails, and so do those of its kind that follow for a while" {
	sweep -k lasting -c vfork,clone3,pipe2,mmap,openat,write,poll -o 1 -m plain,keep,line,folder,csv,journal,follow,source,next,back
}
