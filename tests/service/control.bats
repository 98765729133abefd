#!/usr/bin/env bats
# A run that is asked and told what to do: --ctl, and -j FILE.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2030,SC2031,SC2094 # each test has others of its own, and the socket S is no file
# shellcheck disable=SC1083 # braces are for pexec
# shellcheck disable=SC2154 # pid and nap are set in background.bash, stderr by run --separate-stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# Perl for a connection to the socket, as $s.
connect='my $s = IO::Socket::UNIX->new(Peer => "S") or die "connecting: $!"; $SIG{PIPE} = "IGNORE";'

# What a perl script gets for its connection: speak SCRIPT [ARGUMENT...]
speak() {
	perl -MIO::Socket::UNIX -e "$connect $1" "${@:2}"
}

# Clients that stay until they are sent away: a script that makes them, with @all for them: crowd SCRIPT
crowd() {
	perl -MIO::Socket::UNIX -e "$connect $1"'
		open my $ready, ">", "ready"; close $ready; sleep 1 while 1' 3>&- &
	crowd=$!
	others+=("$crowd")
	wait_until test -e ready
}

@test "status tells in a line what a run has come to" {
	gates 1 2 3 4
	serve -j2 sh -c "$waiting"'; [ $0 != 1 ]' ::: 1 2 3 4
	wait_until has_started 1 2
	run -0 ctl status
	assert_output '2 running, 0 done, 0 failed, 2 left; 2 slots'
	release go1
	wait_until has_started 1 2 3
	release go3
	wait_until has_started 1 2 3 4
	run -0 ctl status
	assert_output '2 running, 1 done, 1 failed, 0 left; 2 slots'
	release go2
	release go4
	ends 123
}

@test "status --json is an object of JSON in a line" {
	gates 1 2 3
	serve -j1 sh -c "$waiting" ::: 1 2 3
	wait_until has_started 1
	run -0 ctl status --json
	assert_output --regexp '^\{"pid":'"$pid"',"state":"running","paused":false,"slots":1,"running":1,"done":0,"failed":0,"ready":0,"delayed":0,"left":2,"reason":null,"seconds":[0-9]+\.[0-9]{3},"rate":null,"mean":null\}$'
	assert_equal "$(ctl status json | sed 's/"seconds.*//')" "${output%\"seconds*}"
	kill "$pid"
	ends 143
}

@test "what is left is not known of a queue that has no end yet" {
	mkfifo queue
	exec 5<>queue
	serve -a queue true
	run -0 ctl status
	assert_output --regexp '^0 running, 0 done, 0 failed; [0-9]+ slots?$'
	[[ $(ctl status --json) == *'"left":null,'* ]]
	kill "$pid"
	ends 143
}

@test "what was added and waits is in a number, also where the length of the queue is not known" {
	mkfifo queue go
	exec 5<>queue
	serve -j1 -a queue sh -c ': >started; read -r x <go || :'
	echo 1 >&5
	wait_until test -e started
	ctl add 2
	ctl add 3
	run -0 ctl status
	assert_output '1 running, 0 done, 0 failed; 1 slot; 2 ready to run'
	[[ $(ctl status --json) == *'"ready":2,"delayed":0,"left":null,'* ]]
	kill "$pid"
	ends 143
}

@test "items that are left out, or put together, are left no more" {
	gates 3 4 5 6 7
	serve -j1 --skip 2 -n2 sh -c "$waiting" ::: 1 2 3 4 5 6 7
	wait_until has_started 3
	wait_until tells '3 left' status
	kill "$pid"
	ends 143
}

