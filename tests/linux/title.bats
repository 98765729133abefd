#!/usr/bin/env bats
# What ps shows of a run.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and nap are set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# What ps shows is like this, with the command line as it was typed behind it: shows REGEX
shows() {
	local words title
	mapfile -d '' -t words <"/proc/$pid/cmdline"
	title=${words[*]}
	[[ ${title%"${title##*[! ]}"} =~ ^($1):\ [^\ ]*pexec\  ]]
}

@test "ps shows what a run has come to" {
	mkfifo go
	start "$PEXEC" -j2 sh -c 'exit $0' ::: 0 0 0 1 1
	ends 123
	start "$PEXEC" -j2 sh -c '[ $0 -gt 1 ] || exit $0; read -r x <go' ::: 0 0 0 1 1 2 2
	wait_until shows 'pexec: 2 running, 3 done, 2 failed'
	[[ $(ps -o args= "$pid") == 'pexec: 2 running, 3 done, 2 failed: '*'pexec -j2 sh -c '*' ::: 0 0 0 1 1 2 2' ]]
	kill "$pid"
	ends 143
	# The way to the program may be longer than what is shown.
	local folder=a-folder/with-a-name/that-is-longer/than-what-is-shown-of-a-run
	mkdir -p "$folder"
	ln -s "$PEXEC" "$folder/pexec"
	start "$folder/pexec" sh -c 'read -r x <go' ::: 0
	wait_until shows 'pexec: 1 running, 0 done, 0 failed'
	kill "$pid"
	ends 143
}

@test "a run that waits for items is shown, and one of less than a second is not" {
	run -0 "$PEXEC" -u sh -c 'tr "\0" " " </proc/$PPID/cmdline' ::: a
	assert_output --partial 'pexec -u sh -c'
	mkfifo queue
	exec 5<>queue
	start "$PEXEC" -a queue true
	wait_until shows 'pexec: 0 running, 0 done, 0 failed'
	echo a >&5
	wait_until shows 'pexec: 0 running, 1 done, 0 failed'
	kill "$pid"
	ends 143
}

@test "ps shows which run it is: its command line, and the beginning of a long one" {
	start "$PEXEC" -j1 sleep "$nap" {} ::: {1..500} 2>err
	wait_until shows 'pexec: 1 running, 0 done, 0 failed'
	[[ $(ps -o args= "$pid") == *"pexec -j1 sleep $nap {} ::: 1 2 3 4 5 6"* ]]
	kill "$pid"
	ends 143
	assert_equal "$(cat err)" ''
}

@test "the title does not spoil the environment of jobs" {
	mkfifo go
	start env -i A=1 B= "PATH=$PATH" "$PEXEC" -j1 sh -c '[ $0 != 1 ] || read -r x <go; env | sort >env$0' ::: 1 2
	wait_until shows 'pexec: 1 running, 0 done, 0 failed'
	release go
	ends 0
	assert_equal "$(grep -v '^\(_\|PWD\|OLDPWD\|SHLVL\|PEXEC_.*\)=' env2)" "A=1
B=
PATH=$PATH"
}
