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

# The processes of jobs that pexec has started: children, without its guardian.
children() {
	ps --ppid "$pid" -o pid=,comm= | awk '$2 != "job-guardian" { print $1; found = 1 } END { exit !found }'
}

is_over() {
	! kill -0 "$pid" 2>/dev/null
}

# What was started ends by itself, with this status: ends STATUS
ends() {
	local status=0
	wait_until is_over
	wait "$pid" || status=$?
	pid=
	assert_equal "$status" "$1"
}

# So many jobs are in their `sleep $nap`: naps N
naps() {
	[ "$(pgrep -fc "^sleep $nap")" = "$1" ]
}

# No process of any job is left, and neither is pexec.
none_left() {
	run -1 pgrep -fa "$nap"
	assert_output ''
}

# A file has so many lines: has_lines N FILE
has_lines() {
	local lines
	mapfile -t lines <"$2" && [ "${#lines[@]}" = "$1" ]
}

# The program has taken every signal that was sent to it.
signals_taken() {
	grep -q '^ShdPnd:[[:space:]]*0*$' "/proc/$pid/status"
}

# All its threads sleep.
sleeps() {
	! grep -h '^State:' /proc/"$pid"/task/*/status | grep -qv 'S (sleeping)'
}

# Everything that was written to the fifo of descriptor 5 has been read.
drained() {
	! read -r -t 0 -u 5
}

# A process is stopped: is_stopped PID
is_stopped() {
	grep -q '^State:[[:space:]]*T' "/proc/$1/status"
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

teardown() {
	local left
	mapfile -t left < <(pgrep -f "$nap")
	[ -z "${pid:-}" ] || left+=("$pid")
	[ ${#left[@]} -eq 0 ] || kill -s KILL "${left[@]}" 2>/dev/null || true
}
