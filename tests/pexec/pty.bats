#!/usr/bin/env bats
# --pty: jobs print to a terminal of their own.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # nap is set in background.bash, noise in output.bash, stderr by run --separate-stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/output

# Runs something in a terminal, see pty.py: in_terminal [EXPECTED TYPED]... -- COMMAND...
in_terminal() {
	python3 -c 'import os, select' 2>/dev/null || skip "needs python3"
	python3 "$project/tests/lib/pty.py" "$@"
}

@test "programs print as they do on a terminal" {
	mkdir folder
	echo word >file
	ln -s file link
	export TERM=xterm
	unset NO_COLOR LS_COLORS GREP_COLORS
	for command in 'ls --color=auto' 'grep --color=auto or file' \
		'python3 -c "import sys; print(sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty())"'; do
		run -0 in_terminal -- sh -c "$command </dev/null"
		expected=$output
		run -0 "$PEXEC" --pty -c "$command" ::: a
		assert_output "$expected"
		[[ "$output" == *$'\e['* || "$output" == 'False True True' ]]
		refute [ "$output" = "$(eval "$command")" ]
	done
}

@test "nothing waits for the keys of a pager" {
	PAGER=less GIT_PAGER=less run -0 "$PEXEC" --pty sh -c 'echo $PAGER $GIT_PAGER' ::: a
	assert_output 'cat cat'
	PAGER=less run -0 "$PEXEC" sh -c 'echo $PAGER' ::: a
	assert_output less
}

@test "bytes come through as they are, and no CR comes with a newline" {
	printf '%b' "$(printf '\\0%03o' {1..255} {255..1})" >bytes
	"$PEXEC" --pty cat ::: bytes >out
	cmp bytes out
	"$PEXEC" --pty -c 'cat bytes >&2' ::: a >out
	cmp bytes out
	for size in 1 4095 4096 4097 8192 70000 1000000; do
		head -c "$size" /dev/urandom >bytes
		"$PEXEC" --pty cat ::: bytes >out
		cmp bytes out
	done
}

@test "both outputs of a job are one, in the order in which it has written" {
	run -0 --separate-stderr "$PEXEC" --pty -c 'for i in 1 2 3; do echo out $i; echo err $i >&2; done' ::: a
	assert_output $'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3'
	assert_equal "$stderr" ''
}

@test "the terminal is for writing alone: who reads from it has an error, and does not wait" {
	run -123 "$PEXEC" --pty -q -c 'cat <&1' ::: a
	assert_output --partial 'Bad file descriptor'
	# Standard input stays what it is.
	run -0 "$PEXEC" --pty -c 'cat; echo end' ::: a
	assert_output end
}

@test "it becomes nobody's controlling terminal" {
	run -0 setsid -w "$PEXEC" --pty -c '! (: >/dev/tty) 2>/dev/null && test -t 1 && test -t 2' ::: a b
	run -0 "$PEXEC" --pty -c 'ps -o tty= -p $$; tty <&1' ::: a
	assert_equal "${#lines[@]}" 2
	assert_equal "${lines[0]}" "$(ps -o tty= -p $$)"
	refute [ "/dev/${lines[0]}" = "${lines[1]}" ]
}

@test "its size is that of ours, or 80 by 24" {
	run -0 setsid -w "$PEXEC" --pty -c 'stty size <&1' ::: a
	assert_output '24 80'
	run -0 in_terminal -- sh -c 'stty rows 33 cols 101; "$0" --pty -c "stty size <&1" ::: a' "$PEXEC"
	assert_output '33 101'
	# Also where it is not our stdout.
	run -0 in_terminal -- sh -c 'stty rows 33 cols 101; "$0" --pty -c "stty size <&1" ::: a 2>err | cat' "$PEXEC"
	assert_output '33 101'
}