@test "jobs prints a line for each job that runs" {
	serve -j2 sh -c 'echo $$ >pid$PEXEC_SEQ; exec sleep '"$nap" ::: $'a\nb' c d
	wait_until naps 2
	run -0 ctl jobs
	[ ${#lines[@]} = 2 ]
	assert_line --regexp $'^1\t[12]\t'"$(cat pid1)"$'\t[0-9]+\\.[0-9]\ta\\\\nb$'
	assert_line --regexp $'^2\t[12]\t'"$(cat pid2)"$'\t[0-9]+\\.[0-9]\tc$'
	kill "$pid"
	ends 143
}

@test "slots N: more slots are used at once, fewer as jobs end" {
	gates 1 2 3 4 5
	serve -j1 sh -c "$waiting" ::: 1 2 3 4 5
	run -0 ctl slots 3
	assert_output '3 slots'
	wait_until has_started 1 2 3
	run -0 ctl slots 1
	assert_output '1 slot'
	release go1
	release go2
	wait_until tells '1 running' status
	has_started 1 2 3
	release go3
	wait_until has_started 1 2 3 4
	release go4
	release go5
	ends 0
}

@test "slots beyond the limit of descriptors: as many as there can be, and that is said" {
	start bash -c 'ulimit -n 64; exec "$@"' bash "$PEXEC" --ctl S -j1 sleep "$nap" ::: 0 3>&- 4>&- 2>err
	wait_until listens
	run -0 ctl slots 1000
	assert_output '7 slots: no more open files are allowed (ulimit -n)'
	wait_until tells '; 7 slots' status
	# What changes nothing is not obeyed; 0 is as many as there can be.
	run -1 ctl slots 1000
	assert_output 'pexec: --ctl S: slots: still 7 slots: no more open files are allowed (ulimit -n)'
	run -0 ctl slots 0
	assert_output '7 slots: no more open files are allowed (ulimit -n)'
	ctl slots 2
	run -0 ctl slots 0
	assert_output '7 slots: no more open files are allowed (ulimit -n)'
	grep -qx 'pexec: only 7 slots: no more open files are allowed (ulimit -n)' err
	kill "$pid"
	ends 143
}

@test "pause starts nothing more until resume; jobs go on" {
	gates 1 2 3
	serve -j2 sh -c "$waiting" ::: 1 2 3
	wait_until has_started 1 2
	run -0 ctl pause
	assert_output paused
	release go1
	wait_until tells '1 running, 1 done, 0 failed, 1 left; 2 slots; paused' status
	wait_until sleeps
	has_started 1 2
	ctl resume
	wait_until has_started 1 2 3
	release go2
	release go3
	ends 0
}

@test "pause reads no item, and the run does not end while it holds" {
	mkfifo queue
	exec 5<>queue
	serve -j2 -a queue sh -c 'echo $0 >>started'
	echo 1 >&5
	wait_until has_lines 1 started
	ctl pause
	wait_until sleeps
	echo 2 >&5
	# Whoever waits for items has been told: nobody takes this one.
	wait_until sleeps
	read -r item <&5
	assert_equal "$item" 2
	ctl resume
	echo 3 >&5
	wait_until grep -qx 3 started
	kill "$pid"
	ends 143
}

@test "SIGTSTP and SIGCONT between pause and resume: it still holds" {
	gates 1 2
	start setsid --wait sh -c 'setsid "$0" "$@" & echo $! >pid; wait $!' "$PEXEC" --ctl S -j1 sh -c "$waiting" ::: 1 2
	wait_until has_started 1
	ctl pause
	kill -s TSTP "$(cat pid)"
	kill -s CONT "$(cat pid)"
	release go1
	wait_until tells '0 running, 1 done, 0 failed, 1 left; 1 slot; paused' status
	has_started 1
	ctl resume
	wait_until has_started 1 2
	release go2
	ends 0
}

@test "a paused run drains and ends" {
	gates 1 2 3
	serve -j1 sh -c "$waiting" ::: 1 2 3
	wait_until has_started 1
	ctl pause
	run -0 ctl drain
	assert_output draining
	wait_until tells '; paused; draining' status
	release go1
	ends 125
	has_started 1
}

@test "items that were added and are not run are named, as no queue has them" {
	gates 1
	serve -j1 sh -c "$waiting" ::: 1 2 2>err
	wait_until has_started 1
	ctl pause
	ctl add x
	ctl add $'y\n'
	ctl drain
	release go1
	ends 125
	assert_equal "$(head -n 2 err)" "pexec: job 10000000001 (x): added by --ctl, but not done to its end: no queue has it
pexec: job 10000000002 (y\n): added by --ctl, but not done to its end: no queue has it"
	has_started 1
	gates 3
	serve -j1 sh -c "$waiting" ::: 3 2>err
	wait_until has_started 3
	ctl add x
	kill "$pid"
	ends 143
	grep -qx 'pexec: job 10000000001 (x): added by --ctl, but not done to its end: no queue has it' err
}

@test "a drain ends a pause: what --next has given already is done" {
	mkfifo go
	serve -j1 --next 'read -r x <go; echo "$x"' echo >out
	exec 5<>go
	ctl pause
	echo precious >&5
	run -0 ctl drain
	ends 0
	assert_equal "$(cat out)" precious
}

@test "drain lets jobs finish and starts nothing more" {
	gates 1 2 3
	serve -j2 sh -c "$waiting" ::: 1 2 3
	wait_until has_started 1 2
	ctl drain
	run -1 ctl add x
	assert_output 'pexec: --ctl S: add: the run is at its end'
	release go1
	release go2
	ends 125
	has_started 1 2
	[ ! -e S ]
}

@test "kill ends a job with all its processes; it has failed, and the others go on" {
	serve -j2 --joblog log sh -c '[ $0 != 2 ] || exec sleep 0; sleep '"$nap"' & sleep '"$nap" ::: 1 2 3 2>err
	wait_until naps 4
	run -0 ctl kill 1
	assert_output 'ending job 1'
	wait_until naps 2
	assert_equal "$(cat err)" 'pexec: job 1 (1): is ended by --ctl kill'
	ctl kill 3
	ends 123
	assert_equal "$(cut -f 1,7,8 log | sort -n)" $'Seq\tExitval\tSignal\n1\t0\t15\n2\t0\t0\n3\t0\t15'
	none_left
}

@test "kill goes on to SIGKILL by --termseq, and a job that says that it succeeded has failed" {
	serve -j2 --termseq TERM,50,KILL --joblog log perl -e '
		$SIG{TERM} = $ARGV[0] eq "deaf" ? "IGNORE" : sub { exit 0 };
		open my $ready, ">", "$ARGV[0].ready"; close $ready;
		sleep 1 while 1' {} "$nap" ::: deaf nice
	wait_until test -e deaf.ready -a -e nice.ready
	ctl kill 1
	ctl kill 2
	ends 123
	assert_equal "$(cut -f 1,7,8 log | sort -n)" $'Seq\tExitval\tSignal\n1\t0\t9\n2\t-1\t0'
}

@test "a job that is killed is tried again as others are" {
	serve --retries 2 sh -c '[ $PEXEC_ATTEMPT = 2 ] || sleep '"$nap"'; echo done' ::: a >out
	wait_until naps 1
	ctl kill 1
	ends 0
	assert_equal "$(cat out)" 'done'
}

@test "kill of what does not run is an error, and touches nothing" {
	gates 1 2
	serve -j1 sh -c "$waiting" ::: 1 2
	wait_until has_started 1
	for wrong in 2 99; do
		run -1 ctl kill $wrong
		assert_output 'pexec: --ctl S: kill: no job with this number is running'
	done
	for wrong in 0 -1 x ''; do
		run -1 ctl kill "$wrong"
		assert_output 'pexec: --ctl S: kill: it takes the number of a job'
	done
	release go1
	wait_until has_started 1 2
	release go2
	ends 0
}

@test "an item that is added runs before the next one of the queue" {
	gates 1 2 x y
	serve -j1 sh -c "$waiting" ::: 1 2
	wait_until has_started 1
	run -0 ctl add x
	assert_output added
	ctl add y
	[[ $(ctl status) == '1 running, 0 done, 0 failed, 3 left; 1 slot' ]]
	for gate in 1 x y 2; do release go$gate; done
	ends 0
	assert_equal "$(cat started)" $'1\nx\ny\n2'
}

@test "an item that is added runs while the source waits" {
	mkfifo queue
	exec 5<>queue
	serve -j2 -a queue echo >out
	ctl add 'a b'
	wait_until grep -qx 'a b' out
	echo c >&5
	wait_until grep -qx c out
	kill "$pid"
	ends 143
}

@test "an item that is added runs after the end of the queue, while a job still does" {
	for slots in 1 2; do
		rm -rf go* started
		gates 1 x y
		serve -j$slots sh -c "$waiting" ::: 1
		wait_until has_started 1
		wait_until sleeps
		ctl add x
		ctl add y
		for gate in 1 x y; do release go$gate; done
		ends 0
		has_started 1 x y
	done
}

@test "an item that is added is a job of its own, with columns" {
	mkfifo go
	serve -j1 -n3 -C, sh -c 'echo "$@"; [ $1 != a ] || read -r x <go; :' sh {1} {2} ::: a,b c,d e,f g,h >out
	ctl add 'x,y,z'
	release go
	ends 0
	assert_equal "$(cat out)" $'a b\nx y\ng h'
}

@test "items with newlines, with nothing and with anything in them can be added" {
	mkfifo queue
	exec 5<>queue
	serve -j1 -k -a queue sh -c 'printf "<%s>\n" "$1"' sh >out
	ctl add $'a\nb'
	ctl add ''
	ctl add -- >/dev/null
	ctl add $' \377\033 '
	wait_until has_lines 5 out
	assert_equal "$(cat out)" $'<a\nb>\n<>\n<-->\n< \377\033 >'
	kill "$pid"
	ends 143
}

@test "an item that is added keeps its place under -k" {
	gates 1 2
	serve -j2 -k sh -c '[ ! -p go$0 ] || read -r x <go$0; echo $0' ::: 1 2 3 >out
	wait_until tells '2 running' status
	ctl add x
	release go2
	release go1
	ends 0
	assert_equal "$(cat out)" $'1\n2\nx\n3'
}

@test "items that are added leave the numbers of the queue as they are: the run can be resumed" {
	gates 1 2 3
	echo 'echo $PEXEC_SEQ >>seqs; ! [ -p go$1 ] || read -r x <go$1; :' >job
	serve -j1 --joblog log --results results sh job ::: 1 2 3
	wait_until has_lines 1 seqs
	ctl add x
	release go1
	wait_until has_lines 3 seqs
	ctl drain
	release go2
	ends 125
	assert_equal "$(cat seqs)" $'1\n10000000001\n2'
	assert_equal "$(cat results/10000000001/seq)" 10000000001
	echo 'echo $1 >>again' >job
	run -0 "$PEXEC" --joblog log --resume sh job ::: 1 2 3
	assert_equal "$(cat again)" 3
	cut -f 1 log | sort -n | tail -n 4 | paste -sd ' ' >numbers
	assert_equal "$(cat numbers)" '1 2 3 10000000001'
}

@test "an item that is added and too long fails as one of the queue does" {
	mkfifo queue
	exec 5<>queue
	serve -j1 -a queue true 2>err
	speak 'print $s "add ", "x" x 131072, "\n"; print <$s>' >out
	assert_equal "$(cat out)" $'ok\nadded'
	wait_until test -s err
	# Only of Linux is it known before.
	local reason='argument of 131072 bytes is too long: the system takes 131071 at most'
	[ -z "${PORTABLE:-}" ] || reason='cannot run true: Argument list too long'
	run cat err
	assert_output --regexp "^pexec: job 10000000001 \(x+\.\.\.\): $reason\$"
	kill "$pid"
	ends 143
}

@test "nothing can be added to a queue of several lists" {
	serve -j1 sleep "$nap" ::: 0 ::: 0
	run -1 ctl add x
	assert_output 'pexec: --ctl S: add: the items of this queue have several values'
	kill "$pid"
	ends 143
}

# Adds an item of N bytes until that is refused, prints how often and the answer: add_all N
add_all() {
	speak 'close $s; my ($count, $answer, $item) = (0, "ok\n", "x" x shift);
		while ($answer eq "ok\n") {
			my $s = IO::Socket::UNIX->new(Peer => "S") or die $!; print $s "add $item\n"; $answer = <$s>; $count++ }
		print "$count $answer"' "$1"
}

@test "a run that reads slowly takes no more than its share of what is added" {
	gates 1
	serve -j1 sh -c "$waiting" ::: 1
	wait_until has_started 1
	run -0 add_all 1
	assert_output '10001 error nothing is added: 10000 jobs wait for a slot already'
	kill "$pid"
	ends 143
}

# The memory that the run has, in KiB.
resident() {
	awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
}

@test "what is added takes no more than its share of memory, however long the items, and has it again when it is taken" {
	gates 1
	serve -j1 sh -c 'echo >>started; [ $0 != 1 ] || read -r x <go1' ::: 1
	wait_until has_lines 1 started
	local before
	before=$(resident)
	run -0 add_all 100000
	assert_output --regexp '^[0-9]+ error nothing is added: the items that were added and wait for a slot take 64 MiB already$'
	local count=$((${output%% *} - 1))
	((count > 200))
	[ -n "${SANITIZE:-}" ] || (($(resident) - before < 80000))
	run -1 ctl add "$(printf %0100000d 0)"
	assert_output 'pexec: --ctl S: add: nothing is added: the items that were added and wait for a slot take 64 MiB already'
	ctl slots 2
	wait_until has_lines $((count + 1)) started
	run -0 add_all 100000
	kill "$pid"
	ends 143
}

@test "what is no command is an error, and so is an argument too many or too few" {
	serve -j1 sleep "$nap" ::: 0
	run -1 ctl frobnicate
	assert_output 'pexec: --ctl S: another pexec listens there, and it is no call to it: frobnicate is none of status jobs events wait tail slots pause resume drain kill add'
	run -1 ctl -- status
	assert_output 'pexec: --ctl S: another pexec listens there, and it is no call to it: status is behind --, or has ::: behind it'
	run -1 ctl pause 1
	assert_output 'pexec: --ctl S: pause: it takes no argument'
	run -1 ctl status x
	assert_output 'pexec: --ctl S: status: it takes --json or nothing'
	run -1 ctl add
	assert_output 'pexec: --ctl S: add: it takes an item'
	run -1 ctl add a b
	assert_output 'pexec: --ctl: add has one argument at most'
	run -0 ctl jobs
	[ ${#lines[@]} = 1 ]
	kill "$pid"
	ends 143
}

@test "where nobody listens a call is an error" {
	run -1 ctl status
	assert_output 'pexec: --ctl S: nobody listens there: No such file or directory'
	: >S
	run -1 ctl status
	assert_output 'pexec: --ctl S: nobody listens there: Connection refused'
	run -1 "$PEXEC" --ctl '' status
	assert_output 'pexec: --ctl : not the name of a socket'
	run -1 "$PEXEC" --ctl "$(printf %0200d 0)" status
	assert_output --regexp '^pexec: --ctl 0+\.*: File name too long$'
}

@test "behind -- or with other options a word is a command to run, whatever it is called" {
	printf '#!/bin/sh\necho "ran $0 $*"\n' >status
	chmod +x status
	PATH=$PWD:$PATH
	run -0 "$PEXEC" --ctl S -- status <<<a
	assert_output "ran $PWD/status a"
	run -0 "$PEXEC" --ctl S -j1 status <<<a
	assert_output "ran $PWD/status a"
	run -0 "$PEXEC" --ctl S status ::: a
	assert_output "ran $PWD/status a"
	[ ! -e S ]
}

@test "a second run is refused while the first listens, before it touches anything" {
	serve -j1 --joblog log sleep "$nap" ::: 0
	echo precious >other
	run -1 "$PEXEC" --ctl S --joblog other touch ran ::: 1
	assert_output 'pexec: --ctl S: another pexec listens there'
	assert_equal "$(cat other)" precious
	[ ! -e ran ]
	tells '1 running' status
	kill "$pid"
	ends 143
	[ ! -e S ]
}

@test "whoever hangs up without an answer is asked again, before his socket is taken for a dead one" {
	perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Local => "S", Listen => 5) or die "listening: $!";
		open my $ready, ">", "ready"; close $ready;
		for my $answer ("", "", "error\n") { my $client = $s->accept; sysread $client, my $byte, 1; print $client $answer }
		sleep 1 while 1' 3>&- &
	local other=$!
	wait_until test -e ready
	run -1 "$PEXEC" --ctl S -j1 touch ran ::: 1
	assert_output 'pexec: --ctl S: another pexec listens there'
	[ -S S ]
	[ ! -e ran ]
	kill "$other"
}

@test "the socket of a run that was killed is replaced, another file is not" {
	serve -j1 sleep "$nap" ::: 0
	kill -s KILL "$pid"
	ends 137
	[ -S S ]
	serve -j1 sleep "$nap" ::: 0
	kill "$pid"
	ends 143
	[ ! -e S ]
	echo precious >S
	run -1 "$PEXEC" --ctl S touch ran ::: 1
	assert_output "pexec: --ctl S: there is a file of that name, and it is no socket"
	assert_equal "$(cat S)" precious
	[ ! -e ran ]
}

@test "the socket is where it was typed, also when the run moves away, and however long the way to it is" {
	local far
	far=$(printf 'far%.0s' {1..40})
	mkdir "$far" to
	echo 1 >slots
	serve --chdir to -j ./slots sleep "$nap" ::: 0
	echo 2 >slots
	wait_until tells '2 slots' status
	kill "$pid"
	ends 143
	[ ! -e S ]
	cd "$far" || return
	serve -j1 sleep "$nap" ::: 0
	tells '1 slot' status
	kill "$pid"
	ends 143
	[ ! -e S ]
}

@test "the socket is the owner's alone, whatever the umask, and jobs have the umask that was" {
	umask 0
	serve -j1 sh -c 'umask >mask; exec sleep '"$nap" ::: 0
	assert_equal "$(stat -c %a S)" 600
	wait_until test -s mask
	assert_equal "$(cat mask)" 0000
	kill "$pid"
	ends 143
}

@test "a socket of another run that has taken the name is not removed" {
	serve -j1 sleep "$nap" ::: 0
	mv S T
	echo new >S
	kill "$pid"
	ends 143
	assert_equal "$(cat S)" new
}

@test "nobody else is heard, even where the mode of the socket would let him" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD" || true
	serve -j1 sleep "$nap" ::: 0
	chmod 666 S
	run setpriv --reuid 54321 --clear-groups perl -MIO::Socket::UNIX -e '
		$SIG{PIPE} = "IGNORE"; # the answer may be there before the question
		my $s = IO::Socket::UNIX->new(Peer => "S") or die "connecting: $!"; print $s "drain\n"; print <$s>'
	[[ $output != connecting:* ]] || skip "others cannot come here"
	assert_output 'error this is not yours'
	tells '1 running, 0 done, 0 failed, 0 left; 1 slot' status
	kill "$pid"
	ends 143
	refute [ -e S ]
}

# Somebody who listens and says this to the first call: impostor ANSWER [PROGRAM...]
impostor() {
	"${@:2}" perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Local => "S", Listen => 5) or die "listening: $!";
		open my $ready, ">", "ready"; close $ready; $SIG{PIPE} = "IGNORE";
		my $client = $s->accept; sysread $client, my $request, 100; print $client eval $ARGV[0]' "$1" 3>&- &
	others+=("$!")
	wait_until test -e ready
}

@test "nobody but the owner of a call or of the folder, or root, is believed" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test || true
	chmod 777 "$PWD"
	impostor '"ok\nall is well\n"' setpriv --reuid 54321 --clear-groups
	run -1 ctl status
	assert_output 'pexec: --ctl S: another user listens there'
	rm S ready
	impostor '"error is this a run?\n"' setpriv --reuid 54321 --clear-groups
	run -1 ctl touch ran ::: 1
	assert_output 'pexec: --ctl S: another user listens there'
	[ ! -e ran ]
}

