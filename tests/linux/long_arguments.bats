#!/usr/bin/env bats
# How long an argument may be on Linux: an item beyond that fails, by number and with the reason.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # patience is set in helper.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/items

@test "-r leaves out no item that is too long, whatever of it was kept" {
	printf '%100sx%5000000s\nb\n' '' '' >items
	run -123 "$PEXEC" -j1 -r --trim lr echo <items
	assert_line 'pexec: job 1 (): argument of 5000101 bytes is too long: the system takes 131071 at most'
	assert_line b
}

@test "an argument that becomes too long by its words is said to be, and what is too long together is the system's word" {
	run -123 "$PEXEC" true '{}{}' ::: "$(x 70000)"
	assert_output "pexec: job 1 ($(x 63)...): argument of 140000 bytes is too long: the system takes 131071 at most"
	run -123 bash -c 'ulimit -s 512; "$@"' bash "$PEXEC" true {} {} {} ::: "$(x 70000)"
	assert_output "pexec: job 1 ($(x 63)...): cannot run true: Argument list too long"
}

@test "an item of 200,000 bytes fails by number and with the reason, and no other" {
	{ echo a && x 200000 && printf '\nb\n'; } >items
	run -123 --separate-stderr "$PEXEC" -j1 -a items printf '%.5s\n'
	assert_output $'a\nb'
	assert_equal "$stderr" "pexec: job 2 ($(x 63)...): argument of 200000 bytes is too long: the system takes 131071 at most"
}

@test "an item of 200,000 bytes does not fail the others of its batch" {
	{ echo a && x 200000 && printf '\nb\nc\n'; } >items
	for batch in -X '-n 2' '-n 3' '-n 100'; do
		# shellcheck disable=SC2086 # an option and its argument
		run -123 --separate-stderr "$PEXEC" -j1 $batch -a items printf '%.5s\n'
		assert_output $'a\nb\nc'
		assert_equal "${#stderr_lines[@]}" 1
		assert_regex "$stderr" '^pexec: job 2 \(x{63}\.\.\.\): argument of 200000 bytes is too long: the system takes 131071 at most$'
	done
}

@test "a line of 3,000,000 bytes fails by number, with its length, and no other" {
	{ echo a && x 3000000 && printf '\nb\n'; } >items
	run -123 --separate-stderr "$PEXEC" -j1 -a items echo
	assert_output $'a\nb'
	assert_equal "$stderr" \
		"pexec: job 2 ($(x 63)...): argument of 3000000 bytes is too long: the system takes 131071 at most"
}
