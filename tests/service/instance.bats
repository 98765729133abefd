#!/usr/bin/env bats
# One run at a time: --pidfile and --lock.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

@test "--pidfile has the process number, and is gone in the end" {
	mkfifo go
	start "$PEXEC" --pidfile file -j1 sh -c 'read -r x <go || :' ::: a
	wait_until children
	assert_equal "$(<file)" "$pid"
	assert_equal "$(stat -c %a file)" 644
	release go
	ends 0
	[ ! -e file ]
}

@test "--pidfile: a second start is refused, names the first, and touches nothing" {
	seq 3 >log
	mkfifo go queue
	start "$PEXEC" --pidfile file -j1 sh -c 'read -r x <go || :' ::: a
	wait_until children
	exec 7<>queue
	echo name >&7
	run -1 "$PEXEC" --pidfile file --joblog log --header touch ran <queue
	assert_output "pexec: --pidfile file: already running, as process $pid"
	run -1 timeout "$patience" "$PEXEC" --daemon --pidfile file touch "$PWD/ran" ::: a
	assert_output "pexec: --pidfile $PWD/file: already running, as process $pid"
	[ ! -e ran ]
	assert_equal "$(<log)" $'1\n2\n3'
	read -r line <&7
	assert_equal "$line" name
	exec 7>&-
	release go
	ends 0
}

@test "--pidfile is removed however the run ends" {
	run -123 "$PEXEC" --pidfile file false ::: a
	[ ! -e file ]
	run -127 "$PEXEC" --pidfile file ./none ::: a
	[ ! -e file ]
	run -1 "$PEXEC" --pidfile file -a none true
	[ ! -e file ]
	run -125 "$PEXEC" --pidfile file -j1 --fail-fast sh -c '[ $1 != a ]' sh ::: a b
	[ ! -e file ]
	run -141 bash -c '"$0" --pidfile file -j1 -c "seq 100000" ::: a b | head -n 1; exit "${PIPESTATUS[0]}"' "$PEXEC"
	[ ! -e file ]
}

@test "--pidfile is removed when a signal ends the run" {
	local name
	for name in TERM INT HUP ALRM XCPU RTMIN; do
		start "$PEXEC" --pidfile file sleep ::: "$nap"
		wait_until naps 1
		[ -s file ]
		kill -s "$name" "$pid"
		ends $((128 + $(kill -l "$name")))
		[ ! -e file ]
	done
}

@test "--pidfile is removed when a signal comes before the run, while its names are read" {
	local name
	mkfifo queue
	exec 7<>queue
	for name in TERM INT HUP; do
		start "$PEXEC" --pidfile file --header touch ran <queue
		wait_until test -s file
		kill -s "$name" "$pid"
		ends $((128 + $(kill -l "$name")))
		[ ! -e file ]
	done
	exec 7>&-
	[ ! -e ran ]
}

@test "--pidfile: after SIGKILL it is in nobody's way" {
	start "$PEXEC" --pidfile file sleep ::: "$nap"
	wait_until naps 1
	kill -KILL "$pid"
	ends 137
	[ -e file ]
	run -0 "$PEXEC" --pidfile file echo ::: a
	assert_output a
	[ ! -e file ]
}

@test "--pidfile and --lock are not held by jobs" {
	start "$PEXEC" --keep-orphans --pidfile file --lock lock sh -c 'exec >/dev/null 2>&1 sleep "$1"' sh ::: "$nap"
	wait_until naps 1
	kill -KILL "$pid"
	ends 137
	naps 1
	run -0 "$PEXEC" --pidfile file --lock lock echo ::: a
	assert_output a
}

@test "--pidfile that somebody else has put in the place of ours stays" {
	mkfifo go
	start "$PEXEC" --pidfile file -j1 sh -c 'read -r x <go || :' ::: a
	wait_until children
	mv file old
	echo other >file
	release go
	ends 0
	assert_equal "$(<file)" other
}

@test "--pidfile: a name of bytes that are no characters is made safe" {
	run -1 "$PEXEC" --pidfile $'none\e/file' touch ran ::: a
	assert_output 'pexec: --pidfile none\^[/file: No such file or directory'
}

