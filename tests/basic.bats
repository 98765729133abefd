#!/usr/bin/env bats
# The program as its first user meets it.

bats_require_minimum_version 1.5.0
load helper

@test "a queue through sh: every line, status 123 when some jobs fail" {
	run bash -c "seq 100 | '$PEXEC' -j8 sh -c 'echo \$0; exit \$((\$0 % 2))'"
	assert_failure 123
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort -n)" "$(seq 100)"
}

@test "the demo compares outcomes and statuses, and has something to show" {
	demo=$BATS_TEST_DIRNAME/demo
	mkdir files
	run -1 "$demo" "$PEXEC" files
	assert_output "no compressed files under files: there is nothing to show"
	echo text | gzip >files/whole.gz
	run -0 "$demo" "$PEXEC" files
	assert_line --partial '; 1 outcomes, the same'
	echo broken >files/broken.gz
	run -0 "$demo" "$PEXEC" files
	assert_line --partial '; 1 outcomes, the same'
	printf '#!/bin/sh\n"%s" "$@"\nexit 0\n' "$PEXEC" >liar
	chmod +x liar
	run -1 "$demo" ./liar files
	assert_line "xargs ended with status 123, pexec with 0"
}
