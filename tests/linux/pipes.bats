#!/usr/bin/env bats
# Pipes that hold more, for jobs that print much.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# A job that prints so much, then how much the pipe of its stdout holds, and fails: prints_pipe BYTES OPTION...
prints_pipe() {
	local bytes=$1
	shift
	# 1032 is F_GETPIPE_SZ.
	"$PEXEC" -q "$@" sh -c 'head -c "$0" /dev/zero; perl -e "print STDERR fcntl(STDOUT, 1032, 0), q( )"; exit 1' ::: "$bytes" |
		cat >/dev/null
}

# Jobs that print much, and then how much the pipe holds that pexec writes to; before that it held so much:
# own_pipe BYTES OPTION...
own_pipe() {
	perl -e 'pipe my $read, my $write; fcntl $write, 1031, 0 + shift; open STDOUT, ">&", $write; system @ARGV;
		print STDERR fcntl($write, 1032, 0)' "$1" "$PEXEC" "${@:2}" head -c 300000 ::: /dev/zero
}

needs_wide_pipes() {
	[ "$(id -u)" = 0 ] || skip "a user may have no more of it"
	perl -e 'pipe my $read, my $write; exit fcntl($write, 1031, 1048576) != 1048576' || skip "pipes are as they are here"
}

@test "a job that prints much gets a pipe that holds more, the less of it the more slots there are" {
	needs_wide_pipes
	run prints_pipe 1000
	assert_output '65536 '
	run prints_pipe 600000 -j8
	assert_output '1048576 '
	run prints_pipe 600000 -j9
	assert_output '524288 '
	run prints_pipe 600000 -j129
	assert_output '65536 '
	run prints_pipe 600000 -j8 --retries 2
	assert_output '1048576 1048576 '
	# So does our own; what somebody has made larger, or nothing is written to, stays as it is.
	run own_pipe 65536 -j9
	assert_output 524288
	run own_pipe 1048576 -j9
	assert_output 1048576
	run own_pipe 65536 --results table.csv
	assert_output 65536
}

@test "a job of a slot that was added later gets a pipe for the slots that there are then" {
	needs_wide_pipes
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j1 --ctl socket -a items sh -c 'head -c 600000 /dev/zero; exec perl -e "print STDERR fcntl(STDOUT, 1032, 0)"' >/dev/null 2>err
	wait_until test -S socket
	"$PEXEC" --ctl socket slots 9
	echo a >&5
	wait_until test -s err
	exec 5>&-
	ends 0
	assert_equal "$(cat err)" 524288
}

# --- blocks of the input ---

@test "a file whose size the system does not know is read as a pipe is" {
	run -0 "$PEXEC" --pipe -a /proc/cpuinfo wc -l
	assert_output "$(wc -l </proc/cpuinfo)"
}

@test "a job cannot change its block for another attempt" {
	run -0 "$PEXEC" --pipe -q --retries 2 --drop-retried \
		-c '[ "$PEXEC_ATTEMPT" = 2 ] || { echo x >/dev/stdin; exit 1; } 2>/dev/null; wc -c' < <(seq 100000)
	assert_output 588895
}