@test "what an answer has of control characters is shown as escapes, lines and columns stay" {
	impostor '"ok\n1\ta\n\e]0;x\a\n"'
	run -0 ctl jobs
	assert_output "$(printf '1\ta\n')"$'\n''\^[]0;x\a'
	rm S ready
	impostor '"error \e[31mno\n"'
	run -1 ctl jobs
	assert_output 'pexec: --ctl S: jobs: \^[[31mno'
}

@test "jobs: names beyond ASCII as they are where run and caller have UTF-8, never cut in two" {
	local name long
	printf -v long '日%.0s' {1..20}
	name="ö$long"
	LC_ALL=C.UTF-8 serve -j1 sh -c "sleep $nap" ::: "$name"
	wait_until naps 1
	LC_ALL=C.UTF-8 run -0 ctl jobs
	assert_output --partial "$name"
	run -0 ctl jobs
	assert_output --partial '\M-C\M-6\M-f\M^W\M-%'
	kill "$pid"
	ends 143
	# An answer is shown in pieces, from any byte on.
	rm -f S ready
	impostor '"ok\n" . ("\xe6\x97\xa5" x 500) . "a" . ("\xe6\x97\xa5" x 500) . "\n"'
	LC_ALL=C.UTF-8 run -0 ctl jobs
	assert_equal "$output" "$(printf '日%.0s' {1..500})a$(printf '日%.0s' {1..500})"
}

