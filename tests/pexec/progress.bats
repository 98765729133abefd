#!/usr/bin/env bats
# --progress: a line while the run goes. Screens are those of pyte, and of tmux where lines are wrapped anew.
# shellcheck disable=SC2154 # nap and untouched are set in tests/lib, lines and output by run
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC1083 # braces are for pexec

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/screen

setup_file() {
	needs_screen
}

# What jobs print: random lines, of any length up to twice the width, to both outputs, each in one piece, and some
# colours. With PARTS some do not end their last line.
write_job() {
	cat >job <<-'SH'
		lines() {
			awk -v seed="$1" 'BEGIN {
				srand(seed)
				for (i = int(rand() * 7); i > 0; i--) {
					line = seed ":"
					for (k = int(rand() * rand() * 160); k > 0; k--)
						line = line sprintf("%c", 97 + int(rand() * 26))
					print rand() < 0.2 ? "\033[32m" line "\033[0m" : line
				}
			}'
		}
		out=$(lines "$1") said=$(lines "$1.5") end='\n'
		[ -z "$PARTS" ] || [ $(($1 % 3)) != 0 ] || end=
		[ -z "$out" ] || printf "%s$end" "$out"
		[ -z "$said" ] || printf "%s$end" "$said" >&2
	SH
}

# Runs 30 of these jobs, once without --progress and once with it, from the moment on when its line is there:
# both_ways ARGUMENT...   What is left of them is in `without` and `with`.
both_ways() {
	write_job
	rm -f items
	mkfifo items
	on_screen 'ready' 'sh:seq 30 >items' -- sh -c 'echo ready; exec "$@"' sh "$PEXEC" -a items "$@" sh job >without
	on_screen '0 running' 'sh:seq 30 >items' -- sh -c 'echo ready; exec "$@"' sh "$PEXEC" --progress -a items "$@" sh job >with
	grep -q "^$untouched$" with
	[ "$(wc -l <without)" -gt 50 ]
}

@test "the screen is in the end what it is without a line, with every way to print" {
	local options
	for options in '' --lb --tag '--lb --tag' -u '-k' '-k --lb' '-k --tag' '-k --lb --tag'; do
		# shellcheck disable=SC2086 # several options
		both_ways -j4 $options
		# Of several jobs at a time the order is what it happens to be.
		diff <(sort without) <(sort with)
	done
}

@test "the same line by line in the order of the queue, with lines that are not ended" {
	local options
	for options in -k '-k --tag' '-j1'; do
		# shellcheck disable=SC2086 # several options
		PARTS=1 both_ways -j4 $options
		diff without with
	done
}

@test "what is behind the last whole line, and nothing else: while it goes, too" {
	local options
	for options in '' -u; do
		mkfifo go
		# shellcheck disable=SC2086 # several options
		on_screen '2/3 ' show: '' 'sh:echo >go' -- \
			"$PEXEC" --progress -j3 $options sh -c 'if [ $0 = 3 ]; then read -r _ <go; fi; echo job $0' ::: 1 2 3 >seen
		# The line may be several below what the jobs have printed.
		grep -v '^$' seen >lines
		assert_equal "$(head -2 lines | sort)" $'job 1\njob 2'
		run -0 sed -n '3p;4p;5p;6p;7p;8p;9p' lines
		assert_line --index 0 --regexp '^\[#+\.+\] 2/3 66%, 1 running'
		assert_line --index 1 -----
		assert_line --index 4 'job 3'
		assert_line --index 5 "$untouched"
		rm go
	done
}

@test "what reads our output may write it to the same terminal" {
	mkfifo go
	on_screen '2/3 ' show: '' 'sh:echo >go' -- sh -c '"$@" | cat' sh \
		"$PEXEC" --progress -k -j3 sh -c 'if [ $0 = 3 ]; then read -r _ <go; fi; echo job $0' ::: 1 2 3 >seen
	grep -v '^$' seen >lines
	run -0 cat lines
	assert_line --index 0 'job 1'
	assert_line --index 1 'job 2'
	assert_line --index 2 --regexp '^\[#+\.+\] 2/3 66%, 1 running'
	assert_line 'job 3'
	assert_equal "${lines[-1]}" "$untouched"
}

@test "any end takes the line away" {
	local signal options
	for options in '' -u; do
		for signal in INT TERM HUP KILL SEGV; do
			# Without a guardian there is none to do it.
			[ -z "${PORTABLE:-}" ] || case $signal in KILL | SEGV) continue ;; esac
			# A sanitizer takes it for a bug of ours.
			[ -z "${SANITIZE:-}" ] || [ "$signal" != SEGV ] || continue
			# shellcheck disable=SC2086 # several options
			run on_screen '1 running' show: '' "signal:$signal" -- "$PEXEC" --progress $options --grace 0.1 sleep "$nap" ::: 0
			assert_equal "$status" "$((128 + $(kill -l $signal)))"
			refute_output --regexp '-----.*running'
			assert_line --partial '0/1 0%, 1 running'
			assert_equal "${lines[-1]}" "$untouched"
			[[ ${lines[-2]} == ----- || ${lines[-2]} == pexec:* ]] || fail "$signal $options: ${lines[-2]}"
		done
		# Drained, and out of memory or whatever else makes it exit.
		mkfifo go
		# shellcheck disable=SC2086 # several options
		run on_screen '1 running' 'signal:QUIT' 'draining' 'sh:echo >go' -- "$PEXEC" --progress $options -j1 sh -c 'read -r _ <go' ::: 1 2
		assert_equal "${lines[-1]}" "$untouched"
		refute_output --partial draining
		rm go
	done
	none_left
}

