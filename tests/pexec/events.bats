#!/usr/bin/env bats
# --events and --report FILE.json: what happens in a run, for programs and for people to look at.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash, stderr by run --separate-stderr
# shellcheck disable=SC2030,SC2031 # each test has others of its own
# shellcheck disable=SC2034 # others are used by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control
load ../lib/output

replay() {
	python3 "$project/tests/lib/replay_events.py" "$@"
}

# The events of a kind, those with a text in them, without times: said KIND [TEXT]
said() {
	grep -F "\"event\":\"$1\"" events | grep -F -- "${2:-}" | sed -E 's/"(time|runtime|user|system)":[0-9.]+,//g'
}

# So many events of a kind were told: told N KIND [TEXT]
told() {
	[ "$(said "${@:2}" | wc -l)" -eq "$1" ]
}

@test "random runs: the events and the trace, replayed, come to what the journal has" {
	replay --random 30 "$RANDOM"
}

@test "every event of a small run" {
	"$PEXEC" -j1 --events events --retries 2 sh -c '[ "$0" = a ] || exit $PEXEC_ATTEMPT' ::: a b >out 2>err || [ $? -eq 123 ]
	assert_equal "$(sed -E 's/.*"event":"([a-z]*)".*/\1/' events | paste -sd ' ')" \
		'begin start end over start end retry start end over stop'
	head -n 1 events | grep -q '^{"v":1,"event":"begin","time":[0-9.]*,"pid":[0-9]*,"slots":1,"total":2,"command":\["sh","-c",'
	said start '"seq":2' | grep -q '^{"event":"start","seq":2,"attempt":1,"slot":1,"pid":[0-9]*,"items":\["b"\]}$'
	said end '"seq":2,"attempt":2' | grep -q '"outcome":"failed","exit":2,"signal":0,"timeout":false,"rss":[0-9]*,"stdout":0}$'
	assert_equal "$(said retry)" '{"event":"retry","seq":2,"attempt":2,"slot":1,"delay":0.000}'
	assert_equal "$(said over '"seq":2')" \
		'{"event":"over","seq":2,"attempt":2,"slot":1,"outcome":"failed","exit":2,"signal":0,"items":["b"]}'
	assert_equal "$(said stop)" '{"event":"stop","status":123,"signal":0,"done":1,"failed":1,"left_out":0}'
}

@test "items have every byte" {
	printf 'a"b\\c\tx\n\xff\xc3\n\xc3\xa9\n\x01\n' >items
	"$PEXEC" --events events -a items true
	python3 - <<-'END' >got
		import json, sys
		for line in open('events', encoding='utf-8'):
		    event = json.loads(line)
		    if event['event'] == 'over':
		        text = ''.join(item + '\n' for item in event['items'])
		        sys.stdout.buffer.write(b'%d %s' % (event['seq'], text.encode('utf-8', 'surrogateescape')))
	END
	sort -n got | cut -d ' ' -f 2- | cmp - items
}

@test "a pause and the number of slots are told, and so are a drain and an end" {
	gates a b
	serve -j1 --events events sh -c "$waiting" ::: a b
	wait_until has_started a
	ctl slots 2
	wait_until has_started a b
	ctl pause
	wait_until told 1 wait '"reason":"paused"'
	ctl resume
	wait_until told 1 resume
	ctl drain
	wait_until told 1 halt '"phase":"draining"'
	kill "$pid"
	ends 143
	told 1 slots '"slots":2'
	told 1 halt '"phase":"ending","status":1,"signal":15'
	told 2 end '"outcome":"left out"'
	told 1 stop '"signal":15,"done":0,"failed":0,"left_out":2'
}

@test "a program that cannot be run is told with the reason" {
	echo 'no program' >data
	chmod +x data
	run -123 "$PEXEC" --events events -j1 './{}' ::: data
	told 1 end '"outcome":"not run","error":"Exec format error"'
	told 1 over '"outcome":"failed","exit":126'
}

@test "standard output gets whole lines, between what jobs print" {
	"$PEXEC" -j4 --events - sh -c 'printf %s "$0"' ::: {1..50} >out
	grep '^{' out >events
	told 50 over
	tail -n 1 events | grep -q '"event":"stop"'
	assert_equal "$(grep -v '^{' out | tr -d '\n' | wc -c)" 91
	"$PEXEC" --chdir / --events '&4' true ::: 1 4>events
	told 1 stop
}

@test "a descriptor is written to by pexec alone" {
	"$PEXEC" --events '&5' sh -c 'echo job >&5' ::: 1 5>events 2>err || [ $? -eq 123 ]
	run ! grep -q ^job events
	told 1 over '"outcome":"failed"'
}

@test "names that stand for no descriptor, or one that cannot be written, end pexec" {
	run -1 --separate-stderr "$PEXEC" --events '&x' true ::: 1
	assert_equal "$stderr" 'pexec: --events &x: a descriptor is & and a number from 1 on'
	run -1 --separate-stderr "$PEXEC" --events '&47' true ::: 1
	assert_equal "$stderr" 'pexec: --events &47: Bad file descriptor'
	run -1 --separate-stderr "$PEXEC" --events '&5' true ::: 1 5</dev/null
	assert_equal "$stderr" 'pexec: --events &5: it is open to be read'
	run -1 --separate-stderr "$PEXEC" --events "$PWD" true ::: 1
	assert_equal "$stderr" "pexec: --events $PWD: Is a directory"
	run -1 --separate-stderr "$PEXEC" --report report.txt true ::: 1
	assert_regex "$stderr" '^pexec: --report report.txt: the name of a report ends in \.html or \.json'
	run -1 --separate-stderr "$PEXEC" --events same.json --report same.json true ::: 1
	assert_equal "$stderr" 'pexec: --events same.json and --report same.json: they are the same file'
}