@test "an answer without an end is cut off" {
	impostor '"ok\n" . "x" x 40000000'
	run -1 ctl jobs
	assert_output 'pexec: --ctl S: Message too long'
}

@test "root is heard by a run of another user" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	# The folder of the test is closed to others.
	local theirs
	theirs=$(mktemp -d "${TMPDIR:-/tmp}/pexec-test.XXXXXX")
	chown 54321 "$theirs"
	run setpriv --reuid 54321 --clear-groups test -w "$theirs" -a -x "$PEXEC"
	[ "$status" = 0 ] || skip "others cannot come here"
	cd "$theirs"
	start setpriv --reuid 54321 --clear-groups "$PEXEC" --ctl S -j1 sleep "$nap" ::: 0
	wait_until "$PEXEC" --ctl S status
	kill "$pid"
	ends 143
	cd "$BATS_TEST_TMPDIR"
	rmdir "$theirs"
}

@test "lines by hand: one request a connection, an answer with ok or error" {
	serve -j1 sleep "$nap" ::: 0
	wait_until naps 1
	run -0 speak 'print $s "status\npause\n"; print <$s>'
	assert_output $'ok\n1 running, 0 done, 0 failed, 0 left; 1 slot'
	run -0 speak 'print $s "reboot now\n"; print <$s>'
	assert_output "error unknown command 'reboot'"
	run -0 speak 'print $s "\0add a\nb\0"; print <$s>'
	assert_output $'ok\nadded'
	# A NUL ends no argument.
	run -0 speak 'print $s "kill 1\0garbage\n"; print <$s>'
	assert_output 'error it takes the number of a job'
	run -0 speak 'print $s "status --json\0x\n"; print <$s>'
	assert_output 'error it takes --json or nothing'
	run -0 speak 'print $s "slots 2\0\n"; print <$s>'
	assert_output 'error it takes a number, or auto'
	run -0 speak 'print $s "\0pause"; shutdown $s, 1; print <$s>'
	assert_output ''
	run -0 speak 'print $s "pause"; shutdown $s, 1; print <$s>'
	assert_output ''
	[[ $(ctl status) == *'1 slot' ]]
	kill "$pid"
	ends 143
}

