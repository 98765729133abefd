#!/usr/bin/env bats
# What those who build packages ask of the Makefile.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

@test "make install: the program, its manual, and links by which other names follow other rules; uninstall" {
	make_it() {
		env -u MAKEFLAGS -u MFLAGS make -s -C "$project" BUILD="$BUILD" PEXEC="$PEXEC" PREFIX=/opt/it DESTDIR="$PWD/root" "$1"
	}
	make_it install
	[ -x root/opt/it/bin/pexec ]
	[ -e root/opt/it/share/man/man1/pexec.1 ]
	assert_equal "$(readlink root/opt/it/libexec/pexec/xargs)" ../../bin/pexec
	ln -sf "$PEXEC" root/opt/it/libexec/pexec/xargs
	run -0 root/opt/it/libexec/pexec/xargs -n2 printf '<%s>' < <(echo 'a  "b c" d')
	assert_output '<a><b c><d>'
	run -1 root/opt/it/libexec/pexec/xargs -n0
	assert_line --index 0 'xargs: value 0 for -n option should be >= 1'
	make_it uninstall
	run find root -type l -o -type f
	assert_output ''
	[ ! -e root/opt/it/libexec/pexec ]
}

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
