#!/usr/bin/env bats
# A job starts where the machine has room for it: --memfree, --memsuspend, --load, --pressure, --limit.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets pid, nap and waiting

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control
load ../lib/room

# Starts a run that listens on S, on a machine that is made up: serve_on FILE=OURS... -- ARGUMENT...
serve_on() {
	local files=()
	while [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	shift
	start_made_up "${files[@]}" -- "$PEXEC" --ctl S "$@"
	wait_until listens
}

start_made_up() {
	made_up "$@" <&0 3>&- 4>&- 5>&- 6>&- 2>messages &
	pid=$!
}

@test "--memfree: no job starts while less is free; one always may run" {
	needs_made_up_machine
	gates 1 2 3
	free_memory 1228
	serve_on /proc/meminfo=meminfo -- -j3 --memfree 2g sh -c "$waiting" ::: 1 2 3
	wait_until tells "waits for memory: 1.2 of 2 GiB" status
	wait_until tells '"reason":"waits for memory: 1.2 of 2 GiB"' status json
	wait_until has_title 'waits for memory: 1.2 of 2 GiB'
	has_started 1
	assert_equal "$(cat messages)" "pexec: waits for memory: 1.2 of 2 GiB"
	free_memory 9000
	wait_until has_started 1 2 3
	wait_until tells '"reason":null' status json
	printf '\n' | tee go1 go2 go3
	ends 0
}

# Gives the items to a run that reads the fifo `queue`, each when the one before has written a line to `started`: so
# the last one is the youngest. feed ITEM...
feed() {
	local count=0
	exec 5>queue
	for item; do
		echo "$item" >&5
		count=$((count + 1))
		wait_until has_lines "$count" started
	done
	exec 5>&-
}

has_title() {
	[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == *"$1"* ]]
}

@test "--memfree: of the jobs that have just started each counts as if it had taken its memory" {
	needs_made_up_machine
	gates 1 2 3 4 5 6
	# They sleep, and take next to nothing: it is always 100 MiB that are free.
	free_memory 100
	serve_on /proc/meminfo=meminfo -- -j6 --memfree 24m sh -c "$waiting" ::: 1 2 3 4 5 6
	wait_until tells "waits for memory" status
	has_started 1 2 3 4
	# One ends, and tells what jobs really take: the others are less than that, too.
	echo >go1
	wait_until has_started 1 2 3 4 5 6
	printf '\n' | tee go2 go3 go4 go5 go6
	ends 0
}

@test "--memfree-kill: the youngest is put back, and that is no attempt" {
	needs_made_up_machine
	mkfifo go1 go2 go3 queue
	free_memory 1000
	start_made_up /proc/meminfo=meminfo -- "$PEXEC" -a queue -j3 --memfree 100m --memfree-kill --joblog log sh -c '
		echo "$0 $PEXEC_ATTEMPT" >>started; echo "out $0"; read -r x <"go$0"' >output
	feed 1 2 3
	free_memory 40
	# One each second, and the last one stays.
	wait_until grep -qx 'pexec: job 2: ended, to be started again later: memory is short' messages
	grep -qx 'pexec: job 3: ended, to be started again later: memory is short' messages
	free_memory 1000
	wait_until has_lines 5 started
	assert_equal "$(sort started)" "$(printf '%s\n' '1 1' '2 1' '2 1' '3 1' '3 1')"
	printf '\n' | tee go1 go2 go3
	ends 0
	# What they had printed is printed once, and each has its line.
	assert_equal "$(sort output)" "$(printf 'out %s\n' 1 2 3)"
	assert_equal "$(cut -f1,7 log | sort)" "$(printf '%s\t%s\n' 1 0 2 0 3 0 Seq Exitval)"
}

@test "--memfree-kill: a job that was put back, and is not started again, is one that was begun" {
	needs_made_up_machine
	mkfifo go
	free_memory 1000
	start_made_up /proc/meminfo=meminfo -- "$PEXEC" -j2 --delay 100ms --memfree 100m --memfree-kill \
		--next 'test -e given && exit 1; >given; seq 3' --back 'echo "$PEXEC_ITEM $PEXEC_ATTEMPT" >>acks' sh -c 'echo >>started; : <go'
	wait_until has_lines 2 started
	free_memory 40
	wait_until grep -qx 'pexec: job 2: ended, to be started again later: memory is short' messages
	kill -TERM "$pid"
	ends 143
	assert_equal "$(sort acks)" $'1 1\n2 1\n3 0'
}

@test "--memsuspend: the youngest is stopped with its group, and goes on when there is room" {
	needs_made_up_machine
	mkfifo queue
	free_memory 1000
	start_made_up /proc/meminfo=meminfo -- "$PEXEC" -a queue -j2 --memsuspend 100m sh -c '
		echo "$0 $$" >>started; sleep '"$nap"' & wait'
	feed 1 2
	free_memory 150
	local second
	second=$(sed -n 's/^2 //p' started)
	wait_until all_are T "$second"
	all_are S "$(sed -n 's/^1 //p' started)"
	free_memory 1000
	wait_until all_are S "$second"
	assert_equal "$(cat messages)" "pexec: job 2: suspended, as memory is short
pexec: job 2: goes on"
	# One that is stopped can be ended, too.
	free_memory 150
	wait_until all_are T "$second"
	kill "$pid"
	ends 143
	none_left
}

# All processes of a group are in this state: all_are STATE GROUP
all_are() {
	local states
	states=$(ps -eo pgid=,state= | awk -v group="$2" '$1 == group { print $2 }')
	[ -n "$states" ] && [ "$(sort -u <<<"$states")" = "$1" ]
}

