#!/usr/bin/env bats
# Commands of plain words, for which bash is not needed: nothing but the clock tells that it does not run.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC1083 # braces are for pexec

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/items

# A program that shows how it has been called, and notes by what it has been started: bash sets _.
setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin
	# shellcheck disable=SC2028 # it is meant
	printf '%s\n' '#!/bin/sh' 'echo "$_" >>"${0%/*}/started"' 'printf "<%s>" "${0##*/}" "$@"' 'echo' >bin/show
	chmod +x bin/show
	tools=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin
}

# Runs pexec in an environment that bash has no use for: clean [VARIABLE=VALUE...] ARGUMENT...
clean() {
	local variables=()
	while [[ $1 == [A-Za-z_]*=* ]]; do
		variables+=("$1")
		shift
	done
	env -i PATH="$tools" PWD="$PWD" SHLVL=1 SHELL="$BASH" _=direct "${variables[@]}" "$PEXEC" "$@"
}

# A job that runs the program is started by bash, or without it: started bash|directly [VARIABLE=VALUE...] ARGUMENT...
started() {
	local by
	rm -f bin/started
	run -0 clean "${@:2}"
	read -r by <bin/started
	[ "$by" = direct ] && by=directly || by=bash
	assert_equal "$by: ${*:2}" "$1: ${*:2}"
}

@test "plain words: bash does not run" {
	started directly --shell=bash show ::: a
	assert_output '<show><a>'
	started directly --shell=bash "show x{}y '{}' \"b {}\" c\\ d '\$e' ''" ::: 'a  '
	assert_output '<show><xa  y><a  ><b a  ><c d><$e><>'
	started directly --shell=bash "sh'ow' {}" ::: ''
	assert_output '<show><>'
	started directly --shell=bash ./bin/show {} ::: a
	started directly --shell=bash "$PWD/bin/show" ::: a
	started directly --as parallel show {#} {.} {1} ::: a.b
	assert_output '<show><1><a><a.b>'
	started directly --as parallel show ::: a ::: b
	assert_output '<show><a><b>'
	started directly --as parallel -j1 -X show ::: a b
	assert_output '<show><a><b>'
}

@test "plain words: bash runs where it has more to do" {
	local text
	for text in 'show ~' 'show *' 'show a >out' 'x=1 show' 'show {a,b}' 'command show' '! show || true' \
		'show $HOME' 'show; true' 'show {} #' 'show `echo {}`' '{ show {}; }'; do
		started bash --shell=bash "$text" ::: a
	done
	started bash --shell=bash --chdir bin show ::: a
	started bash --as parallel --wd bin show ::: a
	started bash --as parallel --wd '{}' show ::: bin
	started bash --as parallel show {2} ::: a
	assert_output '<show>'
	started directly --as parallel -N2 show x{} ::: a b
	assert_output '<show><xa><xb>'
	started bash --as parallel {} ::: show
}

@test "plain words: bash runs where the environment lets it do more" {
	local variable
	for variable in BASH_ENV=/dev/null ENV=a SHELLOPTS=braceexpand BASHOPTS=checkwinsize POSIXLY_CORRECT=1 \
		BASH_COMPAT=50 IFS=a EXECIGNORE=a 'a=() { :; }' OLDPWD=/none "PATH=$tools:" "PATH=bin:$tools" \
		"PATH=$PWD/bin/:/bin" PWD=/ PWD=.; do
		started bash "$variable" --shell=bash show ::: a
	done
	# A name that is none, as that of an exported function.
	rm bin/started
	run -0 env 'a.b=c' PATH="$tools" "$PEXEC" --shell=bash show ::: a
	run ! grep direct bin/started
	show() { echo "of a function: $1"; }
	export -f show
	prints 'of a function: a' env PATH="$tools" "$PEXEC" --shell=bash show ::: a
}

@test "plain words: bash reads ~/.bashrc where sshd has started pexec" {
	echo 'show() { echo "of .bashrc: $1"; }' >.bashrc
	# A bash may have been built without that.
	prints "$(env -i HOME="$PWD" PATH="$tools" SSH_CLIENT=a bash -c 'show a')" \
		clean HOME="$PWD" SSH_CLIENT=a SHLVL=0 --shell=bash show ::: a
	started directly HOME="$PWD" SSH_CLIENT=a SHLVL=1 --shell=bash show ::: a
}

@test "plain words: only bash itself is left out, not what is called so" {
	ln -s "$(command -v bash)" bin/sh
	printf '#!/bin/sh\necho by a script; exec /bin/bash "$@"\n' >bin/bash
	chmod +x bin/bash
	started directly --shell=sh show ::: a
	started bash --shell=bash show ::: a
	assert_output 'by a script
<show><a>'
	ln -s "$(command -v bash)" bin/rbash
	started bash --shell=rbash show ::: a
}

@test "plain words: what cannot be executed is left to bash, which says why" {
	local way
	printf '#!/no/interpreter\n' >bin/lost
	printf '%s\n' 'echo "by bash: $1"' >bin/bare
	touch bin/closed
	chmod +x bin/lost bin/bare
	for way in '' BASH_ENV=/dev/null; do
		for name in lost ./bin/lost closed ./bin/closed none ./none /; do
			run clean $way --as parallel -j1 -v --joblog log "$name" {} ::: a b
			echo "$status $output"
			cut -f 1,7-9 log
			rm log
		done >"out_${way%%_*}"
		prints 'by bash: a' clean $way --shell=bash bare ::: a
	done
	cmp out_ out_BASH
	grep -E 'bad interpreter|required file not found' out_
	grep 'command not found' out_
}

@test "plain words: a program that goes while pexec runs" {
	tools=$PWD/bin:$PWD/other:/usr/bin:/bin
	mkdir other
	printf '#!/bin/sh\necho another\n' >other/show
	printf '#!/bin/sh\necho one\nrm "$0"\n' >bin/show
	chmod +x other/show
	prints 'one\nanother' clean --shell=bash -j1 show ::: a b
}

@test "plain words: echo, true and false, where bash has its own" {
	local way
	for way in '' BASH_ENV=/dev/null; do
		for text in 'echo {}' 'echo "{}" -n' 'echo a {}' 'echo -n {}' 'true {}' 'false {}' 'echo'; do
			run clean $way --as parallel -j1 "$text" ::: a -n -e -E --help --version '' '\n' 'a\tb' '-n -e' - --
			printf '%s\n' "$status $output"
		done >"out_${way%%_*}"
	done
	cmp out_ out_BASH
	# One of another folder is hidden by that of bash.
	cp bin/show bin/echo
	prints 'a' clean --shell=bash echo ::: a
	[ ! -e bin/started ]
}

@test "plain words: random commands and values, with bash and without" {
	# shellcheck disable=SC2154 # it is set in helper.bash
	run -0 python3 "$project/tests/lib/plain_commands.py" "$PEXEC" "${SOAK:+4000}"
	assert_output --regexp '^[0-9]+ of [0-9]+ commands without bash, no difference$'
}