@test "a FIFO that no program reads is waited for, five seconds" {
	mkfifo fifo
	SECONDS=0
	run -1 --separate-stderr "$PEXEC" --events fifo true ::: 1
	assert_equal "$stderr" 'pexec: --events fifo: no program reads this FIFO'
	((SECONDS >= 4 && SECONDS <= 20))
}

@test "a reader that comes to a FIFO later gets all of it" {
	mkfifo fifo
	start "$PEXEC" --events fifo true ::: {1..20}
	cat fifo >events
	ends 0
	told 20 over
}

# What the slow reader has not let happen: some jobs have run, and no more of them do.
is_held_up() {
	[ -s ran ] && sleeps && ! children
}

@test "a reader that is slow loses nothing, and holds up only what cannot be kept" {
	needs_plain_build "a thread of its own"
	mkfifo fifo go
	# Each item comes twice, and 1 MiB is kept.
	for i in {1..60}; do printf '%0100000d\n' "$i"; done >items
	: >ran
	{
		read -r _ <go || :
		cat
	} <fifo >events 3>&- &
	others+=($!)
	start "$PEXEC" -j2 --events fifo -a items sh -c 'echo >>ran'
	wait_until is_held_up
	(($(wc -l <ran) < 20))
	release go
	ends 0
	wait_until told 1 stop
	told 60 start
	told 60 over
}

@test "a run that is told to end does not wait for a reader for long, and says what is lost" {
	mkfifo fifo go
	for i in {1..60}; do printf '%0100000d\n' "$i"; done >items
	: >ran
	read -r _ <go <fifo 3>&- &
	others+=($!)
	exec 7<>fifo
	start "$PEXEC" -j2 --events fifo -a items sh -c 'echo >>ran' 2>err 7>&-
	wait_until is_held_up
	kill "$pid"
	ends 143
	exec 7>&-
	grep -q '^pexec: --events fifo: not waiting any longer for its reader: the rest is lost$' err
}

@test "a reader that goes away gets no more, and the run goes on" {
	mkfifo fifo
	head -n 3 fifo >events 3>&- &
	others+=($!)
	start "$PEXEC" -j1 --events fifo sh -c 'echo $0 >>ran; [ "$0" -gt 1 ] || while [ -e waits ]; do :; done' ::: {1..20} 2>err
	ends 0
	assert_equal "$(wc -l <ran)" 20
	[ "$(wc -l <events)" -eq 3 ]
	assert_equal "$(cat err)" 'pexec: --events fifo: its reader has gone, and gets no more events'
}

@test "what cannot be written is said, the run goes on, and its status is 1" {
	run -1 --separate-stderr "$PEXEC" --events /dev/full sh -c 'echo $0 >>ran' ::: {1..5}
	assert_equal "$stderr" 'pexec: --events /dev/full: No space left on device; no more events are written'
	assert_equal "$(wc -l <ran)" 5
	run -123 "$PEXEC" --events /dev/full false ::: {1..5}
}

@test "a run that goes on adds to the events, behind the last whole one" {
	"$PEXEC" --joblog log --events events true ::: 1 2
	printf '{"event":"sta' >>events
	run -0 --separate-stderr "$PEXEC" --joblog log --resume --events events true ::: 1 2 3
	assert_equal "$stderr" 'pexec: --events events: its last line was torn by a crash and is taken off'
	told 2 begin
	told 3 over
	replay events log
	"$PEXEC" --events events true ::: 1
	told 1 begin
	echo 'int main' >main.c
	run -1 --separate-stderr "$PEXEC" --joblog log --resume --events main.c true ::: 1 2 3
	assert_equal "$stderr" 'pexec: --events main.c: it does not begin as events do: nothing is added'
	assert_equal "$(cat main.c)" 'int main'
}

@test "--dry-run tells of nothing, and leaves the file alone" {
	echo old >events
	"$PEXEC" --dry-run --events events --report report.json true ::: 1 >out
	assert_equal "$(cat events)" old
	[ ! -e report.json ]
}

@test "a trace of retries, timeouts and a wait is whole, and has an arrow to each next attempt" {
	"$PEXEC" -j2 --report trace.json --events events --joblog log --retries 3 --timeout 100ms \
		sh -c 'case $0 in 1) exit 1;; 2) sleep 9;; esac' ::: 1 2 3 2>err || [ $? -eq 123 ]
	replay events log trace.json
	# On a slow machine others run out of their time, too.
	(($(said retry | wc -l) >= 4))
	assert_equal "$(grep -c '"ph":"s"' trace.json)" "$(said retry | wc -l)"
	assert_equal "$(grep -c '"ph":"f"' trace.json)" "$(said retry | wc -l)"
	assert_equal "$(grep -c '"name":"timeout"' trace.json)" "$(said timeout | wc -l)"
	assert_equal "$(grep -c '"name":"thread_name"' trace.json)" 3
}

# The trace has the beginnings of so many jobs: traced N
traced() {
	[ "$(replay --trace trace.json | cut -d ' ' -f 1)" = "$1" ]
}

@test "a trace can be read while the run goes on, and after SIGKILL" {
	start "$PEXEC" -j3 --report trace.json sh -c '[ "$1" = 1 ] || exec sleep '"$nap" sh ::: 1 2 3
	wait_until traced 3
	kill -KILL "$pid"
	ends 137
	assert_equal "$(replay --trace trace.json)" '3 1 False'
}

@test "items are texts in a trace, whatever they are" {
	"$PEXEC" --report trace.json true ::: '"}]' '</script>' $'\xff\n' '' "$(printf '%0300d' 0)"
	assert_equal "$(replay --trace trace.json)" '5 5 True'
	grep -q '"name":"job 4"' trace.json
}