@test "a request without an end, or with too much in it, is cut off" {
	serve -j1 sleep "$nap" ::: 0
	run -0 speak 'alarm 60; while (print $s "x" x 4096) { } print "closed\n"; print <$s>'
	assert_output --regexp $'^closed\nerror a request has [0-9]+ bytes at most$'
	run -0 speak 'alarm 60; print $s "add ", "x" x 16000000; print <$s>'
	assert_output --regexp '^error a request has [0-9]+ bytes at most$'
	# In time, too: nothing is sent at all.
	run -0 speak 'alarm 60; print defined <$s> ? "answer" : "closed"'
	assert_output closed
	tells '1 running' status
	kill "$pid"
	ends 143
}

@test "clients that never read or say nothing keep nobody from being heard" {
	serve -j1 sleep "$nap" ::: 0
	crowd 'for (1 .. 300) { push @all, IO::Socket::UNIX->new(Peer => "S"); my $c = $all[-1]; print $c "jobs\n" if $_ % 2 }'
	run -0 ctl status
	assert_output '1 running, 0 done, 0 failed, 0 left; 1 slot'
	kill "$crowd"
	kill "$pid"
	ends 143
}

@test "clients take no descriptors from the slots" {
	mkfifo go
	start bash -c 'ulimit -n 60; exec "$@"' bash "$PEXEC" --ctl S -j6 sh -c 'echo $0; read -r x <go' ::: {1..18} 3>&- 4>&- >out
	wait_until tells '6 running' status
	crowd 'push @all, IO::Socket::UNIX->new(Peer => "S") for 1 .. 40;'
	exec 5<>go
	seq 18 >&5
	ends 0
	kill "$crowd"
	assert_equal "$(sort -n out)" "$(seq 18)"
}

@test "so few descriptors that each client cannot have one: the run listens, follows its file, and ends" {
	local start='ulimit -n 18; exec "$@" 3>&- 4>&-'
	mkfifo go
	start bash -c "$start" bash "$PEXEC" --ctl S -j1 sh -c 'read -r x <go' ::: 1
	wait_until tells '1 running' status
	exec 5<>go
	echo >&5
	ends 0
	echo 1 >slots
	start bash -c "$start" bash "$PEXEC" -u -j ./slots sh -c 'echo >started; read -r x <go' ::: 1 2>err
	wait_until test -s started
	echo none >slots
	wait_until grep -qE 'still 1 slot$' err
	echo >&5
	ends 0
}

@test "clients that would take the last descriptors from the jobs are refused" {
	needs_plain_build "the runtime has descriptors of its own"
	mkfifo go
	exec 5<>go
	for options in '' -k; do
		rm -f ready
		# shellcheck disable=SC2086 # options
		start bash -c 'ulimit -n 21; exec "$@" 3>&- 4>&- 5>&-' bash \
			"$PEXEC" --ctl S $options -j1 sh -c 'echo $0; read -r x <go' ::: 1 2 3 >out
		wait_until tells '1 running' status
		crowd 'push @all, IO::Socket::UNIX->new(Peer => "S") for 1 .. 15;'
		run -1 ctl status
		assert_output 'pexec: --ctl S: status: too few descriptors are left for another client: the jobs need them (ulimit -n)'
		# They keep theirs while the next ones start.
		printf '\n\n\n' >&5
		ends 0
		kill "$crowd"
		assert_equal "$(cat out)" $'1\n2\n3'
	done
	exec 5>&-
}

