#!/usr/bin/env bats
# --order: jobs run in the order of how long they took in an earlier run.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets pid and waiting
# shellcheck disable=SC1083 # braces are for pexec

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# A line of a journal: line SEQ SECONDS STATUS COMMAND
line() {
	printf '%s\t:\t1000.000\t%10.3f\t0\t0\t%s\t0\t%s\n' "$@"
}

# A journal in which `echo a` took 1 second, `echo b` 3 and `echo c` 2.
journal() {
	printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n'
	line 1 1 0 'echo a'
	line 2 3 0 'echo b'
	line 3 2 0 'echo c'
}

@test "longest first, or shortest first; what is not known comes before these" {
	journal >log
	run -0 "$PEXEC" -j1 --order longest=log echo <<<$'a\nx\nb\ny\nc'
	assert_output $'x\ny\nb\nc\na'
	run -0 "$PEXEC" -j1 --order shortest=log echo ::: a x b y c
	assert_output $'x\ny\na\nc\nb'
	# Nothing to go by: the queue's order.
	: >empty
	run -0 "$PEXEC" -j1 --order longest=empty echo ::: a x b
	assert_output $'a\nx\nb'
	run -0 "$PEXEC" -j1 --order longest=log echo </dev/null
	assert_output ''
}

@test "the commands are what is compared, in whatever way they are made" {
	{
		line 9 5 0 'echo 1-p'
		line 1 9 0 'echo 2-q'
		line 2 7 0 "echo 'it is-r'"
	} >log
	run -0 "$PEXEC" -j1 -C , --order longest=log echo {1}-{2} <<<$'1,p\n2,q\nit is,r'
	assert_output $'2-q\nit is-r\n1-p'
	line 1 1 0 'echo a b' >log
	line 2 2 0 'echo c d' >>log
	run -0 "$PEXEC" -j1 -n2 --order longest=log echo ::: a b c d e
	assert_output $'e\nc d\na b'
	line 1 1 0 'echo a 1' >log
	line 2 2 0 'echo b 1' >>log
	run -0 "$PEXEC" -j1 --order longest=log echo {1} {2} ::: a b ::: 1 2
	assert_output $'a 2\nb 2\nb 1\na 1'
}

@test "of several times that of the last success counts" {
	{
		line 1 9 0 'echo a'
		line 2 5 0 'echo b'
		line 1 1 0 'echo a'
		line 2 8 1 'echo b'
		line 3 3 1 'echo c'
		line 3 7 1 'echo c'
		printf '4\t:\t1000.0'
	} >log
	run -0 "$PEXEC" -j1 --order longest=log echo ::: a b c
	assert_output $'c\nb\na'
}

