#!/usr/bin/env bats
# File systems that are full: nothing is lost, and nothing counts as done that is not on the disk.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run
# shellcheck disable=SC2086 # several options in one word

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/output
load ../lib/tables

# A file system of so many KiB at ./disk, in a namespace of its own: on_small_disk KIB SCRIPT
on_small_disk() {
	unshare --mount true 2>/dev/null || skip "needs the right to make a namespace"
	mkdir -p disk
	PEXEC=$PEXEC unshare --mount bash -c 'mount -t tmpfs -o size=$0k none disk && eval "$1"' "$@"
}

@test "a file system that is full: the reason is said, nothing is recorded that was not done, and the rest is run later" {
	# The items are long, so that few lines fill it.
	for i in {1..40}; do printf 'item%d-%0900d\n' "$i" 0; done >items
	run on_small_disk 16 '
		"$PEXEC" -j2 --joblog disk/log sh -c "echo \$0 >>ran; echo \$0" <items >out1 2>err
		echo "status $?"
		cp disk/log log
		tail -c 1 disk/log | od -An -c
		mount -o remount,size=1m disk
		"$PEXEC" -j2 --resume --joblog disk/log sh -c "echo \$0 >>ran; echo \$0" <items >out2
		echo "status $?"
		cp disk/log log2'
	assert_output $'status 1\n  \\n\nstatus 0'
	grep -q '^pexec: job [0-9]*: writing the journal: No space left on device$' err
	# All that the journal had was done, its output is there, and at most what ran then ran twice.
	sed 1d log | cut -f 9 | grep -o 'item.*' | sort >recorded
	[ -s recorded ]
	[ "$(wc -l <recorded)" -lt 40 ]
	run -0 comm -23 recorded <(sort out1)
	refute_output
	assert_equal "$(sed 1d log2 | cut -f 1 | sort -n)" "$(seq 40)"
	assert_equal "$(sort -u ran)" "$(sort items)"
	[ "$(wc -l <ran)" -le 42 ]
	run -0 comm -12 recorded <(sort out2)
	refute_output
}