@test "fewer descriptors allowed than are waited for: the run still ends" {
	needs_plain_build "the runtime has to open files of its own at the end"
	command -v prlimit >/dev/null || skip "prlimit is not installed"
	mkfifo go
	serve -u -j1 sh -c 'echo >started; read -r x <go' ::: 1
	wait_until test -s started
	prlimit --pid "$pid" --nofile=1
	crowd '' # who comes now cannot be heard: the control sees the new limit
	echo >go
	kill "$crowd"
	ends 0
}

@test "jobs have no descriptor of the control" {
	serve -j1 sh -c 'ls -l /proc/$$/fd >fds; mv fds done; exec sleep '"$nap" ::: 0
	wait_until test -e 'done'
	run ! grep -E 'socket|inotify' 'done'
	kill "$pid"
	ends 143
}

# So many jobs have started: count_is N
count_is() {
	[ "$(wc -l <started)" = "$1" ]
}

@test "jobs --json is a line for each job that runs, with every byte of its items" {
	gates a
	printf 'a\n"\xff\\\n' >items
	mkfifo $'go"\xff\\'
	serve -j2 -a items sh -c "$waiting"
	wait_until has_lines 2 started
	run -0 ctl jobs --json
	assert_line --regexp '^\{"seq":1,"attempt":1,"slot":[12],"pid":[0-9]+,"seconds":[0-9]+\.[0-9]{3},"items":\["a"\]\}$'
	assert_line --partial '"items":["\"\udcff\\"]}'
	assert_equal "${#lines[@]}" 2
	kill "$pid"
	ends 143
}

@test "status --json has the rate and the mean time of attempts" {
	gates 9
	serve -j1 sh -c '[ $0 = 9 ] || exit 0; echo >>started; read -r x <go9' ::: {1..9}
	wait_until has_lines 1 started
	run -0 ctl status --json
	assert_output --regexp ',"rate":[0-9]+\.[0-9]{3},"mean":[0-9]+\.[0-9]{3}\}$'
	kill "$pid"
	ends 143
}

@test "events: what happens from now on, to the end of the run" {
	gates 1 2
	serve -j1 sh -c "$waiting"'; [ $0 = 1 ]' ::: 1 2
	wait_until has_started 1
	"$PEXEC" --ctl S events >events 3>&- &
	others+=($!)
	wait_until has_lines 1 events
	grep -q '^{"v":1,"event":"begin","time":[0-9.]*,"pid":'"$pid"',"slots":1,' events
	release go1
	wait_until has_started 1 2
	release go2
	ends 123
	wait "${others[0]}"
	assert_equal "$(sed -E 's/.*"event":"([a-z]*)".*/\1/' events | paste -sd ' ')" \
		'begin end over start end over stop'
	grep -q '"event":"over".*"seq":2,.*"outcome":"failed","exit":1,' events
}

# The run knows of so many that follow it, by the sockets that it has open: one is that it listens at.
connected() {
	[ "$(find "/proc/$pid/fd" -lname 'socket:*' | wc -l)" -eq $(($1 + 1)) ]
}

@test "events: a run that is killed has no end, and a client that goes leaves the run alone" {
	[ -d /proc/self/fd ] || skip "needs /proc"
	serve -j1 sleep "$nap" ::: 1
	"$PEXEC" --ctl S events >events 3>&- &
	others+=($!)
	"$PEXEC" --ctl S events >gone 3>&- &
	others+=($!)
	wait_until has_lines 1 events
	wait_until has_lines 1 gone
	wait_until connected 2
	kill "${others[1]}"
	wait_until connected 1
	kill -KILL "$pid"
	ends 137
	status=0
	wait "${others[0]}" || status=$?
	assert_equal "$status" 1
	assert_equal "$(wc -l <events)" 1
}

@test "events: one that does not read is given up, and the run goes on" {
	needs_plain_build "it takes the time of an ordinary build"
	for i in {1..60}; do printf '%0100000d\n' "$i"; done >items
	mkfifo queue
	exec 5<>queue
	serve -j2 -a queue sh -c 'echo >>ran'
	crowd 'print $s "events\n"; $s->flush;'
	cat items >&5
	wait_until has_lines 60 ran
	wait_until connected 0
	exec 5>&-
	kill "$pid"
	ends 143
}

# Follows the run, and reads from `go` on, slowly: what has come is in events. Sets reader.
read_slowly() {
	perl -MIO::Socket::UNIX -e "$connect"'
		print $s "events\n"; $s->flush; sysread $s, my $all, 4096;
		open my $ready, ">", "follows"; close $ready;
		select undef, undef, undef, 0.05 until -e "go";
		while (sysread $s, my $piece, 4096) { $all .= $piece; select undef, undef, undef, 0.01 }
		print $all' >events 3>&- 5>&- &
	reader=$!
	others+=("$reader")
	wait_until test -e follows
}

@test "events: one that reads slowly has all of them, when the run is over too" {
	needs_plain_build "it takes the time of an ordinary build"
	mkfifo queue
	exec 5<>queue
	serve -j2 -a queue true
	read_slowly
	for i in {1..40}; do printf '%07000d\n' "$i"; done >&5
	exec 5>&-
	touch go
	ends 0
	wait "$reader"
	assert_equal "$(grep -c '"event":"over"' events)" 40
	assert_regex "$(tail -n1 events)" '^\{"event":"stop",.*\}$'
}

@test "events: a run that is told to end waits a second at most for one that does not read" {
	gates 40
	mkfifo queue
	exec 5<>queue
	serve -j1 -a queue sh -c '[ ${#0} -gt 100 ] || { echo >>started; read -r x <go40; }'
	read_slowly
	for i in {1..40}; do printf '%07000d\n' "$i"; done >&5
	echo last >&5
	wait_until has_lines 1 started
	kill "$pid"
	SECONDS=0
	exec 5>&-
	ends 143
	[ "$SECONDS" -lt 6 ]
}

@test "events: eight may follow a run, and one more is refused" {
	serve -j1 sleep "$nap" ::: 1
	crowd 'my @all = map { my $c = IO::Socket::UNIX->new(Peer => "S"); print $c "events\n"; $c->flush; $c } 1..8;
		<$_> for @all;'
	run -1 ctl events
	assert_output 'pexec: --ctl S: events: too many follow the run already'
	run -0 ctl status
	kill "$pid"
	ends 143
}