@test "the jobs keep the numbers of the queue, in the journal that they are read from, too" {
	journal >log
	run -0 "$PEXEC" -j1 --order longest=log --joblog log sh -c 'echo "$PEXEC_SEQ $0"' ::: a b
	assert_output $'1 a\n2 b'
	journal >log
	run -0 "$PEXEC" -j1 --order longest=log --joblog log echo {} {#} ::: a b c
	assert_output $'a 1\nb 2\nc 3'
	journal >log
	run -0 "$PEXEC" -j1 --order longest=log --joblog log echo ::: a b c
	assert_output $'b\nc\na'
	run -0 cut -f1,9 log
	assert_output $'Seq\tCommand\n2\techo b\n3\techo c\n1\techo a'
}

@test "a run that was broken off goes on with the rest, in that order" {
	journal >old
	mkfifo fifo
	# These are not the same commands: the order is the queue's, and c hangs.
	start "$PEXEC" -j1 --order longest=old --joblog log sh -c '[ "$0" != c ] || read -r x <fifo' ::: a b c d
	wait_until has_lines 3 log
	kill "$pid"
	ends 143
	echo >fifo &
	run -0 "$PEXEC" -j1 -t --order longest=old --joblog log --resume sh -c '[ "$0" != c ] || read -r x <fifo' ::: a b c d
	wait
	assert_equal "$(cut -f1 log | sort)" "$(printf '%s\n' 1 2 3 4 Seq)"
	# Of a queue in which later jobs were done first the earlier ones are the rest.
	{
		line 2 3 0 'echo b'
		line 5 3 0 'echo e'
	} >log
	journal >old
	run -0 "$PEXEC" -j1 --order longest=old --joblog log --resume echo ::: a b c d e f
	assert_output $'d\nf\nc\na'
	# And another queue is not run at all.
	line 4 3 0 'echo b' >log
	run -1 "$PEXEC" -j1 --order longest=old --joblog log --resume echo ::: a b c d
	assert_output --partial 'the queue or the command is another one'
}

@test "what is left is told, and what is left when the run ends early" {
	: >log
	gates a b c
	start "$PEXEC" --ctl S -j1 --order longest=log sh -c "$waiting" <<<$'a\nb\nc' 2>messages
	wait_until tells '1 running, 0 done, 0 failed, 2 left' status
	ctl drain
	echo >goa
	ends 125
	assert_equal "$(cat messages)" "pexec: drained: 2 items not begun"
}

@test "a journal of GNU parallel is one, with its tabs in commands and its names in the middle" {
	{
		journal
		line 4 9 0 $'echo \'d\te\''
		line 5 0.5 -1 'echo e'
		journal
		printf '6\thost.example\t1795746030.456\t    12.605\t0\t2\t-1\t15\techo f\n'
	} >log
	run -0 "$PEXEC" -j1 --order longest=log echo ::: a b c d e f
	assert_output $'d\nf\nb\nc\na\ne'
	# As it is written today, where there is one.
	parallel=$(PATH=/usr/bin type -P parallel) && grep -q 'GNU Parallel' "$parallel" || return 0
	rm log
	"$parallel" --joblog log -j1 'sleep 0.{}' ::: 01 2 $'\t' >output 2>&1 || true
	run -0 "$PEXEC" -j1 -t --order longest=log sleep 0.{} ::: 01 2 02
	assert_output $'sleep 0.02\nsleep 0.2\nsleep 0.01'
}

@test "what is no journal is an error, with the line and the reason" {
	journal >log
	echo 'buy milk' >>log
	run -1 "$PEXEC" -j1 --order longest=log echo ::: a
	assert_output "pexec: --order: log: line 5 is not one of a journal: 'buy milk' is no Seq"
	printf 'milk' >log
	run -1 "$PEXEC" --order shortest=log echo ::: a
	assert_output "pexec: --order: log: line 1 is not one of a journal: 'milk' is no Seq"
	printf '1\t:\t12.5\n' >log
	run -1 "$PEXEC" --order longest=log echo ::: a
	assert_output "pexec: --order: log: line 1 is not one of a journal: 3 columns, where a job has 9 or 12"
	printf '1\t:\tnoon\t1\t0\t0\t0\t0\techo a\n' >log
	run -1 "$PEXEC" --order longest=log echo ::: a
	assert_output "pexec: --order: log: line 1 is not one of a journal: 'noon' is no Starttime"
	run -1 "$PEXEC" --order longest=/bin/sh echo ::: a
	assert_output --partial "pexec: --order: /bin/sh: line 1 is not one of a journal: "
	run -1 "$PEXEC" --order longest=. echo ::: a
	assert_output "pexec: --order: reading .: Is a directory"
}

@test "what cannot be is said" {
	run -1 "$PEXEC" --order longest=missing echo ::: a
	assert_output 'pexec: --order: missing: No such file or directory'
	run -0 "$PEXEC" --dry-run --order longest=missing --joblog missing echo ::: a
	assert_output 'echo a'
	run -1 "$PEXEC" --order biggest=x echo ::: a
	assert_output --partial 'not longest=JOURNAL or shortest=JOURNAL'
	run -1 "$PEXEC" --order longest=x --shuf echo ::: a
	assert_output 'pexec: --order and --shuf: the jobs have one order'
}
