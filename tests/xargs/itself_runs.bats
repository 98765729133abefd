#!/usr/bin/env bats
# Under the name of xargs: how commands run, what their failures do, and what is said, as with GNU xargs.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets project and xargs_itself; run --separate-stderr sets stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals
load ../lib/items

# With ITEMS, one a line, xargs ends with STATUS, and what both outputs have is OUTPUT (for printf %b):
# ends STATUS OUTPUT "ITEM..." ARGUMENT...
ends() {
	run -"$1" "${xargs_itself[@]}" "${@:4}" < <(tr ' ' '\n' <<<"$3")
	assert_output "$(printf '%b' "$2")"
}

# In a terminal: typed STEPS... -- ARGUMENT...; see pty.py.
in_terminal() {
	local steps=()
	while [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	run python3 "$project/tests/lib/pty.py" "${steps[@]}" -- bash -c 'printf "%s\n" a b | "$@"; echo "=$?"' bash \
		"${xargs_itself[@]}" "${@:2}"
}

@test "one command at a time, unless -P says otherwise" {
	ends 0 '0.3\n0.1' '0.3 0.1' -n1 sh -c 'sleep $0; echo $0'
	ends 0 '0\n0.5' '0.5 0' -n1 -P2 sh -c 'sleep $0; echo $0'
	ends 0 '0\n0.5' '0.5 0' -n1 --max-procs=0 sh -c 'sleep $0; echo $0'
}

@test "failures: 123, and the queue goes on; 126 and 127 of a command are such, too" {
	ends 123 '1\n0\n126\n127\n254' '1 0 126 127 254' -n1 sh -c 'echo $0; exit $0'
}

@test "255 ends the run with 124, a signal with 125" {
	ends 124 '0\n255\nxargs: sh: exited with status 255; aborting' '0 255 0' -n1 sh -c 'echo $0; exit $0'
	ends 125 '0\nxargs: sh: terminated by signal 15' '0 15 0' -n1 sh -c '[ $0 = 0 ] || kill -$0 $$; echo $0'
}

@test "a command that cannot be run ends the run: 127 where there is none, else 126" {
	ends 127 'xargs: ./missing: No such file or directory' 'a b' -n1 ./missing
	printf 'text' >plain
	ends 126 'xargs: ./plain: Permission denied' 'a b' -n1 ./plain
	mkdir folder
	ends 126 'xargs: ./folder: Permission denied' 'a b' -n1 ./folder
	run -0 "${xargs_itself[@]}" -r ./missing </dev/null
}

@test "a file without #! is a script for sh" {
	printf 'echo "script $*"\n' >script
	chmod +x script
	ends 0 'script a b' 'a b' ./script
}

@test "output comes straight through: nothing is held back, and nobody watches the reader" {
	run bash -c '"$@" -n1 sh -c "sleep 0.2; touch \$0" | true' bash "${xargs_itself[@]}" \
		< <(printf '%s\n' a b)
	[ -e a ] && [ -e b ]
}

@test "a command has the environment of xargs, no more; --process-slot-var: and the number of its slot, from 0" {
	# The tests may be jobs themselves.
	run -0 env -i PATH="$PATH" a=b "${xargs_itself[@]}" env </dev/null
	assert_output $'PATH='"$PATH"$'\na=b'
	slot=9 ends 0 '0\n0' 'a b' -n1 --process-slot-var=slot sh -c 'echo $slot'
	run "${xargs_itself[@]}" -n1 -P2 --process-slot-var=slot sh -c 'sleep 0.3; echo $slot' < <(seq 4)
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort -u | xargs)" '0 1'
	ends 1 "xargs: option --process-slot-var may not be set to a value which includes \`='" a --process-slot-var=a=b echo
}

