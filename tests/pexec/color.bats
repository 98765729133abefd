#!/usr/bin/env bats
# --color: tags, and what pexec says.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # project is set in helper.bash

bats_require_minimum_version 1.5.0
load ../lib/helper

# Runs pexec in a terminal that can show colours: in_terminal ARGUMENT...
in_terminal() {
	python3 -c 'import os, select' 2>/dev/null || skip "needs python3"
	env -u NO_COLOR TERM=xterm python3 "$project/tests/lib/pty.py" -- "$PEXEC" "$@"
}

bold=$'\e[1mpexec:\e[m'

@test "each job's tag has one of six colours, by its number" {
	run -0 "$PEXEC" --color always -k --tag printf 'a\nb\n%s\n' ::: {1..7}
	colours=$(grep -o '^.\[38;5;[0-9]*m' <<<"$output" | uniq)
	assert_equal "$(wc -l <<<"$colours")" 7
	assert_equal "$(sort -u <<<"$colours" | wc -l)" 6
	assert_equal "$(head -n 1 <<<"$colours")" "$(tail -n 1 <<<"$colours")"
	# Without them it is what it is without the option.
	# shellcheck disable=SC2001 # there is a group in it
	assert_equal "$(sed 's/^.\[38;5;[0-9]*m\([0-9]\t\).\[m/\1/' <<<"$output")" \
		"$("$PEXEC" -k --tag printf 'a\nb\n%s\n' ::: {1..7})"
}

@test "tags can be read on black and on white" {
	run -0 "$PEXEC" --color always -k --tagstring {} echo ::: {1..6}
	# The contrast of two colours, by the W3C.
	grep -o '38;5;[0-9]*' <<<"$output" | cut -d ';' -f 3 | awk '
		function linear(level) { level = (level ? 55 + 40 * level : 0) / 255
			return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ^ 2.4 }
		{ colour = $1 - 16
		light = 0.2126 * linear(int(colour / 36)) + 0.7152 * linear(int(colour / 6) % 6) + 0.0722 * linear(colour % 6)
		if (colour < 0 || (light + 0.05) / 0.05 < 4 || 1.05 / (light + 0.05) < 4) bad = 1 }
		END { exit bad || NR != 6 }'
}

@test "by itself there are colours on a terminal that shows them, unless NO_COLOR is set" {
	job='echo one; exec sleep 5'
	run -123 in_terminal -q --tag --timeout 0.1 sh -c "$job" ::: 1
	assert_line --index 1 --regexp $'^.\[38;5;031m1\t.\[mone$'
	assert_line --index 0 --partial "$bold job 1 (1): timed out"
	for change in NO_COLOR=1 TERM=dumb TERM=; do
		run -123 env TERM=xterm "$change" python3 "$project/tests/lib/pty.py" -- "$PEXEC" -q --tag --timeout 0.1 sh -c "$job" ::: 1
		refute_output --partial $'\e'
		run -123 env TERM=xterm "$change" "$PEXEC" --color always -q --tag --timeout 0.1 sh -c "$job" ::: 1
		assert_output --partial "$bold"
	done
	run -123 in_terminal --color never -q --tag --timeout 0.1 sh -c "$job" ::: 1
	refute_output --partial $'\e'
	TERM=xterm run -123 "$PEXEC" -q --tag --timeout 0.1 sh -c "$job" ::: 1
	refute_output --partial $'\e'
}

@test "an output that is no terminal has no colours, while the other has" {
	run -0 env TERM=xterm python3 "$project/tests/lib/pty.py" -- sh -c \
		'"$0" --tag -c "echo out; echo err >&2" ::: a 2>err' "$PEXEC"
	assert_output $'\e[38;5;031ma\t\e[mout'
	assert_equal "$(<err)" $'a\terr'
	run -0 env TERM=xterm python3 "$project/tests/lib/pty.py" -- sh -c \
		'"$0" --tag -c "echo out; echo err >&2" ::: a >out' "$PEXEC"
	assert_output $'\e[38;5;031ma\t\e[merr'
	assert_equal "$(<out)" $'a\tout'
}

@test "other rules, other colours: those of xargs and GNU parallel stay what they are" {
	run -0 in_terminal --as parallel --tag echo ::: a
	assert_output $'a\ta'
	echo a >items
	run -127 in_terminal --as xargs -a items /nonexistent/command
	refute_output --partial $'\e'
}

@test "the failed ones of --progress follow it" {
	run -123 "$PEXEC" --color always --progress=keep -q false ::: a
	assert_output --partial $'\e[31m1 failed\e[0m'
	run -123 in_terminal --color never --progress=keep -q false ::: a
	refute_output --partial $'\e[31m'
}

@test "--colour is the same, and other words are refused" {
	run -0 "$PEXEC" --colour=always --tag echo ::: a
	assert_output $'\e[38;5;031ma\t\e[ma'
	run -1 "$PEXEC" --color sometimes --tag echo ::: a
	assert_output --partial '--color sometimes: not one of auto, always, never'
}
