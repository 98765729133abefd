#!/usr/bin/env bats
# Nothing is left running, however pexec ends; and nothing of the guardian that sees to it.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2030,SC2031 # each test has a pid of its own
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

@test "SIGTERM, SIGKILL and SIGQUIT end the command that gives the items" {
	local option signal
	for option in --source --next; do
		for signal in TERM KILL; do
			start "$PEXEC" "$option" "sleep $nap; :" echo
			wait_until naps 1
			kill -s "$signal" "$pid"
			ends $((128 + $(kill -l "$signal")))
			# After SIGKILL the guardian has to see to it.
			[ "$signal" = TERM ] || wait_until none_left
			none_left
		done
	done
	start "$PEXEC" --grace 0.2 --source "trap '' TERM; echo a; sleep $nap; sleep $nap" echo >out
	wait_until grep -q a out
	wait_until naps 1
	kill -QUIT "$pid"
	ends 125
	none_left
}

@test "SIGKILL ends an acknowledgement" {
	start "$PEXEC" --done "sleep $nap; :" true ::: a
	wait_until naps 1
	kill -KILL "$pid"
	wait_until naps 0
	wait_until none_left
}

# Each job is a shell with a child: start_shells N OPTION...
start_shells() {
	local count=$1
	shift
	yes "$nap" | head -n "$count" >items
	start "$PEXEC" -j "$count" -a items "$@" sh -c 'sleep $0; :'
	wait_until naps "$count"
}

