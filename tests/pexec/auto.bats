#!/usr/bin/env bats
# -j auto: the pool finds its own size.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

@test "-j auto: jobs that sleep get more slots than there are CPUs" {
	yes | head -n 200 >items
	"$PEXEC" -j auto --summary -u -a items sh -c 'echo +1; sleep 0.1; echo -1' >log 2>err
	grep -q '^pexec: slots: .* jobs/s; ' err
	run awk '{ running += $1; if (running > most) most = running } END { print most }' log
	[ "$output" -gt "$((2 * $(nproc)))" ]
}

@test "-j auto: never more than the range" {
	yes | head -n 60 >items
	"$PEXEC" -j auto:1-3 -u -a items sh -c 'echo +1; sleep 0.02; echo -1' >log
	run awk '{ running += $1; if (running > 3) bad = 1 } END { print NR, running, bad + 0 }' log
	assert_output '120 0 0'
}

@test "-j auto: begins within the range" {
	seq 4 >items
	start "$PEXEC" -j auto:4-9 -a items sh -c 'echo >>started; exec sleep '"$nap"
	wait_until has_lines 4 started
	kill "$pid"
	ends 143
}

@test "-j auto: never more than there are descriptors for, which is no word worth" {
	yes 0.02 | head -n 100 >items
	run -0 --separate-stderr bash -c 'ulimit -n 40; exec "$PEXEC" -j auto --summary -a items sleep'
	[[ $stderr != *'open files'* ]]
}

@test "-j auto: a range that is none is refused" {
	for range in '' 4 4- -4 4-3 0-3 x-y 1-99999; do
		run -1 "$PEXEC" -j "auto:$range" echo ::: a
		assert_output --partial "-j auto:$range: a range is auto:MIN-MAX, with numbers from 1 to 65536"
	done
}

@test "-j auto: -t says what was found, and a run that resumes begins with it" {
	local job='echo >>started; exec sleep "$0"'
	yes 0.02 | head -n 100 >items
	run -0 --separate-stderr "$PEXEC" -j auto:1-8 -t --joblog jobs -a items sh -c "$job"
	[[ $stderr =~ 'slots: '.*'staying at '([0-9]+) ]]
	[[ $(cat jobs.slots) =~ ^[1-8]$ ]]
	echo 6 >jobs.slots
	rm started
	yes "$nap" | head -n 7 >>items
	start "$PEXEC" -j auto:1-8 --joblog jobs --resume -a items sh -c "$job"
	wait_until has_lines 6 started
	wait_until naps 6
	kill "$pid"
	ends 143
}

@test "-j auto: what is no number beside the journal is passed over" {
	echo nonsense >jobs.slots
	run -0 "$PEXEC" -j auto --joblog jobs --resume echo ::: a
	assert_output a
}

@test "-j auto: without a journal, and with --dry-run, no file is left" {
	"$PEXEC" -j auto --dry-run --joblog jobs echo ::: a b c
	"$PEXEC" -j auto echo ::: a b c
	assert [ ! -e jobs.slots ]
}

@test "-j auto: a number of the user's ends it, and that is said" {
	serve -j auto:2-4 sleep "$nap" ::: 0 0 0 2>err
	wait_until naps 2
	run -0 ctl status
	assert_line --partial '2 slots (auto)'
	run -0 ctl slots 3
	assert_output '3 slots'
	wait_until grep -q 'pexec: 3 slots from now on, set by --ctl: -j auto is over' err
	run -0 ctl status
	assert_line --index 1 'slots: 3, set by hand'
	wait_until naps 3
	kill "$pid"
	ends 143
}

@test "-j auto: it begins when it is asked for while the run goes on, and ends, and begins again" {
	serve -j1 sleep "$nap" ::: {1..9} 2>err
	wait_until naps 1
	run -0 ctl slots auto:3-5
	assert_output '3 slots (auto)'
	wait_until naps 3
	run -0 ctl status
	assert_line --partial '3 slots (auto)'
	run -0 ctl slots 4
	wait_until naps 4
	run -0 ctl slots auto:2-3
	assert_output '3 slots (auto)'
	wait_until tells '"auto":true' status --json
	run -1 ctl slots auto:3
	assert_output 'pexec: --ctl S: slots: a range is auto:MIN-MAX, with numbers from 1 to 65536'
	assert_equal "$(cat err)" 'pexec: 4 slots from now on, set by --ctl: -j auto is over'
	kill "$pid"
	ends 143
}

@test "-j auto: it finds the number, too, when it begins in the middle" {
	serve -t -j1 sleep 0.05 <<<"$(seq 400 | sed 's/.*/0/')" 2>err
	run -0 ctl slots auto:1-16
	ends 0
	grep 'slots: .*staying at \(8\|1[0-6]\)$' err
}

@test "-j auto: so the file of -j says it" {
	echo auto:2-3 >slots
	serve -j ./slots sleep "$nap" ::: {1..9} 2>err
	wait_until naps 2
	wait_until tells '2 slots (auto)' status
	echo 4 >slots
	wait_until naps 4
	wait_until grep -qx 'pexec: 4 slots from now on, set by -j ./slots: -j auto is over' err
	tells '; 4 slots' status
	echo auto:5-6 >slots
	wait_until naps 5
	wait_until tells '5 slots (auto)' status
	echo auto:x >slots
	wait_until grep -qx "pexec: -j ./slots: 'auto:x' in it: a range is auto:MIN-MAX, with numbers from 1 to 65536; still 5 slots" err
	kill "$pid"
	ends 143
}

@test "-j auto: so does a signal" {
	start "$PEXEC" -j auto:1-1 sleep "$nap" ::: 0 0 2>err
	wait_until naps 1
	kill -USR1 "$pid"
	wait_until naps 2
	grep -q 'pexec: 2 slots from now on, set by a signal: -j auto is over' err
	kill "$pid"
	ends 143
}