@test "Ctrl-Z takes the line away, fg brings it back; in the background there is none" {
	local options
	for options in '' -u; do
		# shellcheck disable=SC2086 # several options
		run on_screen \
			'ready> ' "type:'$PEXEC' --progress $options sleep ::: $nap\r" \
			'1 running' 'type:\x1a' \
			'ready> ' show: '' 'type:fg\r' \
			'1 running' show: '' 'type:\x1a' \
			'ready> ' 'type:bg; echo go on\r' \
			'go on' 'type:kill -s USR1 %%; echo said\r' \
			'said' 'type:kill %%; wait %%; echo status $?\r' \
			'status 143' 'type:exit\r' -- env PS1='ready> ' ENV= sh -i
		assert_success
		local parts
		parts=$(sed '/^-----$/q' <<<"$output")
		[[ $parts != *running* ]] || fail "still there when it is stopped: $parts"
		parts=$(sed '1,/^-----$/d' <<<"$output" | sed '/^-----$/q')
		[[ $parts == *'0/1 0%, 1 running'* ]] || fail "not there when it goes on: $parts"
		parts=$(sed '1,/^-----$/d' <<<"$output" | sed '1,/^-----$/d')
		[[ $parts != *running* ]] || fail "in the background: $parts"
		assert_equal "${lines[-1]}" "$untouched"
	done
	none_left
}

@test "keep: the line stays in the end, and what follows stands below" {
	local options
	for options in '' -u; do
		# shellcheck disable=SC2086 # several options
		run -123 on_screen -- "$PEXEC" --progress=keep -j1 $options sh -c 'echo job $0; exit $0' ::: 0 1
		assert_line --index 0 'job 0'
		assert_line --index 1 'job 1'
		assert_line --index 2 --regexp '^\[#+\] 2/2 100%, 1 failed, .*s$'
		assert_line --index 3 "$untouched"
	done
	run -0 --separate-stderr "$PEXEC" --progress=keep true ::: a b
	[[ $stderr =~ ^'pexec: 2/2 100%, ' ]]
}

@test "it is as wide as the terminal, and leaves out what matters less" {
	mkfifo go
	SIZE=100x24 run on_screen '1 running' resize:30x24 '1 failed' show: '' resize:12x24 '1/3 33%' show: '' 'sh:echo >go' -- \
		"$PEXEC" --progress -j1 sh -c '[ $0 != 2 ] || read -r _ <go; [ $0 != 1 ]' ::: 1 2 3
	assert_line --partial '1/3 33%, 1 failed'
	grep -q -- '1/3 33%$' <<<"$output"
	# Each screen has the line once.
	assert_equal "$(sed '/^-----$/q' <<<"$output" | grep -c %)" 1
	assert_equal "$(sed '1,/^-----$/d' <<<"$output" | grep -c %)" 1
	assert_equal "${lines[-1]}" "$untouched"
}

# What the terminal of tmux shows.
in_tmux() {
	tmux -f /dev/null -S "$BATS_TEST_TMPDIR/tmux" "$@" 3>&- 4>&-
}

shows() {
	in_tmux capture-pane -p -t 0 | grep -q -- "$1"
}