nothing_naps() {
	local found napping
	find_naps
	[ ${#found[@]} = 0 ]
}

# Nothing of any job is left a second later; on a slow machine a little more: all_gone
all_gone() {
	local begin=${EPOCHREALTIME/[.,]/} took
	wait_until nothing_naps
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
	echo "took $took ms"
	[ "$took" -lt 5000 ]
	none_left
}

is_traced() {
	grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"
}

@test "SIGKILL to sem ends its command, and another one may begin then, not before" {
	needs_strace
	start "$PEXEC" --as sem --id "$PWD" --fg "sleep $nap & echo \$! >napper; wait"
	wait_until [ -s napper ]
	companion=$(guardian)
	# The guardian takes its time: the child of the shell is there for as long.
	strace -o trace -e trace=kill -e inject=kill:delay_enter=2000000 -p "$companion" 3>&- &
	wait_until is_traced "$companion"
	kill -KILL "$pid"
	"$PEXEC" --as sem --id "$PWD" --fg true
	is_gone "$(cat napper)"
	none_left
}

@test "sem in the background: SIGKILL ends its command as well" {
	"$PEXEC" --as sem --id "$PWD" 'echo $PPID >holder; '"sleep $nap; :" 3>&-
	wait_until naps 1
	kill -KILL "$(cat holder)"
	wait_until nothing_naps
	"$PEXEC" --as sem --id "$PWD" --wait
}

@test "sem that is killed while it waits runs nothing" {
	mkfifo gate
	"$PEXEC" --as sem --id "$PWD" 'read -r _ <gate' 3>&-
	start "$PEXEC" --as sem --id "$PWD" 'touch ran'
	wait_until children
	kill -TERM "$pid"
	ends 143
	echo >gate
	"$PEXEC" --as sem --id "$PWD" --wait
	[ ! -e ran ]
}

guardian() {
	ps --ppid "$pid" -o pid=,comm= | awk '$2 == "job-guardian" { print $1 }'
}

is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

@test "SIGTERM, SIGINT and SIGKILL during many jobs with children: none is left" {
	for signal in TERM INT KILL; do
		start_shells 40
		kill -s "$signal" "$pid"
		all_gone
		ends $((128 + $(kill -l "$signal")))
	done
}

@test "SIGKILL: grandchildren, those in the background, and jobs that ignore all else" {
	start "$PEXEC" -j2 sh -c 'trap "" TERM INT HUP QUIT; sleep '"$nap & (sleep $nap; :) & sh -c 'sleep $nap; :'; :" ::: 1 2
	wait_until naps 6
	kill -KILL "$pid"
	all_gone
}

@test "SIGKILL with -u, with -k, while retries wait, under a timeout, and of a job that is stopped" {
	for options in -u -k '--retries 2 --retry-delay 0.1' '--timeout 60' --lb; do
		# shellcheck disable=SC2086 # several words
		start "$PEXEC" -j3 $options sh -c '[ $0 = fail ] && exit 1; sleep $0; :' ::: "$nap" fail "$nap"
		wait_until naps 2
		kill -KILL "$pid"
		all_gone
	done
	start "$PEXEC" sh -c 'echo $$ >job; sleep '"$nap; :" ::: a
	wait_until naps 1
	kill -STOP "$(cat job)"
	wait_until is_stopped "$(cat job)"
	kill -KILL "$pid"
	all_gone
}

# More jobs than so many are in their `sleep $nap`: more_naps N
more_naps() {
	local found napping
	find_naps
	[ ${#napping[@]} -gt "$1" ]
}

@test "SIGKILL while jobs are being started: none gets through" {
	yes "$nap" | head -n 400 >items
	for round in {1..4}; do
		# Until a long one has it, small jobs come and go in every slot.
		start "$PEXEC" -j20 -a items sh -c '[ $((PEXEC_SEQ % 2)) = 0 ] || exit 0; exec sleep $0'
		# So many have been started before the signal.
		wait_until more_naps $((round * 3))
		kill -KILL "$pid"
		all_gone
		wait "$pid" || true
	done
}

@test "SIGKILL before the guardian is ready: whatever has been started is ended" {
	for delay in 0 2 3 5 8; do
		start "$PEXEC" -j4 sh -c 'sleep $0; :' ::: "$nap" "$nap" "$nap" "$nap"
		read -r -t "0.00$delay" <> <(:) || true
		kill -KILL "$pid"
		wait "$pid" || true
		all_gone
	done
}

@test "SIGKILL of the whole process group of pexec does not reach the guardian" {
	start setsid --wait "$PEXEC" -j2 sh -c 'echo $PPID >parent; sleep '"$nap; :" ::: 1 2
	wait_until naps 2
	kill -KILL -- "-$(cat parent)"
	all_gone
}

@test "pexec that ends by an error of its own leaves nothing, either" {
	start "$PEXEC" -j2 -a items sh -c 'sleep '"$nap; :" ::: 1 2 || true
	wait "$pid" || true
	mkfifo items
	exec 5<>items
	start "$PEXEC" -j2 sh -c 'sleep '"$nap; :" <items >/dev/full
	printf '1\n2\n' >&5
	wait_until naps 2
	# The kernel's way to end a program that breaks a rule.
	kill -SEGV "$pid"
	all_gone
}

@test "the guardian is gone after a normal end, after a signal, and after SIGKILL" {
	mkfifo go
	for how in release TERM KILL; do
		start "$PEXEC" sh -c 'echo >ready; read -r x <go' ::: a
		wait_until test -e ready
		guard=$(guardian)
		[ -n "$guard" ]
		case $how in
			release) release go ;;
			*) kill -s "$how" "$pid" ;;
		esac
		wait "$pid" || true
		# Otherwise it has work to do when pexec has ended.
		[ "$how" != KILL ] || wait_until is_gone "$guard"
		is_gone "$guard"
		rm ready
	done
}

@test "the guardian holds nothing open: pipelines end, and descriptors of the caller too" {
	run -0 timeout 20 bash -c '"$0" echo ::: a b | cat | wc -l' "$PEXEC"
	assert_output 2
	# Also when pexec has been killed, and whoever reads waits for the end.
	start bash -c '"$0" sh -c "echo \$PPID >parent; sleep '"$nap"'; :" ::: a | cat >out' "$PEXEC"
	wait_until naps 1
	kill -KILL "$(cat parent)"
	ends 0
	# The guardian looks a second time.
	wait_until none_left
	run -0 timeout 20 bash -c 'exec 7> >(cat; echo end); "$0" true ::: a; exec 7>&-; wait' "$PEXEC"
	assert_output end
}

@test "under nohup, and in the background of a shell that ends" {
	nohup "$PEXEC" -j2 sh -c 'echo $PPID >parent; sleep '"$nap; :" ::: 1 2 >out 2>&1 </dev/null &
	wait_until naps 2
	kill -HUP "$(cat parent)"
	naps 2
	kill -KILL "$(cat parent)"
	all_gone
	bash -c '"$0" sh -c "echo \$PPID >parent; sleep '"$nap"'; :" ::: a >/dev/null 2>&1 &' "$PEXEC" 3>&-
	wait_until naps 1
	kill -KILL "$(cat parent)"
	all_gone
}

@test "--keep-orphans: no guardian, and jobs go on" {
	start "$PEXEC" --keep-orphans -j2 sh -c 'sleep '"$nap; :" ::: 1 2
	wait_until naps 2
	assert_equal "$(guardian)" ''
	kill -KILL "$pid"
	wait "$pid" || true
	naps 2
	# Signals are another matter.
	pkill -KILL -f "^sleep $nap"
	wait_until naps 0
	start "$PEXEC" --keep-orphans -j2 sh -c 'sleep '"$nap; :" ::: 1 2
	wait_until naps 2
	kill -TERM "$pid"
	all_gone
}

@test "the guardian takes no signal but SIGKILL, and pkill pexec does not mean it" {
	start "$PEXEC" sh -c 'sleep '"$nap; :" ::: a
	wait_until naps 1
	guard=$(guardian)
	for signal in TERM INT HUP USR1 USR2 QUIT; do kill -s "$signal" "$guard"; done
	run ! pgrep -x pexec -g "$(ps -o pgid= -p "$guard")"
	[[ $(cat "/proc/$guard/comm") != *pexec* ]]
	kill -KILL "$pid"
	all_gone
}

@test "when pexec has been killed its journal is free" {
	for _ in 1 2 3 4 5; do
		"$PEXEC" --joblog journal sleep ::: "$nap" 3>&- &
		pid=$!
		wait_until naps 1
		kill -s KILL "$pid"
		wait "$pid" || true
		wait_until flock -n journal true
		run -0 "$PEXEC" --joblog journal --resume echo ::: a
	done
}

@test "--pidfile is removed when pexec dies of a bug" {
	needs_plain_build 'the runtime has handlers of its own'
	ulimit -c 0
	local name
	for name in SEGV ABRT BUS ILL SYS; do
		start "$PEXEC" --pidfile file sleep ::: "$nap"
		wait_until naps 1
		kill -s "$name" "$pid"
		ends $((128 + $(kill -l "$name")))
		[ ! -e file ]
		wait_until none_left
	done
}

# It has slept several times since it was started; one that does not wait has ended.
looks_again() {
	is_over || [ "$(awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$pid/status")" -gt 10 ]
}

@test "a pexec that was killed is waited for: its journal is free as soon as its jobs are dead" {
	for _ in 1 2; do
		start "$PEXEC" -j2 --joblog log sleep "$nap"0 ::: 1 2
		wait_until naps 2
		kill -KILL "$pid"
		run -0 "$PEXEC" --resume --joblog log echo ::: a
		assert_output a
		naps 0
		wait_until none_left
		rm log
	done
	mkfifo go
	flock log sh -c 'echo >locked; read -r x <go' &
	wait_until test -e locked
	start "$PEXEC" --resume --joblog log echo ::: a >out
	wait_until looks_again
	release go
	ends 0
	assert_equal "$(cat out)" a
}

@test "SIGKILL also ends what has left the group of its job: setsid(1), timeout(1), job control, daemons" {
	local job
	for job in "setsid sleep $nap; true" "timeout 99 sleep $nap; true" "set -m; sleep $nap & wait" \
		"setsid setsid -f sleep $nap; sleep ${nap}1" "setsid -f sh -c 'sleep $nap; :' >log 2>&1; sleep ${nap}1"; do
		for option in '' -u -k; do
			# shellcheck disable=SC2086 # no word, or one
			start "$PEXEC" -j2 $option -c "$job" ::: 1 2
			wait_until eval 'find_naps; [ "${#napping[@]}" -ge 2 ]'
			kill -KILL "$pid"
			all_gone
			wait "$pid" || true
		done
	done
}

@test "the same while it starts others all the time, and where no descriptor can be opened any more" {
	start "$PEXEC" -c 'setsid perl -e '\''$SIG{CHLD} = "IGNORE"; while (1) { select undef, undef, undef, 0.01; fork or select undef, undef, undef, 0.1 or exit }'\'" $nap" ::: 1
	wait_until eval 'find_naps; [ "${#found[@]}" -ge 3 ]'
	kill -KILL "$pid"
	all_gone
	wait "$pid" || true
	start bash -c 'ulimit -n 20; exec "$@"' bash "$PEXEC" -j20 -c "setsid sleep $nap; true" ::: {1..20} 2>err
	wait_until naps 1
	kill -KILL "$pid"
	all_gone
}

@test "SIGKILL of pexec frees its journal only when what has left its job's group is dead" {
	for _ in 1 2 3; do
		start "$PEXEC" -j2 --joblog log -c "setsid sleep $nap; true" ::: 1 2
		wait_until naps 2
		kill -KILL "$pid"
		run -0 "$PEXEC" --resume --joblog log echo ::: a
		naps 0
		wait_until none_left
		rm log
	done
}

@test "SIGKILL leaves alone what belongs to another run, to a job that was over, or to no run" {
	local other
	"$PEXEC" -c "setsid sleep ${nap}2; true" ::: 1 3>&- &
	other=$!
	others+=("$other")
	setsid sleep "${nap}3" 3>&- &
	wait_until naps 2
	start "$PEXEC" -j1 -c '[ "$1" = 1 ] && exec setsid -f sleep '"${nap}1 >log 2>&1; setsid sleep $nap; true" ::: 1 2
	wait_until naps 4
	guard=$(guardian)
	kill -KILL "$pid"
	wait_until is_gone "$guard"
	naps 3
	kill "$other"
	wait_until naps 2
}

# ps shows what the run has come to: shows_title PID
shows_title() {
	[[ $(ps -o args= -p "$1") == pexec:* ]]
}

@test "SIGKILL of a run whose job is another one: both end, also where the inner one is on its own" {
	local how
	for how in '' 'setsid -f'; do
		start "$PEXEC" sh -c "$how \"\$0\" -c 'setsid sleep $nap; true' ::: 1 2 & sleep ${nap}1" "$PEXEC" ::: x
		wait_until naps 3
		# What ps shows changes after a second, and not what it is known by.
		inner=$(pgrep -f "^$PEXEC -c setsid|^pexec: .*$PEXEC -c setsid" | head -n 1)
		wait_until shows_title "$inner"
		kill -KILL "$pid"
		all_gone
		wait "$pid" || true
	done
}

# Is there a guardian, other than this one? has_guardian_beside PID
has_guardian_beside() {
	local now
	now=$(guardian)
	[ -n "$now" ] && [ "$now" != "$1" ]
}

@test "pkill -f with the words of the run, or with its name, does not mean the guardian" {
	local words
	for words in "$PEXEC -j3" "$nap" "${PEXEC##*/}"; do
		start "$PEXEC" -j3 sh -c 'sleep $0; :' ::: "$nap" "$nap" "$nap"
		wait_until naps 3
		guard=$(guardian)
		run ! grep -qF -- "$words" <(tr '\0' ' ' <"/proc/$guard/cmdline")
		pgrep -f -- "$words" | grep -xE "$pid|$guard" | xargs kill -KILL
		all_gone
		wait "$pid" || true
	done
}

# The run has lasted for long enough to have a spare guardian.
has_spare() {
	pgrep -P "$pid" -x spare-guardian >/dev/null
}

@test "SIGKILL to the guardian and to pexec, in either order: no process of theirs goes on" {
	needs_plain_build 'there is no spare in an instrumented one'
	local order
	for order in 'guard pid' 'pid guard'; do
		start "$PEXEC" -j3 sh -c 'sleep $0; :' ::: "$nap" "$nap" "$nap"
		wait_until naps 3
		wait_until has_spare
		guard=$(guardian)
		# shellcheck disable=SC2086,SC2046 # several words
		kill -KILL $(for which in $order; do echo ${!which}; done)
		all_gone
		wait "$pid" || true
	done
}

@test "a guardian that was killed is followed by another one, and that one by a third" {
	start "$PEXEC" -j2 sh -c 'sleep $0; :' ::: "$nap" "$nap" 2>err
	wait_until naps 2
	for _ in 1 2 3; do
		guard=$(guardian)
		kill -KILL "$guard"
		wait_until has_guardian_beside "$guard"
	done
	kill -KILL "$pid"
	all_gone
	[ ! -s err ]
}

@test "there is no room for another guardian: that is said once, and tried again" {
	needs_plain_build 'there is no spare in an instrumented one'
	needs_strace
	start "$PEXEC" -j2 sh -c 'sleep $0; :' ::: "$nap" "$nap" 2>err
	wait_until naps 2
	wait_until has_spare
	strace -p "$pid" -o trace -e trace=clone -e inject=clone:error=EAGAIN:when=1..2 3>&- &
	others+=("$!")
	wait_until is_traced "$pid"
	guard=$(guardian)
	kill -KILL "$guard"
	wait_until has_guardian_beside "$guard"
	assert_equal "$(cat err)" 'pexec: starting the guardian: until there is one, what a job has started itself will go on if pexec is killed by SIGKILL: Resource temporarily unavailable'
	kill -KILL "$pid"
	all_gone
}

@test "the guardian outlives each signal that can be blocked" {
	start "$PEXEC" sh -c 'sleep '"$nap; :" ::: a
	wait_until naps 1
	guard=$(guardian)
	for signal in {1..8} {10..18} {20..64}; do kill -s "$signal" "$guard"; done
	# What would have ended it would have done so by now: they are taken in turn.
	wait_until grep -qi '^SigBlk:[[:space:]]*fffffffffff[ab]' "/proc/$guard/status"
	kill -KILL "$pid"
	all_gone
}

# The kernel says of two processes that they do not share what KCMP_VM (1) is: has_own_memory PID PID
has_own_memory() {
	perl -e 'exit !(syscall(312, $ARGV[0] + 0, $ARGV[1] + 0, 1, 0, 0) > 0)' "$@"
}

@test "the guardian has memory of its own: its system calls do not write the errno of pexec" {
	[ "$(uname -m)" = x86_64 ] || skip 'the number of kcmp(2) differs'
	start "$PEXEC" sleep ::: "$nap"
	wait_until naps 1
	run ! has_own_memory "$pid" "$pid"
	has_own_memory "$pid" "$(guardian)"
	kill "$pid"
	ends 143
}

@test "SIGKILL while a child is on its way to its own group: it does not go on" {
	needs_strace
	# The child is long about its first call.
	start "${own_group[@]}" strace -D -f -o trace -e trace=setpgid -e inject=setpgid:delay_enter=1500000:when=1 \
		"$PEXEC" sh -c "sleep $nap; :" ::: a
	wait_until job_is_born
	kill -KILL "$pid"
	# It finds that pexec is dead.
	wait_until grep -q 'exited with 127' trace
	none_left
}