@test "-t prints each command as GNU programs quote it" {
	printf '%s\0' 'a b' "it's" '$x' '' '*' '~' 'x~' '#' 'a#' '{' '{}' 'a=b' $'\n' $'a\tb' 'a"' "a'b c" "a'\$" >items
	LC_ALL=C run -0 --separate-stderr "${xargs_itself[@]}" -0 -t true <items
	assert_equal "$stderr" "true 'a b' \"it's\" '\$x' '' '*' '~' x~ '#' a# '{' {} 'a=b' ''\$'\\n' 'a'\$'\\t''b' 'a\"' \"a'b c\" 'a'\\''\$'"
	LC_ALL=C ends 0 "true ''\$'\\\\303\\\\251'" é -t true
	LC_ALL=C.UTF-8 ends 0 'true é' é --verbose true
}

@test "-p asks on the terminal before each command" {
	in_terminal 'ran a?...' 'y\r' 'ran b?...' 'no\r' -- -n1 -p echo ran
	assert_output 'echo ran a?...y
ran a
echo ran b?...no
=0'
	in_terminal 'a?...' 'y\r' -- -n1 --interactive ./missing
	assert_output './missing a?...y
xargs: ./missing: No such file or directory
=127'
	run -1 setsid -w "${xargs_itself[@]}" -p echo </dev/null
	assert_output --partial 'failed to open /dev/tty for reading'
}

@test "-o: the terminal is the command's standard input; without it a command can read the terminal as well" {
	in_terminal go 'hello\r' -- -n2 -o sh -c 'tty; echo go; read x; echo "got $x"'
	assert_output '/dev/tty
go
hello
got hello
=0'
	in_terminal go 'hello\r' -- -n2 sh -c 'echo go; read x </dev/tty; echo "got $x"'
	assert_output $'go\nhello\ngot hello\n=0'
}

@test "Ctrl-C ends the commands and xargs" {
	in_terminal 'go' '\x03' -- -n1 sh -c 'echo go; sleep 60'
	refute_output --partial '=0'
}

@test "SIGUSR1 and SIGUSR2: one command more at a time, one fewer" {
	mkfifo items
	"${xargs_itself[@]}" -n1 sh -c 'touch "$0.runs"; until [ -e "$0.may" ]; do sleep 0.05; done' <items &
	local xargs=$!
	exec 4>items
	printf '%s\n' 1 2 >&4
	wait_until [ -e 1.runs ]
	[ ! -e 2.runs ]
	kill -USR1 $xargs
	touch 1.may
	printf '%s\n' 3 4 >&4
	wait_until [ -e 2.runs ]
	wait_until [ -e 3.runs ]
	[ ! -e 4.runs ]
	touch 2.may 3.may 4.may
	exec 4>&-
	wait $xargs
}

@test "--show-limits" {
	run -0 --separate-stderr "${xargs_itself[@]}" -s 5000 --show-limits -r echo </dev/null
	assert_output ''
	assert_regex "$stderr" 'Size of command buffer we are actually using: 5000'
}

@test "--help and --version; scripts look for options, and for GNU" {
	run -0 "${xargs_itself[@]}" --help
	assert_output --partial --max-procs=
	run -0 "${xargs_itself[@]}" --version
	assert_line --index 0 'xargs (GNU findutils) 4.9.0'
}

@test "wrong options: what is said, and status 1" {
	local try="Try 'xargs --help' for more information."
	ends 1 "xargs: unrecognized option '--no-such'\n$try" a --no-such echo
	ends 1 "xargs: invalid option -- 'Z'\n$try" a -Z echo
	ends 1 "xargs: option requires an argument -- 'n'\n$try" a -n
	ends 1 "xargs: option '--max-' is ambiguous; possibilities: '--max-lines' '--max-args' '--max-chars' '--max-procs'\n$try" \
		a --max- echo
	ends 1 "xargs: option '--null' doesn't allow an argument\n$try" a --null=1 echo
	ends 1 "xargs: value 0 for -n option should be >= 1\n$try" a -n 0 echo
	ends 1 "xargs: value 0 for -l option should be >= 1\n$try" a --max-lines=0 echo
	ends 1 "xargs: value -1 for -P option should be >= 0\n$try" a -P -1 echo
	ends 1 "xargs: value 2147483648 for -P option should be <= 2147483647\n$try" a -P 2147483648 echo
	ends 1 "xargs: invalid number \"1x\" for -s option\n$try" a -s 1x echo
	ends 0 'a' a --exi --no-r --max-a=3 echo
}
