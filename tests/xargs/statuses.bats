#!/usr/bin/env bats
# The exit status, and what becomes of the queue when jobs fail, as with GNU xargs.
# shellcheck disable=SC2154 # run --separate-stderr sets stderr
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals

@test "0 when all succeeded or there was nothing, 123 when one job failed" {
	run -0 "${xargs[@]}" true < <(printf '%s\n' a b c)
	run -0 "${xargs[@]}" false </dev/null
	run -123 "${xargs[@]}" sh -c 'exit $0' < <(printf '%s\n' 0 1 0)
	run -123 "${xargs[@]}" sh -c 'exit $0' <<<125
}

@test "a queue through sh: every line, status 123 when some jobs fail" {
	run -123 "${xargs[@]}" -P8 sh -c 'echo $0; exit $(($0 % 2))' < <(seq 100)
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort -n)" "$(seq 100)"
}

@test "of 100 jobs every second fails: 100 lines, status 123" {
	run -123 --separate-stderr "${xargs[@]}" -P8 sh -c 'echo $0; exit $(($0 % 2))' < <(seq 100)
	assert_equal "$(sort -n <<<"$output")" "$(seq 100)"
	assert_equal "$stderr" ''
}

@test "failing one item never fails another" {
	run -123 "${xargs[@]}" sh -c '[ $0 != 2 ] && echo $0' < <(seq 3)
	assert_output $'1\n3'
}

@test "command not found: status 127" {
	run -127 "${xargs[@]}" ./missing <<<a
	assert_output --partial 'No such file or directory'
	PATH=/usr/bin:/bin run -127 "${xargs[@]}" pexec-no-such-command < <(seq 3)
	assert_equal "${#lines[@]}" 1
	run -127 "${xargs[@]}" '' <<<a
}

@test "command not executable, or a folder: status 126" {
	printf '#!/bin/sh\n' >plain
	run -126 "${xargs[@]}" ./plain < <(seq 3)
	assert_output --partial 'Permission denied'
	assert_equal "${#lines[@]}" 1
	run -126 "${xargs[@]}" / <<<a
	mkdir bin
	cp plain bin/pexec-not-executable
	PATH=$PWD/bin:/usr/bin:/bin run -126 "${xargs[@]}" pexec-not-executable <<<a
	: >file
	run -126 "${xargs[@]}" ./file/x <<<a
}

@test "a script whose interpreter is missing: status 127" {
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	run -127 "${xargs[@]}" ./script < <(seq 20)
}

@test "a command that goes away during the run: status 127, and nothing more is started" {
	printf '#!/bin/sh\nrm -f "$0"; echo "$1"\n' >script
	chmod +x script
	run -127 "${xargs[@]}" ./script < <(printf '%s\n' a b c)
	assert_equal "${lines[0]}" a
	assert_equal "${#lines[@]}" 2
}

@test "the first thing in PATH that can be run is run" {
	mkdir -p one/tool two three
	: >two/tool
	printf '#!/bin/sh\necho "$0"\n' >three/tool
	chmod +x three/tool
	PATH=$PWD/one:$PWD/two:$PWD/missing:$PWD/three:/usr/bin:/bin run -0 "${xargs[@]}" tool <<<a
	assert_output "$PWD/three/tool"
	cd three || return
	PATH=:/usr/bin:/bin run -0 "${xargs[@]}" tool <<<a
	assert_output --regexp '^(\./)?tool$'
}

@test "-h shows the options and ends with 0" {
	run -0 "${xargs[@]}" --help
	for option in -0 --null -d --delimiter -n --max-args -I -s -t -x -r; do
		assert_output --partial -- "$option"
	done
}