# Waits for a job, or for the run, in the background: waits_for NAME [SEQ]
waits_for() {
	{
		local status=0
		ctl wait "${@:2}" || status=$?
		echo "$status" >"$1"
	} 3>&- &
	others+=($!)
}

@test "wait: the status of a job that runs, is over, is yet to come, and of the run" {
	gates 1 2 3
	serve -j1 sh -c "$waiting"'; [ $0 != 2 ] || kill -9 $$; exit $0' ::: 1 2 3
	wait_until has_started 1
	waits_for first 1
	waits_for second 2
	waits_for never 77
	waits_for run
	if [ -d /proc/self/fd ]; then wait_until connected 4; fi
	release go1
	wait_until has_lines 1 first
	assert_equal "$(cat first)" 1
	run -1 ctl wait 1
	refute_output
	wait_until has_started 1 2
	release go2
	wait_until has_lines 1 second
	assert_equal "$(cat second)" 137
	wait_until has_started 1 2 3
	release go3
	ends 123
	wait_until has_lines 1 run
	assert_equal "$(cat run)" 123
	wait_until has_lines 1 never
	assert_equal "$(cat never)" 125
}

@test "wait: a run that is ended by a signal, and one that breaks off" {
	serve -j1 sleep "$nap" ::: 1
	waits_for job 1
	waits_for run
	if [ -d /proc/self/fd ]; then wait_until connected 2; fi
	kill "$pid"
	ends 143
	wait_until has_lines 1 run
	wait_until has_lines 1 job
	assert_equal "$(cat job run)" $'125\n143'
	serve -j1 sleep "$nap" ::: 1
	waits_for broken
	if [ -d /proc/self/fd ]; then wait_until connected 1; fi
	kill -KILL "$pid"
	ends 137
	wait_until has_lines 1 broken
	assert_equal "$(cat broken)" 1
	run -1 ctl wait x
}

# Listens to a job in the background: hears NAME SEQ. Its outputs are in NAME.out and NAME.err, its status in NAME.
hears() {
	{
		local status=0
		ctl tail "$2" >"$1.out" 2>"$1.err" || status=$?
		echo "$status" >"$1"
	} 3>&- &
	others+=($!)
}

# What was heard, with the end marked: heard NAME OUT ERR
heard() {
	assert_equal "$(cat "$1.out"; echo .)" "$2."
	assert_equal "$(cat "$1.err")" "$3"
}

# Something of it, or that there was something: has_heard NAME
has_heard() {
	[ -s "$1.out" ] || [ -s "$1.err" ]
}

# A job that begins to print, and goes on when it is let.
speaking='printf "first $0\n"; echo "oh $0" >&2; '"$waiting"'; printf "b\001\377 $0"; exit 3'

@test "tail: what a job has printed and what it prints then, as it is, and its status" {
	gates 1 2
	serve -j1 sh -c "$speaking" ::: 1 2
	wait_until has_started 1
	hears one 1
	hears again 1
	hears two 2
	hears none 77
	wait_until has_lines 1 one.out
	wait_until has_lines 1 again.err
	heard one $'first 1\n' 'oh 1'
	release go1
	wait_until has_lines 1 one
	wait_until has_lines 1 again
	heard one $'first 1\nb\001\377 1' 'oh 1'
	heard again $'first 1\nb\001\377 1' 'oh 1'
	assert_equal "$(cat one again)" $'3\n3'
	run -3 --separate-stderr ctl tail 1
	refute_output
	assert_equal "$stderr" 'pexec: --ctl S: tail: it is over: what it has printed is not kept'
	# One that has not begun yet.
	wait_until has_lines 1 two.out
	release go2
	ends 123
	wait_until has_lines 1 two
	heard two $'first 2\nb\001\377 2' 'oh 2'
	wait_until has_lines 1 none
	heard none '' 'pexec: --ctl S: tail: it has not run since this was asked'
	assert_equal "$(cat none)" 125
}

@test "tail: NUL bytes, and more than memory keeps" {
	gates 1
	serve -j1 --buffer 16K sh -c 'head -c 3000000 /dev/zero; seq 500000; printf end; '"$waiting"'; seq 9' ::: 1 >all
	hears one 1
	wait_until has_started 1
	hears late 1
	wait_until test -s late.out
	wait_until test -s one.out
	release go1
	ends 0
	wait_until has_lines 1 one
	wait_until has_lines 1 late
	cmp one.out all
	cmp late.out all
	[ "$(wc -c <all)" -gt 6000000 ]
	assert_equal "$(cat one one.err late late.err)" $'0\n0'
}

@test "tail: what was passed on before is not kept, which is said once; the rest comes" {
	local gone='pexec: --ctl S: tail: what was passed on before is not kept: this is what follows' options
	for options in -k --lb "-k --tag"; do
		gates 1
		rm -f one one.* out
		# shellcheck disable=SC2086 # several options
		start "$PEXEC" --ctl S $options -j1 sh -c 'echo first; '"$waiting"'; echo "oh 1" >&2; printf rest' ::: 1 >out 2>&1
		wait_until grep -q first out
		wait_until listens
		hears one 1
		wait_until grep -q "$gone" one.err
		release go1
		ends 0
		wait_until has_lines 1 one
		assert_equal "$(cat one.out)" rest
		assert_equal "$(sort one.err)" "oh 1"$'\n'"$gone"
		rm -f go1
	done
}

@test "tail: with -k a job that waits for its turn, or is over and does" {
	gates 1 2
	serve -k -j2 sh -c "$speaking" ::: 1 2
	wait_until has_started 1 2
	hears runs 2
	wait_until has_lines 1 runs.out
	release go2
	wait_until tells "1 running" status
	hears over 2
	wait_until test -s over.out
	wait_until test -s runs.out
	release go1
	ends 123
	wait_until has_lines 1 runs
	wait_until has_lines 1 over
	heard runs $'first 2\nb\001\377 2' 'oh 2'
	heard over $'first 2\nb\001\377 2' 'oh 2'
	assert_equal "$(cat runs over)" $'3\n3'
}

