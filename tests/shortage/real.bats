#!/usr/bin/env bats
# What pexec wants is not there: processes, descriptors, memory, room for files. Runs are judged as where calls are
# made to fail.
# shellcheck disable=SC2154 # tests/lib sets project
# shellcheck disable=SC2016 # the inner shell expands it

bats_require_minimum_version 1.5.0
load ../lib/helper

teardown() {
	[ -z "${group:-}" ] || rmdir "$group"
	! mountpoint -q "$BATS_TEST_TMPDIR/small" || umount "$BATS_TEST_TMPDIR/small"
}

# Runs modes with less of something than they want, as COMMAND makes it: short_of MODE,... [OPTION...] -- COMMAND...
short_of() {
	needs_plain_build 'the runtime has threads, memory and descriptors of its own'
	TMPDIR=$BATS_TEST_TMPDIR run "$BUILD/shortage/sweep" -w 4 -p "$PEXEC" -m "$@"
	assert_success
}

# Makes a folder that another user can work in, and to which he can come.
needs_other_user() {
	[ "$(id -u)" = 0 ] || skip 'needs root to become another user'
	needs_plain_build 'the runtime has threads, memory and descriptors of its own'
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$PEXEC" "$BUILD/shortage/job" .
	PEXEC=$PWD/pexec
	setpriv --reuid 54322 --clear-groups ./pexec --version || skip 'other users cannot run it here'
}

@test "processes of a user" {
	needs_other_user
	for most in 6 8; do
		short_of plain,keep,line,folder,csv,journal-keep,sync,batch,retries,retry-delay,follow,slots -w 1 -l 2 -j "$PWD/job" -- \
			setpriv --reuid 54322 --regid 54322 --clear-groups prlimit --nproc="$most"
	done
}

@test "processes of a cgroup" {
	local root=/sys/fs/cgroup
	[ ! -d $root/pids ] || root=$root/pids
	mkdir "$root/pexec-test-$$" 2>/dev/null || skip 'no cgroup can be made here'
	group=$root/pexec-test-$$
	[ -e "$group/pids.max" ] || skip 'cgroups have no limit of processes here'
	for most in 6 8 11; do
		echo "$most" >"$group/pids.max"
		short_of plain,keep,line,csv,journal,retry-delay,source,next,ctl,follow,daemon -w 1 -l 2 -- \
			sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group"
		wait_until grep -qx 0 "$group/pids.current"
	done
}

@test "descriptors" {
	for most in 12 16 20 30; do
		short_of plain,keep,line,ungrouped,tag,pty,slow-keep,folder,csv,journal-keep,sync,batch,retries,retry-delay,follow,source,next,slots,lock,delay -l 2 -- \
			prlimit --nofile="$most"
	done
}

@test "memory" {
	for most in 12 16 24 40 80; do
		short_of plain,keep,line,spill,spill-keep,folder,csv,journal,retries,follow,source,next,slots -- \
			prlimit --as=$((most * 1024 * 1024))
	done
}

@test "room for files" {
	local rest
	mkdir small
	mount -t tmpfs -o size=1m none small 2>/dev/null || skip 'no file system can be mounted here'
	mkdir -m 777 small/work
	for rest in 1 2 3 4 8 16 40 100; do
		short_of plain,spill,spill-keep,folder,csv,json,journal,sync,follow,retries,lock -w 1 -t "$PWD/small/work" -- \
			sh -c 'dd if=/dev/zero of=../ballast bs=4096 count="$0" 2>/dev/null; "$@"; status=$?; rm ../ballast; exit $status' "$((256 - rest))"
	done
}
