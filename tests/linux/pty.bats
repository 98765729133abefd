#!/usr/bin/env bats
# --pty where terminals are short.
# shellcheck disable=SC2016 # what stands in single quotes is for the inner shell to expand

bats_require_minimum_version 1.5.0
load ../lib/helper

# Runs a script as root of a mount namespace, where there are so many terminals: with_terminals N SCRIPT
with_terminals() {
	unshare -m true || skip "cannot make a mount namespace"
	run unshare -m sh -ec '
		mount -t devpts -o "newinstance,ptmxmode=666,max=$0" devpts /dev/pts
		mount --bind /dev/pts/ptmx /dev/ptmx
		eval "$1"' "$@"
}

@test "no terminals: each job fails, and is named" {
	unshare -m true || skip "cannot make a mount namespace"
	run -123 unshare -m sh -ec '
		mount -t tmpfs none /dev
		mknod -m 666 /dev/null c 1 3
		exec "$0" --pty -q -k -j1 touch ::: a b' "$PEXEC"
	assert_output 'pexec: job 1 (a): --pty: starting it in a terminal of its own: No such file or directory
pexec: job 2 (b): --pty: starting it in a terminal of its own: No such file or directory'
	[ ! -e a ]
}

@test "fewer terminals than slots: every job is done as others end, and that is said once" {
	export PEXEC
	with_terminals 2 '"$PEXEC" --pty -k -j5 -c "echo \$1; test -t 1; sleep 0.05" -- ::: 1 2 3 4 5 6 7 8 9 10'
	assert_success
	assert_equal "$(grep -v '^pexec: ' <<<"$output")" "$(seq 10)"
	assert_equal "$(grep '^pexec: ' <<<"$output")" \
		'pexec: no room for another job at the moment: No more terminals (--pty); trying again as jobs end, and every second'
}

@test "what waits for a terminal gets it when another program gives one back" {
	export PEXEC
	mkfifo fifo
	with_terminals 1 '
		python3 -c "import os, sys; ends = os.openpty(); print(1, flush=True); sys.stdin.read()" <fifo >opened &
		exec 3>fifo
		until [ -s opened ]; do sleep 0.02; done
		: >said
		"$PEXEC" --pty echo ::: a 2>said >out 3>&- &
		until grep -q "no room" said; do sleep 0.02; done
		exec 3>&-
		wait $!
		cat out' 3>&-
	assert_success
	assert_output a
}