@test "tail: what is printed into files or a table is heard, and the attempts that follow" {
	local options
	for options in "--results table.csv" "--results folder --quiet" "--retries 2"; do
		gates 1
		# shellcheck disable=SC2086 # several options
		serve $options -j1 sh -c 'echo "attempt $PEXEC_ATTEMPT"; '"$waiting"'; echo ended; [ $PEXEC_ATTEMPT = 2 ]' ::: 1
		wait_until has_started 1
		rm -f one one.*
		hears one 1
		wait_until has_heard one
		release go1
		if [ "$options" = "--retries 2" ]; then
			wait_until has_started 1 1
			release go1
			ends 0
		else
			ends 123
		fi
		wait_until has_lines 1 one
		assert_equal "$(grep -c ended one.out)" "$(wc -l <started)"
		assert_equal "$(tail -n 1 one.out)" ended
		rm -f go1
	done
}

@test "tail: one that does not read holds up nothing; of a job that is kept it gets all in the end" {
	gates 1 2
	serve -k -j2 sh -c 'echo first; '"$waiting"'; seq 3000000; echo >>printed; '"$waiting" ::: 1 2 >out
	wait_until has_started 1 2
	"$PEXEC" --ctl S tail 2 >kept 3>&- &
	others+=($!)
	wait_until test -s kept
	kill -STOP "${others[0]}"
	# What the first job prints leaves at once, and little of it is kept.
	crowd 'print $s "tail 1\n"; $s->flush; <$s>;'
	release go1
	release go2
	wait_until has_lines 2 printed
	run -0 ctl status
	kill -CONT "${others[0]}"
	wait_until is_size "$({ echo first; seq 3000000; } | wc -c)" kept
	wait_until has_started 1 1 2 2
	release go2
	release go1
	ends 0
	wait "${others[0]}"
	cat kept kept | cmp - out
}

@test "tail: one that is too far behind a job that passes all on gets no end" {
	gates 1
	serve -k -j1 sh -c 'echo first; '"$waiting"'; seq 3000000' ::: 1 >out
	wait_until has_started 1
	"$PEXEC" --ctl S tail 1 >late 2>err 3>&- &
	others+=($!)
	wait_until test -s err
	kill -STOP "${others[0]}"
	release go1
	ends 0
	kill -CONT "${others[0]}"
	status=0
	wait "${others[0]}" || status=$?
	assert_equal "$status" 1
	grep -q 'there is no more of it' err
	[ "$(wc -l <out)" = 3000001 ]
}

@test "tail: a terminal sees escapes, and whole characters" {
	gates 1
	serve -j1 sh -c 'printf "\033[1mbold\n\303"; '"$waiting"'; printf "\244 \303"; exit 3' ::: 1
	wait_until has_started 1
	LC_ALL=C.UTF-8 run -3 python3 "$project/tests/lib/pty.py" bold '\r' -- \
		sh -c '"$0" --ctl S tail 1 & read -r line; echo >go1; wait $!' "$PEXEC"
	ends 123
	assert_output --partial '\^[[1mbold'
	assert_output --partial 'ä \M-C'
}

@test "tail: what it takes" {
	serve -j1 sleep "$nap" ::: 1
	run -1 ctl tail
	assert_output 'pexec: --ctl S: tail: it takes the number of a job'
	run -1 ctl tail 0
	assert_output 'pexec: --ctl S: tail: it takes the number of a job'
	kill "$pid"
	ends 143
	serve -u -j1 sleep "$nap" ::: 1
	run -1 ctl tail 1
	assert_output 'pexec: --ctl S: tail: with -u jobs print by themselves, and nothing is collected'
	kill "$pid"
	ends 143
}

@test "-j FILE has the number, and follows it when it is written or replaced" {
	echo 1 >slots
	: >started
	start "$PEXEC" -j ./slots sh -c 'echo >>started; exec sleep '"$nap" ::: {1..9} 2>err
	wait_until count_is 1
	echo 2 >slots
	wait_until count_is 2
	echo 3 >new
	mv new slots
	wait_until count_is 3
	# The new file is followed as the first was.
	echo 4 >>slots
	wait_until has_lines 1 err
	echo 4 >slots
	wait_until count_is 4
	rm slots
	echo 5 >slots
	wait_until count_is 5
	ln -s other link
	echo 6 >other
	mv link slots
	wait_until count_is 6
	echo 7 >other
	wait_until count_is 7
	kill "$pid"
	ends 143
	assert_equal "$(cat err)" "pexec: -j ./slots: '3\\n4' in it: invalid (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536); still 3 slots"
}

@test "-j FILE: what is wrong is reported, and the old number stays" {
	echo 2 >slots
	serve -j slots sleep "$nap" ::: 0 0 2>err
	for wrong in many '' 2x 0x2 "$(printf %0100d 2)"; do
		echo "$wrong" >slots
		wait_until test -s err
		grep "^pexec: -j slots: '.*' in it.*; still 2 slots$" err
		assert_equal "$(wc -l <err)" 1
		: >err
	done
	printf '2\0' >slots
	wait_until grep -q 'is no number; still 2 slots' err
	rm slots
	mkdir slots
	[[ $(ctl status) == *'; 2 slots' ]]
	kill "$pid"
	ends 143
}

@test "-j FILE that cannot be read or has no number is a usage error" {
	run -1 "$PEXEC" -j ./missing true ::: a
	assert_output 'pexec: -j ./missing: No such file or directory'
	run -1 "$PEXEC" -j / true ::: a
	assert_output 'pexec: -j /: no regular file'
	echo none >slots
	run -1 "$PEXEC" -j slots true ::: a
	assert_output "pexec: -j slots: 'none' in it: invalid (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536)"
	: >slots
	run -1 "$PEXEC" -j slots true ::: a
	assert_output "pexec: -j slots: '' in it: invalid (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536)"
	run -1 "$PEXEC" -j missing true ::: a
	assert_output 'pexec: -j missing: invalid (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536)'
	# A number is one, whatever files there are.
	echo none >./2
	run -0 "$PEXEC" -j 2 echo ::: a
	assert_output a
}

@test "--help has every command of --ctl" {
	serve -j1 sleep "$nap" ::: 0
	run -1 ctl statsu
	assert_output --partial 'it is no call to it: statsu is none of '
	names=${output##* is none of }
	run -0 "$PEXEC" --help
	output=$(tr -s ' \n' ' ' <<<"$output")
	assert_output --partial "obey there: $names"
}
