#!/usr/bin/env bats
# --weight: jobs that take more than one slot.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets pid and waiting
# shellcheck disable=SC1083 # braces are for pexec
# shellcheck disable=SC2030,SC2031 # each test has lines of its own

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# A job that says its name, and waits at its fifo.
waits='echo "$0" >>started; read -r x <"go$0" || :'

@test "a job starts when the slots that it takes are free, in the order of the queue" {
	gates 1 2 3 4
	start "$PEXEC" --ctl S -j4 -C , --weight {2} sh -c "$waits" {1} <<<$'1,2\n2,1\n3,2\n4,1'
	# Three of four are taken: the third job does not fit, and the fourth does not go before it.
	wait_until has_started 1 2
	wait_until sleeps
	has_started 1 2
	echo >go2
	wait_until has_started 1 2 3
	echo >go1
	wait_until has_started 1 2 3 4
	printf '\n' | tee go3 go4
	ends 0
}

@test "one that takes more than there are runs alone" {
	gates 1 2 3
	start "$PEXEC" --ctl S -j2 -C , --weight {2} sh -c "$waits" {1} <<<$'1,1\n2,9\n3,1'
	wait_until has_started 1
	echo >go1
	wait_until has_started 1 2
	ctl slots 5
	wait_until sleeps
	has_started 1 2
	ctl slots 10
	wait_until has_started 1 2 3
	printf '\n' | tee go2 go3
	ends 0
}

@test "what the next job waits for is told, and with --verbose said" {
	gates 1 2
	start "$PEXEC" --ctl S -t -j4 -C , --weight {2} sh -c "$waits" {1} <<<$'1,2\n2,3' 2>messages
	wait_until tells '"reason":"waits for slots: 2 of 3"' status --json
	wait_until tells '; waits for slots: 2 of 3' status
	wait_until grep -qx 'pexec: waits for slots: 2 of 3' messages
	echo >go1
	wait_until has_started 1 2
	wait_until tells '"reason":null' status --json
	echo >go2
	ends 0
	# All are taken: that it waits for one is nothing to tell.
	rm go? started
	gates 1 2
	start "$PEXEC" --ctl S -j2 -C , --weight {2} sh -c "$waits" {1} <<<$'1,2\n2,2'
	wait_until has_started 1
	wait_until sleeps
	tells '"reason":null' status --json
	echo >go1
	echo >go2
	ends 0
}

# What 400 jobs of random weights take at a time is never more than the slots, but for a heavy one alone.
many() {
	local i
	for ((i = 0; i < 400; i++)); do echo "$((i * 7 % 13 % 6 + 1))"; done >queue
	run -0 "$PEXEC" -j4 "$@" --weight {} sh -c 'echo "+ $0" >>taken; echo "- $0" >>taken; echo $0' <queue
	[ "${#lines[@]}" = 400 ]
	awk '{ n += $1 == "+" ? $2 : -$2; jobs += $1 == "+" ? 1 : -1 } n > 4 && jobs > 1 { exit 1 }' taken
}

@test "never more than there are, over many jobs" {
	many
}

@test "with -k, --retries and --key, and memory that others take, the run comes to its end" {
	many -k
	assert_output "$(cat queue)"
	run -0 "$PEXEC" -k -j4 --buffer 64k -C , --key {1} --weight {2} --retries 2 sh -c '
		[ $PEXEC_ATTEMPT = 2 ] || [ $2 != 1 ] || exit 1; head -c 40000 /dev/zero | tr "\0" x; echo; echo $2' {1} {2} {3} \
		<<<$'a,4,1\na,1,2\na,3,3\nb,1,4\nb,2,5\nc,9,6\nb,1,7\na,4,8\nc,1,9'
	assert_equal "$(grep -v x <<<"$output" | tr '\n' ' ')" '1 2 3 4 5 6 7 8 9 '
}

@test "a batch takes the sum, and what is no number fails" {
	run -123 "$PEXEC" -j4 -n2 --weight {} echo ::: 1 2 x 1 3
	assert_line 'pexec: job 2 (x): its --weight is no number from 1 on'
	assert_line '1 2'
	assert_line '3'
	run -0 "$PEXEC" -j4 --dry-run --weight 3 echo ::: a b
	assert_output $'echo a\necho b'
}
