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

@test "flags of those who build packages go with our own" {
	for flags in -O2 '-O2 -D_FORTIFY_SOURCE=3' '-O2 -D_FORTIFY_SOURCE=2' '-O2 -U_FORTIFY_SOURCE'; do
		env -u MAKEFLAGS -u MFLAGS make -s -C "$BATS_TEST_DIRNAME/.." BUILD="$PWD/build" SANITIZE= \
			CFLAGS="$flags -Werror" "$PWD/build/base/strlist.o"
		rm build/base/strlist.o
	done
	run -0 env -u MAKEFLAGS -u MFLAGS make -n -C "$BATS_TEST_DIRNAME/.." BUILD="$PWD/build" SANITIZE= \
		CPPFLAGS=-D_FORTIFY_SOURCE=3 "$PWD/build/base/strlist.o"
	refute_output --partial _FORTIFY_SOURCE=2
}