@test "a job that runs is told of another size of our terminal" {
	cat >job <<-'SH'
		trap told=yes WINCH
		exec 3<&1
		stty size <&3
		stty -F /dev/tty rows 50 cols 132 # may be told of one by one
		until [ "$told" ] && size=$(stty size <&3) && [ "$size" = '50 132' ]; do sleep 0.05; done
		echo "$size"
	SH
	run -0 in_terminal -- sh -c 'stty rows 24 cols 80; exec "$0" --pty sh job ::: a' "$PEXEC"
	assert_output $'24 80\n50 132'
}

@test "200 jobs, 50 at a time, in every way of output: all of it, in its place" {
	local small=${noise/3000/300} options
	seq 200 >items
	while read -r seed; do
		awk -v seed="$seed" "$small" 2>>errors
	done <items >printed
	sort printed errors >expected
	for options in '' -k --lb '-k --lb'; do
		# shellcheck disable=SC2086 # they are words
		"$PEXEC" --pty -j50 $options -a items awk -v seed={} "$small" >out
		sort out | cmp - expected
		[ "$options" = --lb ] || in_groups out
		[[ "$options" != -k* ]] || cut -d' ' -f1 out | uniq | cmp - <(awk '{ print $1 }' expected | sort -nu)
	done
	"$PEXEC" --pty -j50 --tag -a items awk -v seed={} "$small" >out
	sed 's/^[0-9]*\t//' out | sort | cmp - expected
	in_groups out
}

@test "--results: all is in the file of stdout, and that of stderr is empty" {
	run -0 "$PEXEC" --pty --results kept -c 'echo out; echo err >&2; test -t 1' ::: a
	assert_output $'out\nerr'
	assert_equal "$(cat kept/1/stdout)" $'out\nerr'
	[ -e kept/1/stderr ]
	[ ! -s kept/1/stderr ]
	run -0 "$PEXEC" --pty --results -.json -c 'echo out; echo err >&2' ::: a
	assert_output --partial '"out\nerr\n"'
}

@test "attempts, timeouts and dropped output are as without it" {
	run -0 "$PEXEC" --pty --retries 2 --drop-retried -c 'echo attempt $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 2 ]' ::: a
	assert_output 'attempt 2'
	run -123 "$PEXEC" --pty --timeout 0.3 -q -c "echo begun; sleep $nap" ::: a
	assert_line begun
	assert_line --partial 'timed out'
	none_left
}

@test "a process that holds the terminal holds the job, as with a pipe; --linger lets go" {
	run -0 "$PEXEC" --pty -c '(sleep 0.2; echo late) & echo soon' ::: a
	assert_output $'soon\nlate'
	run -0 "$PEXEC" --pty --linger 0.1 -c "sleep $nap & echo soon" ::: a
	assert_line soon
	assert_line --regexp 'job 1 \(a\): its process has ended, but process [0-9]+ \(sleep\) holds its output'
	# What writes to it later has an error.
	run -0 "$PEXEC" --pty --linger 0.1 -c '(sleep 0.5; echo late || echo failed >file) 2>/dev/null & echo soon' ::: a
	wait_until test -s file
}

@test "Ctrl-C ends jobs by SIGINT" {
	run -130 in_terminal 'started' '\x03' -- \
		"$PEXEC" --pty --lb sh -c 'trap "echo got INT; kill \$!; wait; exit" INT; sleep '"$nap"' & echo started; wait' ::: a
	assert_line --partial 'got INT'
	none_left
}

@test "few descriptors: every item is done" {
	run -0 --separate-stderr bash -c 'ulimit -n 20; exec "$0" --pty -j8 echo ::: {1..50} 3>&- 4>&-' "$PEXEC"
	assert_equal "$(sort -n <<<"$output")" "$(seq 50)"
	assert_equal "$stderr" 'pexec: 1 slot instead of 8: only 20 open files are allowed (ulimit -n)'
}

@test "jobs have our output with -u, and our terminal with --tty" {
	run -1 "$PEXEC" --pty -u echo ::: a
	assert_output 'pexec: -u hands our own output to the jobs, and --pty a terminal to each'
	run -1 "$PEXEC" --pty --tty echo ::: a
	assert_output 'pexec: --tty hands our terminal to the jobs, and --pty one of its own to each'
}
