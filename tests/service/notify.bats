#!/usr/bin/env bats
# What a service manager is told, and what ps shows.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Listens on a socket as a service manager does, and writes each message as a line: manage [NAME]
# An abstract name begins with @. NOTIFY_SOCKET is set for what is started then.
manage() {
	export NOTIFY_SOCKET=${1:-$PWD/manager}
	perl -MSocket -e '
		my ($name, $log) = @ARGV;
		$name =~ s/^@/\0/;
		socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!";
		bind $s, pack_sockaddr_un($name) or die "bind: $!";
		open my $out, ">", $log or die "$log: $!";
		select $out; $| = 1;
		while (defined recv $s, my $message, 4096, 0) {
			$message =~ s/\n/ /g;
			print "$message\n";
		}' "$NOTIFY_SOCKET" messages 3>&- 4>&- &
	others+=("$!")
	wait_until test -e messages
}

# The manager has been told, as a whole line: told REGEX
told() {
	local line
	while read -r line; do
		[[ ! $line =~ ^($1)$ ]] || return 0
	done <messages
	return 1
}

# How often: times REGEX
times() {
	grep -cxE -e "$1" messages || true
}

@test "READY when the pool is up, STOPPING at its end" {
	manage
	run -0 "$PEXEC" echo ::: a
	assert_output a
	wait_until told STOPPING=1
	# A slow run may have been there for a second.
	assert_equal "$(grep -v ^STATUS messages)" $'READY=1\nSTOPPING=1'
}

@test "an abstract socket is told as well" {
	manage "@pexec-$$-$BATS_TEST_NUMBER"
	run -0 "$PEXEC" true ::: a
	wait_until told STOPPING=1
	assert_equal "$(head -n 1 messages)" READY=1
}

@test "READY comes when jobs can start, also while there is no item" {
	manage
	mkfifo queue
	exec 5<>queue
	start "$PEXEC" -a queue true
	wait_until told READY=1
	wait_until told 'STATUS=0 running, 0 done, 0 failed; [0-9]+ slots?'
	kill "$pid"
	ends 143
	wait_until told STOPPING=1
}

@test "nothing is said to be ready that does not start" {
	manage
	run -127 "$PEXEC" ./missing ::: a
	run -1 "$PEXEC" -j x true ::: a
	run -0 "$PEXEC" true ::: a
	wait_until told STOPPING=1
	# A slow run may have been there for a second.
	assert_equal "$(grep -v ^STATUS messages)" $'READY=1\nSTOPPING=1'
}

@test "STATUS tells what has come of the jobs and what is left, STOPPING that nothing more is started" {
	manage
	mkfifo go1 go2 go3
	start "$PEXEC" -j2 sh -c 'read -r x <go$0; [ "$x" = good ]' ::: 1 2 3
	wait_until told 'STATUS=2 running, 0 done, 0 failed, 1 left; 2 slots'
	echo good >go1
	echo bad >go2
	wait_until told 'STATUS=1 running, 1 done, 1 failed, 0 left; 2 slots'
	[ "$(times STOPPING=1)" = 0 ]
	kill -s QUIT "$pid"
	wait_until told STOPPING=1
	wait_until told 'STATUS=.*; draining'
	kill "$pid"
	ends 143
	[ "$(times STOPPING=1)" = 1 ]
}

@test "STATUS comes at most once a second, and nothing while nothing changes" {
	manage
	mkfifo go
	SECONDS=0
	start "$PEXEC" -j1 sh -c '[ $0 != last ] || read -r x <go' ::: {1..80} last
	wait_until told 'STATUS=1 running, 80 done, 0 failed, 0 left; 1 slot'
	[ "$(grep -c ^STATUS messages)" -le $((SECONDS + 1)) ]
	# This is what is looked at: two seconds in which nothing changes.
	sleep 2
	told "$(tail -n 1 messages)"
	assert_equal "$(tail -n 1 messages)" 'STATUS=1 running, 80 done, 0 failed, 0 left; 1 slot'
	[ "$(times 'STATUS=1 running, 80 done.*')" = 1 ]
	kill "$pid"
	ends 143
}