@test "--memsuspend: no job starts while less than twice that is free, also without --memfree" {
	needs_made_up_machine
	gates 1 2
	free_memory 199
	serve_on /proc/meminfo=meminfo -- -j2 --memsuspend 100m sh -c "$waiting" ::: 1 2
	wait_until tells 'waits for memory: 199 of 200 MiB' status
	has_started 1
	free_memory 500
	wait_until has_started 1 2
	printf '\n' | tee go1 go2
	ends 0
}

@test "--memsuspend: where the others have ended, what is stopped goes on" {
	needs_made_up_machine
	gates 1 2
	free_memory 1000
	mkfifo queue
	start_made_up /proc/meminfo=meminfo -- "$PEXEC" -a queue -j2 --memsuspend 100m sh -c "$waiting"
	feed 1 2
	free_memory 150
	wait_until grep -q 'job 2: suspended' messages
	echo >go1
	wait_until grep -q 'job 2: goes on' messages
	echo >go2
	ends 0
}

@test "ps shows what jobs wait for that is not the machine, too" {
	gates 1 2
	start "$PEXEC" -j2 --weight 2 sh -c "$waiting" ::: 1 2
	wait_until has_started 1
	kill -USR1 "$pid"
	wait_until has_title 'waits for slots: 1 of 2'
	echo >go1
	echo >go2
	ends 0
}

@test "--load: the processes that run at this instant" {
	needs_made_up_machine
	gates 1 2
	printf 'procs_running 5\nprocs_blocked 1\n' >stat
	serve_on /proc/stat=stat -- -j2 --load 5 sh -c "$waiting" ::: 1 2
	wait_until tells "waits for load: 5 of 5" status
	has_started 1
	printf 'procs_running 5\nprocs_blocked 0\n' 1<>stat
	wait_until has_started 1 2
	printf '\n' | tee go1 go2
	ends 0
}

@test "--pressure: of this machine" {
	needs_made_up_machine
	[ -e /proc/pressure/io ] || skip "this kernel does not tell it"
	gates 1 2
	echo 'some avg10=12.50 avg60=0.00 avg300=0.00 total=0' >io
	serve_on /proc/pressure/io=io -- -j2 --pressure io:10 --pressure cpu:100% sh -c "$waiting" ::: 1 2
	wait_until tells "waits for io pressure: 12.5% of 10%" status
	has_started 1
	echo 'some avg10=09.50 avg60=0.00 avg300=0.00 total=0' 1<>io
	wait_until has_started 1 2
	printf '\n' | tee go1 go2
	ends 0
}

@test "--limit: 0 lets a job start, 1 none, and 2 puts the youngest back" {
	gates 1 2 3
	echo 1 >verdict
	start "$PEXEC" --ctl S -j3 --limit 'exit $(cat verdict)' sh -c "$waiting" ::: 1 2 3 2>messages
	wait_until tells "waits for --limit" status
	has_started 1
	echo 0 >verdict
	wait_until has_started 1 2 3
	printf '\n' | tee go1 go2 go3
	ends 0
	rm -f go? messages
	gates 1 2 3
	echo 0 >verdict
	start "$PEXEC" -j3 --limit 'exit $(cat verdict)' sh -c "$waiting" ::: 1 2 3 2>messages
	wait_until has_started 1 2 3
	kill "$pid"
	ends 143
}

@test "--limit: the youngest is put back while another one wants to start" {
	gates 1 2 3
	start "$PEXEC" -j3 --limit '[ -e over ] && exit 2 || [ ! -s started ] || [ $(wc -l <started) -lt 2 ]' \
		sh -c "$waiting" ::: 1 2 3 2>messages
	wait_until has_lines 2 started
	touch over
	# Which of the two is the younger one is as it came.
	wait_until grep -q 'job [12]: ended, to be started again later: --limit asks for it' messages
	rm over
	: >started
	wait_until has_lines 2 started
	printf '\n' | tee go1 go2 go3
	ends 0
}

@test "--limit: a command that fails is the reason" {
	gates 1 2
	start "$PEXEC" --ctl S -j2 --limit 'exit 3' sh -c "$waiting" ::: 1 2
	wait_until tells "waits for --limit: ended with status 3" status
	echo >go1
	wait_until has_started 1 2
	echo >go2
	ends 0
}

@test "--limit: a command that hangs is said, and is killed with its group when its answer does not matter any more" {
	gates 1 2
	mkfifo queue
	start "$PEXEC" --ctl S -a queue -j2 --limit "sleep $nap & wait" sh -c "$waiting" 2>messages
	exec 5>queue
	printf '1\n2\n' >&5
	wait_until naps 1
	wait_until tells "waits for --limit" status
	# One job always may run, and it is the other slot that does.
	echo >go1
	wait_until has_started 1 2
	# The queue is over: there is no job that it could let start.
	exec 5>&-
	echo >go2
	ends 0
	none_left
	: >started
	# Nothing more is to be started, and the job that runs may take as long as it likes.
	start "$PEXEC" --ctl S -j2 --limit "sleep $nap & wait" sh -c "$waiting" ::: 1 2 3 2>messages
	wait_until naps 1
	ctl drain
	wait_until naps 0
	wait_until has_started 1
	wait_until tells '1 running' status
	echo >go1
	ends 125
	none_left
}

@test "what cannot be is said" {
	run -1 "$PEXEC" --load x true
	assert_output --partial "--load x: not a number of processes, or N% of the CPUs"
	run -1 "$PEXEC" --pressure disk:3 true
	assert_output --partial "--pressure disk:3: not cpu:N, memory:N or io:N"
	run -1 "$PEXEC" --memfree-kill true ::: 1
	assert_output "pexec: --memfree-kill is about --memfree: it is missing"
}
