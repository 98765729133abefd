# A program under test in the background, and the processes of its jobs. Needs helper.bash.
# shellcheck disable=SC2154 # patience is set there

# So many seconds no other test sleeps: jobs that `sleep $nap` are found by it.
nap=9$$0${BATS_TEST_NUMBER:-0}

# What runs behind it can be stopped as from a terminal: in a group of its own.
# shellcheck disable=SC2034 # test files use it
own_group=(perl -e 'setpgrp; exec @ARGV')

# Starts a command in the background as if from a terminal: there SIGINT is not ignored. Sets pid.
start() {
	env --default-signal=INT,QUIT "$@" <&0 3>&- 4>&- 5>&- 6>&- &
	pid=$!
}

# All processes that pexec has started, whatever thread it was, in born. In the shell alone: it is quick to see
# them.
find_born() {
	local task list
	born=()
	for task in /proc/"$pid"/task/*/children; do
		list=()
		read -ra list <"$task" || true
		born+=("${list[@]}")
	done 2>/dev/null
}

# There is a process of a job, which may not be called so yet: a child of another thread than the main one, which
# starts the guardian.
job_is_born() {
	local task list=()
	for task in /proc/"$pid"/task/*; do
		[ "${task##*/}" = "$pid" ] || read -ra list <"$task/children" || true
		[ ${#list[@]} = 0 ] || return 0
	done 2>/dev/null
	return 1
}

# The processes of jobs that pexec has started: children, without its guardian.
children() {
	local born child name found=1
	find_born
	for child in "${born[@]}"; do
		read -r name <"/proc/$child/comm" || continue
		[[ "$name" != @(job|spare)-guardian ]] || continue
		echo "$child"
		found=0
	done 2>/dev/null
	return $found
}

# Only so many jobs run, and all that pexec does is wait: only_jobs N
only_jobs() {
	[ "$(children | wc -l)" = "$1" ] && ! grep -h '^State:' /proc/"$pid"/task/*/status | grep -qv 'S (sleeping)'
}

# Bash may miss the end of a child while it runs nothing but builtins: then a zombie is there until it waits.
is_over() {
	local line
	! read -r line 2>/dev/null <"/proc/$pid/stat" || [[ "${line##*) }" = [ZX]* ]]
}

# What has not ended: where its threads wait, and the processes that it has.
show_process() {
	head /proc/"$pid"/task/*/wchan
	ps -o pid,ppid,stat,wchan:24,args -p "$pid" --ppid "$pid"
}

# What was started ends by itself, with this status: ends STATUS
ends() {
	local status=0
	wait_until is_over || { show_process; return 1; }
	wait "$pid" || status=$?
	pid=
	assert_equal "$status" "$1"
}

# The processes with $nap in their command line, in found, and in napping those that are in their
# `sleep $nap`. As pgrep would find them, in a tenth of its time.
find_naps() {
	local process words
	found=() napping=()
	for process in /proc/[1-9]*; do
		mapfile -d '' -t words <"$process/cmdline" || continue
		[[ ${words[*]} == *"$nap"* ]] || continue
		found+=("${process#/proc/}")
		[[ ${words[*]} != "sleep $nap"* ]] || napping+=("${process#/proc/}")
	done 2>/dev/null
}

# So many jobs are in their `sleep $nap`: naps N
naps() {
	local found napping
	find_naps
	[ "${#napping[@]}" = "$1" ]
}

# No process of any job is left, and neither is pexec.
none_left() {
	local found napping
	find_naps
	[ "${#found[@]}" = 0 ] || fail "still there: $(ps -o pid=,args= -p "${found[*]}")"
}

# A file has so many lines, the last of them whole: has_lines N FILE. mapfile would count the part of a line
# that is being written, and, when it looks once more, the rest of it as another one.
has_lines() {
	[ "$(wc -l <"$2")" = "$1" ]
}

# A file has so many bytes: is_size N FILE
is_size() {
	[ "$(stat -c %s "$2")" = "$1" ]
}

# How many threads the program under test has
count_threads() {
	find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l
}

# fewer_threads N
fewer_threads() {
	[ "$(count_threads)" -lt "$1" ]
}

# The program has taken every signal that was sent to it.
signals_taken() {
	local lines
	mapfile -t lines <"/proc/$pid/status"
	[[ "${lines[*]} " =~ ShdPnd:[[:space:]]*0+' ' ]]
}

# All its threads sleep.
sleeps() {
	local line
	for line in /proc/"$pid"/task/*/stat; do
		read -r line <"$line" || continue
		[[ ${line##*) } == S* ]] || return 1
	done
}

# Everything that was written to the fifo of descriptor 5 has been read.
drained() {
	! read -r -t 0 -u 5
}

# A process is stopped: is_stopped PID
is_stopped() {
	local line
	read -r line <"/proc/$1/stat" && [[ ${line##*) } == T* ]]
}

# A process is traced: is_traced PID
is_traced() {
	grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"
}

# Opens a fifo that a job waits at, for as long as it takes the job to get there: release FIFO
release() {
	# shellcheck disable=SC2016 # the inner shell expands it
	timeout "$patience" sh -c ': >"$1"' sh "$1"
}

# Processes beside the program under test that must not outlive the test, whatever becomes of it.
others=()

teardown() {
	local found napping
	[ -z "${pid:-}${others[*]}" ] || kill -s KILL ${pid:+"$pid"} "${others[@]}" 2>/dev/null || true
	# What dies may have started another one that was not seen.
	while find_naps && [ ${#found[@]} -gt 0 ]; do
		kill -s KILL "${found[@]}" 2>/dev/null || true
	done
}
