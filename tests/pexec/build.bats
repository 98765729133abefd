#!/usr/bin/env bats
# What those who build packages ask of the Makefile.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

@test "flags of those who build packages go with our own" {
	for flags in -O2 '-O2 -D_FORTIFY_SOURCE=3' '-O2 -D_FORTIFY_SOURCE=2' '-O2 -U_FORTIFY_SOURCE'; do
		env -u MAKEFLAGS -u MFLAGS make -s -C "$project" BUILD="$PWD/build" SANITIZE= \
			CFLAGS="$flags -Werror" "$PWD/build/base/strlist.o"
		rm build/base/strlist.o
	done
	run -0 env -u MAKEFLAGS -u MFLAGS make -n -C "$project" BUILD="$PWD/build" SANITIZE= \
		CPPFLAGS=-D_FORTIFY_SOURCE=3 "$PWD/build/base/strlist.o"
	refute_output --partial _FORTIFY_SOURCE=2
}
