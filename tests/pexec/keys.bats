#!/usr/bin/env bats
# --key: jobs that are not run at the same time.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets pid and waiting
# shellcheck disable=SC1083 # braces are for pexec
# shellcheck disable=SC2030,SC2031 # each test has lines of its own

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# A job that says its item, "HOST,NAME" as two arguments, and waits at the fifo goNAME.
waits='echo "$0 $1" >>started; read -r x <"go$1" || :'

@test "jobs whose key is busy step aside, and those behind them go first" {
	gates 1 2 3 4 5
	start "$PEXEC" --ctl S -j2 -C , --key {1} sh -c "$waits" {1} {2} <<<$'a,1\na,2\na,3\nb,4\nb,5'
	wait_until has_started 'a 1' 'b 4'
	# The two of a, and the one of b.
	wait_until tells '2 running, 0 done, 0 failed; 2 slots' status
	echo >go4
	wait_until has_started 'a 1' 'b 4' 'b 5'
	echo >go5
	echo >go1
	wait_until has_started 'a 1' 'b 4' 'b 5' 'a 2'
	echo >go2
	wait_until has_started 'a 1' 'b 4' 'b 5' 'a 2' 'a 3'
	echo >go3
	ends 0
}

@test "jobs that wait for their keys while slots are free are told, and with --verbose said" {
	gates 1 2 3 4
	start "$PEXEC" --ctl S -t -j2 -C , --key {1} sh -c "$waits" {1} {2} <<<$'a,1\na,2\na,3\nb,4' 2>messages
	wait_until has_started 'a 1' 'b 4'
	tells '"reason":null' status --json
	echo >go4
	wait_until tells '"reason":"waits for keys: 2 jobs"' status --json
	wait_until grep -qx 'pexec: waits for keys: 2 jobs' messages
	echo >go1
	wait_until has_started 'a 1' 'b 4' 'a 2'
	wait_until tells '; waits for keys: 1 job' status
	echo >go2
	echo >go3
	ends 0
	assert_equal "$(grep -c 'waits for' messages)" 1
}

@test "--per-key: so many of each at a time" {
	gates 1 2 3 4 5
	start "$PEXEC" -j4 -C , --key {1} --per-key 2 sh -c "$waits" {1} {2} <<<$'a,1\na,2\na,3\na,4\nb,5'
	wait_until has_started 'a 1' 'a 2' 'b 5'
	echo >go2
	wait_until has_started 'a 1' 'a 2' 'b 5' 'a 3'
	echo >go1
	wait_until has_started 'a 1' 'a 2' 'b 5' 'a 3' 'a 4'
	printf '\n' | tee go3 go4 go5
	ends 0
}

# A thousand short jobs of five keys: the lock of a key is never taken twice.
many() {
	local i
	mkdir locks
	for ((i = 0; i < 1000; i++)); do echo "k$((i * 7 % 11 % 5)),$i"; done >queue
	run -0 "$PEXEC" -j8 "$@" -C , --key {1} sh -c 'mkdir locks/$0 && rmdir locks/$0 && echo $0 $1' {1} {2} <queue
	[ "${#lines[@]}" = 1000 ]
}

@test "never two of a key at once, and the order within a key is kept" {
	many
	for key in k0 k1 k2 k3 k4; do
		grep "^$key " <<<"$output" | cut -d' ' -f2 | sort -nc
	done
}

@test "-k: the output is in the order of the queue all the same" {
	many -k
	assert_equal "$(cut -d' ' -f2 <<<"$output")" "$(seq 0 999)"
}

@test "-k: the first job is one that has stepped aside, and all memory is taken by others" {
	run -0 "$PEXEC" -k -j2 --buffer 64k -C , --key {1} sh -c 'head -c 40000 /dev/zero | tr "\0" x; echo; echo $1' {1} {2} \
		<<<$'a,1\na,2\na,3\nb,4\nb,5\nc,6\nb,7\na,8\nc,9'
	assert_equal "$(grep -v x <<<"$output" | tr '\n' ' ')" '1 2 3 4 5 6 7 8 9 '
}

@test "a job keeps its key over all of its attempts" {
	run -0 "$PEXEC" -j3 -C , --key {1} --retries 3 --retry-delay 50ms --drop-retried sh -c '
		echo $1 >>tried; [ $1 != 1 ] || [ $PEXEC_ATTEMPT = 3 ] || exit 1; echo $1' {1} {2} <<<$'a,1\na,2\nb,3'
	assert_equal "$(grep -v 3 tried | tr '\n' ' ')" '1 1 1 2 '
}

@test "a run that ends early leaves those that have stepped aside, and goes on with them" {
	gates 1 2 3 4
	start "$PEXEC" --ctl S -j2 -C , --key {1} --joblog log sh -c "$waits" {1} {2} <<<$'a,1\na,2\na,3\nb,4' 2>messages
	wait_until has_started 'a 1' 'b 4'
	ctl drain
	printf '\n' | tee go1 go4
	ends 125
	assert_equal "$(cat messages)" 'pexec: drained: 2 jobs left for another run'
	: >started
	start "$PEXEC" -j2 -C , --key {1} --joblog log --resume sh -c "$waits" {1} {2} <<<$'a,1\na,2\na,3\nb,4'
	wait_until has_started 'a 2'
	echo >go2
	wait_until has_started 'a 2' 'a 3'
	kill "$pid"
	ends 143
	assert_equal "$(cut -f1 log)" "$(printf '%s\n' Seq 1 4 2)" || assert_equal "$(cut -f1 log)" "$(printf '%s\n' Seq 4 1 2)"
}

@test "jobs that are added have a key, too; and the key may be of several items" {
	gates a b
	start "$PEXEC" --ctl S -j3 --key 'same' sh -c "$waiting" ::: a 2>messages
	wait_until has_started a
	ctl add b
	wait_until tells '1 running, 0 done, 0 failed, 1 left' status
	echo >goa
	wait_until has_started a b
	echo >gob
	ends 0
	run -0 "$PEXEC" -j3 -n2 --key {} echo ::: a b a b c
	assert_equal "$(sort <<<"$output")" $'a b\na b\nc'
}

@test "ten thousand may have stepped aside, and the one behind them goes first" {
	gates a b
	{
		yes a | head -n 10000
		echo b
	} >queue
	start "$PEXEC" --ctl S -j2 --key {} -a queue sh -c "$waiting"
	wait_until has_started a b
	kill "$pid"
	ends 143
}

@test "with --order, and with lists" {
	: >log
	run -0 "$PEXEC" -k -j3 --order longest=log --key {2} echo {1} {2} ::: a b ::: 1 2
	assert_output $'a 1\na 2\nb 1\nb 2'
	run -1 "$PEXEC" --per-key 2 echo ::: a
	assert_output 'pexec: --per-key is about --key: it is missing'
}
