#!/usr/bin/env bats
# --log syslog: what is printed goes to the system's log, whatever becomes of that.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell to expand
# shellcheck disable=SC2154 # pid and patience are set in helper.bash and background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Runs a script with a /dev of its own. In it, `syslogd` starts one that writes what it gets to the
# file `log`, a line each, and sets syslogd to its number: in_system SCRIPT
in_system() {
	unshare --mount true 2>/dev/null || skip "needs the right to make a namespace"
	cat >syslogd.pl <<-'END'
		use Socket;
		unlink "/dev/log";
		socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die;
		bind($socket, pack_sockaddr_un("/dev/log")) or die;
		open(my $log, ">>", "log") or die;
		$log->autoflush(1);
		open(my $ready, ">", "ready");
		while (defined recv($socket, my $message, 65536, 0)) { print $log "$message\n" }
	END
	cat >functions <<-'END'
		set -eu
		mkdir dev
		mount -t tmpfs none dev
		for name in null zero full tty; do
			: >dev/$name
			mount --bind /dev/$name dev/$name
		done
		ln -s /proc/self/fd dev/fd
		mount --move dev /dev
		until_true() { until eval "$1" 2>/dev/null; do sleep 0.01; done; }
		syslogd() {
			rm -f ready
			perl -MIO::Handle syslogd.pl &
			syslogd=$!
			until_true '[ -e ready ]'
		}
		trap 'kill -9 ${syslogd:-} 2>/dev/null || :' EXIT
	END
	run -0 --separate-stderr timeout "$patience" unshare --mount sh -c '. ./functions; eval "$1"' sh "$1" 3>&-
	[ -z "$stderr" ] || echo "stderr: $stderr"
}

# What the log has, without the time.
logged() {
	sed -E 's/^(<[0-9]+>)[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} pexec\[[0-9]+\]/\1 pexec[N]/' log
}

@test "lines of both outputs and messages, each with its level, and nothing on our own" {
	in_system 'syslogd
		"$PEXEC" --log syslog -j1 sh -c "echo \"\$0\"; echo; echo error >&2; printf rest; kill -9 \$\$" ::: item || [ $? = 123 ]
		until_true "grep -q rest log"'
	refute_output
	assert_equal "$(logged | grep '^<30>')" $'<30> pexec[N]: item\n<30> pexec[N]: \n<30> pexec[N]: rest'
	assert_equal "$(logged | grep -v '^<30>')" $'<28> pexec[N]: pexec: job 1 (item): killed by signal 9 (Killed)\n<28> pexec[N]: error'
}

@test "the number in a line is that of pexec" {
	in_system 'syslogd
		"$PEXEC" --daemon --log syslog --pidfile "$PWD/pid" cat ::: "$PWD/pid"
		until_true "[ -s log ]"'
	run cat log
	assert_output --regexp '^<30>.* pexec\[([0-9]+)\]: [0-9]+$'
	[[ $output =~ \[([0-9]+)\]:\ ([0-9]+)$ ]]
	assert_equal "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
}

@test "a long line becomes several messages, and no empty one" {
	in_system 'syslogd
		"$PEXEC" --log syslog -k -j1 -c "head -c \$1 /dev/zero | tr \"\\0\" x; echo" ::: 4096 9000 10
		until_true "[ \$(grep -c x log) = 5 ]"'
	assert_equal "$(logged | sed 's/^[^:]*: //' | awk '{ print length }' | xargs)" '4096 4096 4096 808 10'
}

@test "SIGHUP neither ends the run nor costs a line" {
	# One for each job: the second could open the first one's before its writer has closed it, and find an end there.
	mkfifo go-a go-b
	in_system 'syslogd
		"$PEXEC" --log syslog --pidfile pid -k -j1 sh -c "echo \$0; read -r x <go-\$0 || :" ::: a b &
		pexec=$!
		until_true "grep -q a log"
		kill -HUP $pexec
		echo >go-a
		until_true "grep -q b\$ log"
		echo >go-b
		wait $pexec'
	assert_equal "$(logged)" $'<30> pexec[N]: a\n<30> pexec[N]: b'
}

@test "while syslogd is away lines wait: it gets all of them, in their order" {
	in_system 'syslogd
		mkfifo go
		"$PEXEC" --log syslog -j1 -c "seq 10; : >begun; read -r x <go; seq 11 30000; : >ended" ::: a &
		pexec=$!
		until_true "[ -e begun ]"
		kill -9 $syslogd; wait $syslogd || :
		echo >go
		until_true "[ -e ended ]"
		syslogd
		wait $pexec
		until_true "grep -q 30000 log"' 2>/dev/null
	assert_equal "$(sed 's/.*: //' log | cksum)" "$(seq 30000 | cksum)"
}

@test "a syslogd that does not read holds up neither the jobs nor the end" {
	in_system 'syslogd
		kill -STOP $syslogd
		timeout 60 "$PEXEC" --log syslog -j2 -c "seq 10; echo >>ended" ::: $(seq 100)'
	has_lines 100 ended
}

@test "without a syslogd there is no run" {
	in_system 'status=0
		"$PEXEC" --daemon --log syslog touch "$PWD/ran" ::: a >said 2>&1 || status=$?
		[ $status = 1 ]'
	assert_equal "$(<said)" 'pexec: --log syslog: /dev/log: No such file or directory'
	[ ! -e ran ]
}