@test "events on a file system that is full: whole lines, a message, and the run goes on to a status of 1" {
	on_small_disk 16 '
		status=0
		"$PEXEC" -j2 --events disk/events --report disk/trace.json sh -c "echo \$0 >>ran" ::: {1..200} 2>err || status=$?
		echo "status $status" >said
		cp disk/* .'
	assert_equal "$(cat said)" 'status 1'
	assert_equal "$(wc -l <ran)" 200
	for name in '--events disk/events' '--report disk/trace.json'; do
		grep -q "^pexec: $name: No space left on device; no more events are written$" err
	done
	assert_equal "$(wc -l <err)" 2
	assert_equal "$(tail -c 1 events)" ''
	run ! grep -v '^{.*}$' events
	run -0 python3 "$project/tests/lib/replay_events.py" --trace trace.json
	assert_output --regexp ' False$'
}

needs_tmpfs() {
	unshare --mount true 2>/dev/null || skip "needs the right to make a namespace"
}

# Runs pexec with a TMPDIR that holds 100 kB: in_small_tmp ARGUMENT...
in_small_tmp() {
	mkdir -p tmp
	unshare --mount sh -c 'mount -t tmpfs -o size=100k none tmp; TMPDIR=$PWD/tmp exec "$0" --buffer 100k "$@"' "$PEXEC" "$@"
}

# How often each line comes, without the tag of its job.
count_lines() {
	awk '{ if (substr($0, 2, 1) == "\t" && substr($0, 1, 1) == substr($0, 3, 1)) $0 = substr($0, 3); n[$0]++ }
		END { for (line in n) print n[line], line }' | sort -k 2
}

@test "a full TMPDIR loses nothing: not of stdout, not of stderr, in whatever order they come" {
	needs_tmpfs
	for options in '' -k --lb '-k --lb' --tag; do
		# shellcheck disable=SC2086 # several options
		in_small_tmp -j3 $options sh -c '
			for i in 1 2; do yes "$0 err $i" | head -n 6000 >&2; yes "$0 out $i" | head -n 6000; done' ::: 1 2 3 4 >out 2>err
		# Line by line there is hardly anything to keep.
		[ "$options" = --lb ] || assert_equal "$(grep -c 'no room to keep' err)" 1
		assert_equal "$(count_lines <out)" "$(printf '6000 %s\n' {1..4}' out '{1,2})"
		assert_equal "$(grep -v '^pexec: ' err | count_lines)" "$(printf '6000 %s\n' {1..4}' err '{1,2})"
		[[ $options = *lb* ]] || in_groups out
	done
}

# Runs pexec in a folder that holds so much: in_full_folder SIZE ARGUMENT...
in_full_folder() {
	unshare --mount true 2>/dev/null || skip "needs the right to make a namespace"
	mkdir -p full
	unshare --mount sh -c 'mount -t tmpfs -o size=$1 none full; shift; "$@"; status=$?; cp -r full/dir . ; exit $status' sh "$1" "$PEXEC" "${@:2}"
}

@test "--results DIR: a full disk there is said, ends the run, and nothing counts as complete" {
	run -1 --separate-stderr in_full_folder 100k -j1 --joblog log --results full/dir sh -c 'head -c 60000 /dev/zero | tr "\0" $0' ::: 1 2 3
	# What the jobs print arrives nevertheless.
	assert_equal "$(tr -s 1-3 <<<"$output")" 12
	assert_equal "$stderr" 'pexec: job 2: writing its results in full/dir/2: No space left on device'
	[ -e dir/1/exitval ]
	[ ! -e dir/2/exitval ]
	assert_equal "$(cut -f 1 log)" $'Seq\n1'
}

@test "--results DIR: a full disk ends the run as soon as a copy cannot be written, not with its job" {
	run -1 --separate-stderr in_full_folder 100k -j2 --results full/dir sh -c '[ $0 = 1 ] || head -c 200000 /dev/zero; exec sleep '"$nap" ::: 1 2 3
	assert_equal "$stderr" 'pexec: job 2: writing its results in full/dir/2: No space left on device'
	[ ! -e dir/1/exitval ] && [ ! -e dir/2/exitval ] && [ ! -e dir/3 ]
	none_left
}

@test "a full disk takes nothing from a table: half a record is taken off, and a resumed run adds the rest" {
	unshare --mount true 2>/dev/null || skip "needs the right to make a namespace"
	mkdir -p full
	for kind in "${kinds[@]}"; do
		rm -f log
		# What the records that fit, and the one that does not, leave of the job's lines.
		KIND=$kind run -0 --separate-stderr unshare --mount sh -c 'mount -t tmpfs -o size=32k none full
			run() { "$0" -j1 --joblog log "$@" --results full/table.$KIND sh -c "seq -f \"\$0 \\\"%g\" 1500" ::: 1 2 3 4 5; }
			run
			echo "status $?"
			cp full/table.$KIND torn.$KIND
			mount -o remount,size=1m none full
			run --resume
			echo "status $?"
			cp full/table.$KIND .' "$PEXEC"
		assert_output $'status 1\nstatus 0'
		assert_regex "$stderr" "^pexec: job [2-5]: writing its results in full/table\\.$kind: No space left on device$"
		assert_equal "$(tail -c 1 torn.$kind)" ''
	done
	read_tables {torn,table}.{csv,tsv,json}
	for i in 1 2 3 4 5; do printf '%s\n' "$i 0 0" $i "$(seq -f "$i \"%g" 1500)" '' ''; done >expected
	for kind in "${kinds[@]}"; do
		cmp table.$kind.read expected
		cmp -n "$(stat -c %s torn.$kind.read)" torn.$kind.read expected
	done
}
