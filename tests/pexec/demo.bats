#!/usr/bin/env bats
# make demo: a real queue, beside a serial run.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

@test "the demo compares outcomes and statuses, and has something to show" {
	demo=$project/tests/demo
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