@test "WATCHDOG twice in its time" {
	manage
	WATCHDOG_USEC=200000 start "$PEXEC" sleep "$nap" ::: 0
	wait_until eval '(($(times WATCHDOG=1) >= 5))'
	kill "$pid"
	ends 143
	# With one second's time it is not more than two a second.
	: >messages
	SECONDS=0
	WATCHDOG_USEC=2000000 start "$PEXEC" sleep "$nap" ::: 0
	wait_until told WATCHDOG=1
	wait_until eval '(($(times WATCHDOG=1) >= 2))'
	((SECONDS >= 1))
	kill "$pid"
	ends 143
}

@test "WATCHDOG only where it is asked for, of this process" {
	manage
	WATCHDOG_USEC=20000 WATCHDOG_PID=1 start "$PEXEC" sleep "$nap" ::: 0
	wait_until told 'STATUS=1 running.*'
	kill "$pid"
	ends 143
	WATCHDOG_USEC=none "$PEXEC" true ::: a
	[ "$(times WATCHDOG=1)" = 0 ]
	start sh -c 'WATCHDOG_USEC=20000 WATCHDOG_PID=$$ exec "$@"' sh "$PEXEC" sleep "$nap" ::: 0
	wait_until told WATCHDOG=1
	kill "$pid"
	ends 143
}

@test "jobs do not see what is for the service itself" {
	manage
	WATCHDOG_USEC=5000000 WATCHDOG_PID=1 run -0 "$PEXEC" env ::: A=b
	assert_line A=b
	refute_line --regexp '^(NOTIFY_SOCKET|WATCHDOG)'
}

@test "a manager that is not there, or is no socket, holds up nothing" {
	for name in "$PWD/missing" @nobody-"$$" / "/$(printf %0200d 0)"; do
		NOTIFY_SOCKET=$name run timeout "$patience" "$PEXEC" echo ::: a
		assert_success
		assert_line a
	done
	NOTIFY_SOCKET=relative run -0 "$PEXEC" echo ::: a
	assert_line 'pexec: NOTIFY_SOCKET is no address of a socket: the service manager is told nothing'
	NOTIFY_SOCKET='' run -0 "$PEXEC" echo ::: a
	assert_output a
}

@test "systemd has nothing to say about the unit file of the manual" {
	command -v systemd-analyze >/dev/null || skip "needs systemd"
	mandoc -Tascii -O width=160 "$project/man/pexec.1" | sed 's/.\x08//g' |
		sed -n '/^ *\[Unit\]$/,/^ *WantedBy/s/^ *//p' >fetch.service
	grep -qx 'Type=notify' fetch.service
	# The programs that it names are not there.
	sed -i "s|/usr/local/bin/pexec|$(realpath "$PEXEC")|; s|/usr/local/bin/fetch|/bin/true|" fetch.service
	run -0 systemd-analyze verify --man=no "$PWD/fetch.service"
	refute_output --partial fetch.service
	# It is the one for the start by hand, without what is for a daemon.
	words() { sed -n "$1" | tr -s ' \\\n' '\n' | grep .; }
	diff <(words '/^ExecStart=/,/[^\\]$/{ s/^ExecStart=[^ ]*//; p; }' <fetch.service) \
		<(mandoc -Tascii -O width=160 "$project/man/pexec.1" | sed 's/.\x08//g' |
			words '/^ *pexec --daemon/,/[^\\]$/{ s/pexec --daemon//; s/--pidfile [^ ]* --log [^ ]*//; s|/usr/local/bin/fetch|/bin/true|; p; }')
	# Its command line is one, and goes on until it is told to drain.
	sed -n '/^ExecStart=/,/[^\\]$/{ s/^ExecStart=//; p; }' fetch.service |
		sed "s|/run/|$PWD/|; s|/var/lib/|$PWD/|; s|/var/spool/fetch|$PWD/items|" >script
	echo a >items
	manage
	start sh -c "exec $(<script)"
	wait_until told READY=1
	wait_until grep -q 'a$' fetch.log
	kill -s QUIT "$pid"
	wait_until told STOPPING=1
	ends 0
}