@test "a terminal that wraps its lines anew when it is made narrower has the line once" {
	command -v tmux >/dev/null || skip "needs tmux"
	mkfifo go
	in_tmux new-session -d -x 120 -y 20 "'$PEXEC' --progress -j2 sh -c 'if [ \$0 = 4 ]; then read -r _ <go; fi; echo job \$0' ::: 1 2 3 4; echo over; cat"
	others+=("$(in_tmux display-message -p '#{pid}')")
	wait_until shows '3/4 75%, 1 running'
	in_tmux resize-window -x 34 -y 20
	wait_until shows '3/4 75%, 1 runn'
	in_tmux resize-window -x 25 -y 18
	in_tmux resize-window -x 90 -y 20
	wait_until shows '\] 3/4 75%, 1 running'
	assert_equal "$(in_tmux capture-pane -p -t 0 | grep -c '/4')" 1
	echo >go
	wait_until shows over
	run -0 in_tmux capture-pane -p -t 0 -S -
	assert_equal "$(sort <<<"${output//$'\n\n'/}")" $'job 1\njob 2\njob 3\njob 4\nover'
	refute_output --partial %
	in_tmux kill-server
}

@test "no terminal, or a dumb one: a line now and then" {
	mkfifo go
	"$PEXEC" --progress=100ms -j1 sh -c 'read -r _ <go; exit 1' ::: 1 2>said &
	wait_until grep -q '^pexec: 0/1 0%, 1 running' said
	echo >go
	wait $! || true
	run ! grep -q $'[\e\r]' said
	run on_screen '0/1 0%' 'sh:echo >go' -- env TERM=dumb "$PEXEC" --progress=100ms -j1 sh -c 'read -r _ <go' ::: 1
	assert_line --index 0 --regexp '^pexec: 0/1 0%, [01] running$'
	# The first one comes after 30 seconds.
	run -0 --separate-stderr "$PEXEC" --progress true ::: a
	assert_equal "$stderr" ''
}

@test "colours stand for failed jobs alone, and not with NO_COLOR" {
	local colored
	for colored in '' 1; do
		run python3 "$project/tests/lib/pty.py" '1 failed' '\x03' -- env ${colored:+NO_COLOR=1} TERM=xterm \
			"$PEXEC" --progress --grace 0.1 -j1 sh -c '[ $0 = 1 ] || sleep $0; exit 1' ::: 1 "$nap"
		assert_output --partial '1 failed'
		if [ -n "$colored" ]; then
			refute_output --partial $'\e[31m'
		else
			assert_output --partial $'\e[31m1 failed\e[0m'
		fi
	done
	none_left
}

waits='[ ! -p go ] || read -r _ <go'

# What it says of how many there are, before any has ended: counts TEXT [OPTION...] [::: LISTS...] [< ITEMS]
counts() {
	local text=$1 pid options=()
	shift
	while [ $# -gt 0 ] && [ "$1" != ::: ]; do
		options+=("$1")
		shift
	done
	rm -f go said
	mkfifo go
	"$PEXEC" --progress=50ms "${options[@]}" sh -c "$waits" "$@" <&0 2>said &
	pid=$!
	wait_until grep -q -- "^pexec: $text," said
	kill "$pid"
	wait "$pid" || true
}

@test "how many there will be: of lists, of files that are counted ahead, of --total, and of a pipe at its end" {
	seq 1000 >items
	printf 'head\na\n\nb\nlast' >several
	printf 'a\n\n\nb\n' >empty
	printf 'a\0b\0c' >nul
	counts '0/6 0%' ::: a b ::: 1 2 3
	counts '0/1000 0%' -a items
	counts '0/1000 0%' <items
	counts '0/1005 0%' -a items -a several
	counts '0/4 0%' --header -a several
	counts '0/2 0%' -r -a empty
	counts '0/3 0%' -0 -a nul
	counts '0/334 0%' -n3 -a items
	counts '0/2000 0%' -a items ::: x y
	counts '0/990 0%' --skip 10 -a items
	mkfifo open
	exec 5<>open
	seq 3 >&5
	counts '0/7 0%' --total 7 <open
	counts '0/2 0%' --total 7 ::: a b
	seq 3 >&5
	counts '0 done' <open
	counts '0/3 0%' -j4 < <(seq 3)
	# Of standard input what is left of it.
	{
		read -r _
		counts '0/999 0%'
	} <items
	counts '0/1000 0%' -a /dev/stdin <items
	# What the delimiter does not tell alone is not known before it is read.
	counts '0 done' --csv -a items
	counts '0 done' -E 500 -a items
	counts '0 done' -X -s 200 -a items
}

@test "a journal that leaves jobs out: they are not counted" {
	seq 10 >items
	"$PEXEC" --joblog log -a <(seq 4) sh -c "$waits"
	counts '0/6 0%' -j1 --resume --joblog log -a items
}

@test "--bar and --eta are the same; --total needs one of them, and is a number" {
	for option in --bar --eta --progress=keep --progress=5m; do
		run -0 "$PEXEC" "$option" --total 3 echo ::: a
	done
	run -1 "$PEXEC" --total 3 echo ::: a
	assert_output 'pexec: --total says how many jobs --progress shows: it is missing'
	run -1 "$PEXEC" --progress=soon echo ::: a
	assert_output --partial 'soon'
	run -1 "$PEXEC" --progress --total none echo ::: a
}

@test "where the user types the items, or nothing is run, there is no line" {
	run on_screen 'ends them' 'type:one\r' 'job one' 'type:\x04' -- "$PEXEC" --progress echo job
	refute_output --partial running
	run on_screen -- "$PEXEC" --progress --dry-run echo ::: a
	assert_line --index 0 'echo a'
	assert_equal "${#lines[@]}" 2
}

@test "where a job has the terminal there is no line" {
	run on_screen 'go' 'type:a\r' 'got a' show: -- \
		"$PEXEC" --progress --tty sh -c 'echo go; read -r x; echo "got $x"' ::: 1
	assert_line 'got a'
	refute_output --partial running
	assert_equal "${lines[-1]}" "$untouched"
}

@test "hostile items do nothing to the terminal" {
	mkfifo go
	run on_screen '; 1s' show: '' 'sh:echo >go' -- "$PEXEC" --progress sh -c 'read -r _ <go' ::: $'a\e[2J\r\n\x9b\xff\u200bb'
	assert_line --regexp '; [0-9]+s a\\\^\[\[2J\\r\\n\\M'
	assert_equal "${lines[-1]}" "$untouched"
}