# A run that has the lock, until `release go`.
hold_lock() {
	mkfifo go
	start "$PEXEC" --lock lock -j1 sh -c 'read -r x <go || :' ::: a
	wait_until children
}

@test "--lock: the second run ends quietly, before it has read or written anything" {
	hold_lock
	seq 3 >log
	mkfifo queue
	exec 7<>queue
	echo item >&7
	run -0 "$PEXEC" --lock lock --joblog log touch ran <queue
	refute_output
	run -0 timeout "$patience" "$PEXEC" --lock lock --daemon --pidfile file touch "$PWD/ran" ::: a
	refute_output
	[ ! -e ran ]
	[ ! -e file ]
	assert_equal "$(<log)" $'1\n2\n3'
	read -r line <&7
	assert_equal "$line" item
	exec 7>&-
	release go
	ends 0
	run -0 "$PEXEC" --lock lock echo ::: a
	assert_output a
	[ -e lock ]
}

@test "--lock-status is what the second run ends with" {
	hold_lock
	run -75 "$PEXEC" --lock lock --lock-status 75 touch ran ::: a
	refute_output
	run -75 "$PEXEC" --lock lock --lock-status 75 --lock-wait 50ms touch ran ::: a
	refute_output
	run -0 "$PEXEC" --lock lock --lock-status 75 --lock-wait 0 --lock-status 0 touch ran ::: a
	[ ! -e ran ]
	release go
	ends 0
	run -0 "$PEXEC" --lock lock --lock-status 75 true ::: a
}

# Process $2 waits for a lock.
waits_for_lock() {
	grep -q "^[0-9]*: -> FLOCK .* $1 " /proc/locks
}

@test "--lock-wait: the second run waits for the first, whatever SIGALRM is set to" {
	local first=
	hold_lock
	first=$pid
	start env --ignore-signal=ALRM --block-signal=ALRM "$PEXEC" --lock lock --lock-wait 1h \
		grep -E '^Sig(Blk|Ign):' ::: /proc/self/status >signals
	wait_until waits_for_lock "$pid"
	kill -ALRM "$pid"
	[ ! -s signals ]
	release go
	wait "$first"
	ends 0
	run cat signals
	assert_line --regexp '^SigBlk:.*[2367abef]...$'
	assert_line --regexp '^SigIgn:.*[2367abef]...$'
}

@test "--lock-wait: a signal ends the wait" {
	local first=
	hold_lock
	first=$pid
	start "$PEXEC" --lock lock --lock-wait 1h touch ran ::: a
	wait_until waits_for_lock "$pid"
	kill "$pid"
	ends 143
	[ ! -e ran ]
	release go
	wait "$first"
}

@test "--lock is the lock of flock(1)" {
	run -0 flock lock "$PEXEC" --lock lock touch ran ::: a
	[ ! -e ran ]
	run -123 "$PEXEC" --lock lock flock -n lock ::: true
}

@test "--lock: of many started at once one runs at a time" {
	start "$PEXEC" -j8 sh -c '"$0" --lock lock --lock-wait 1h -c "[ ! -e busy ] || echo two; >busy; sleep 0.01; rm busy" ::: "$1"' "$PEXEC" ::: {1..16} >out 2>&1
	ends 0
	assert_equal "$(<out)" ''
}

@test "--lock-wait and --lock-status without --lock, and of no sense" {
	for options in '--lock-wait 1' '--lock-status 1'; do
		# shellcheck disable=SC2086 # an option and its argument
		run -1 "$PEXEC" $options touch ran ::: a
		assert_output 'pexec: --lock-wait and --lock-status say what to do about --lock: it is missing'
	done
	run -1 "$PEXEC" --lock lock --lock-status 256 touch ran ::: a
	assert_output 'pexec: --lock-status 256: too large (a number from 0 to 255)'
	run -1 "$PEXEC" --lock lock --lock-wait x touch ran ::: a
	assert_output 'pexec: --lock-wait x: not a time (like 1.5, 200ms, 30s, 5m, 2h or 1d)'
	[ ! -e ran ]
}
