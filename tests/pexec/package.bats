#!/usr/bin/env bats
# The Debian package: what is in it, what it depends on and conflicts with, and that it can be installed.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

# Why there is no package here; nothing where there is one.
missing() {
	[ -z "${SANITIZE:-}${PORTABLE:-}" ] || echo "it is built from the plain sources"
	command -v dpkg-shlibdeps >/dev/null || echo "this is no Debian"
}

setup_file() {
	[ -z "$(missing)" ] || return 0
	touch "$BATS_FILE_TMPDIR/before"
	build_package
}

# Builds the package in the folder of the tests of this file.
build_package() {
	env -u MAKEFLAGS -u MFLAGS -u BUILD make -s -C "$project" deb BUILD="$BATS_FILE_TMPDIR/build" \
		>"$BATS_FILE_TMPDIR/log" 2>&1 || { cat "$BATS_FILE_TMPDIR/log" && return 1; }
}

setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	[ -z "$(missing)" ] || skip "$(missing)"
	package=$(echo "$BATS_FILE_TMPDIR"/build/*.deb)
}

# Installs packages below the folder root, which is a system of its own to dpkg: install_there PACKAGE...
install_there() {
	mkdir -p root/var/lib/dpkg/{info,updates}
	touch root/var/lib/dpkg/{status,available}
	# Its libraries are those of the system outside.
	dpkg --root="$PWD/root" --log="$PWD/log" --force-not-root --force-depends -i "$@"
}

@test "name, version and relations" {
	version=$(sed -n 's/^VERSION = //p' "$project/Makefile")
	assert_equal "$(basename "$package")" "pexec-pool_${version}_$(dpkg --print-architecture).deb"
	run -0 dpkg-deb -I "$package"
	assert_line ' Package: pexec-pool'
	assert_line " Version: $version"
	assert_line ' Conflicts: pexec'
	assert_line --regexp '^ Depends: (.*, )?libbsd0 \(>= '
	assert_line --regexp '^ Depends: (.*, )?libc6 \(>= '
	refute_line --partial Provides:
	refute_line --partial Replaces:
}

@test "what is in it belongs to root, and is what make install installs, and documents" {
	run -0 dpkg-deb -c "$package"
	run ! grep -vE ' root/root ' <<<"$output"
	dpkg-deb -c "$package" | grep -v '/$' | awk '{ print $6 }' | sort >files
	env -u MAKEFLAGS -u MFLAGS make -s -C "$project" install PREFIX=/usr DESTDIR="$PWD/installed" \
		ZSH_COMPLETIONS=/usr/share/zsh/vendor-completions \
		BUILD="$BATS_FILE_TMPDIR/build/deb/objects" PEXEC="$BATS_FILE_TMPDIR/build/deb/objects/pexec" \
		-o "$BATS_FILE_TMPDIR/build/deb/objects/pexec"
	{
		(cd installed && find . ! -type d | sed 's|\(/man1/.*\.1\)$|\1.gz|')
		printf './usr/share/doc/pexec-pool/%s\n' changelog.gz copyright
	} | sort >expected
	diff expected files
}

@test "lintian finds no error, and nothing to warn of" {
	command -v lintian >/dev/null || skip "there is no lintian"
	run lintian --fail-on error --allow-root "$package"
	assert_output ''
	assert_success
}

@test "it is built below the folder of the build alone, and the same again" {
	run find "$project" -newer "$BATS_FILE_TMPDIR/before" ! -path "$project/build*" ! -path '*/.git*' ! -path "$project"
	assert_output ''
	before=$(sha256sum <"$package")
	umask 077
	build_package
	assert_equal "$(sha256sum <"$package")" "$before"
}

@test "it can be installed: the program, its manual, its checksums" {
	install_there "$package"
	assert_equal "$(root/usr/bin/pexec -j1 echo ::: a b)" $'a\nb'
	assert_equal "$(gzip -dc root/usr/share/man/man1/pexec.1.gz)" "$(cat "$project/man/pexec.1")"
	(cd root && md5sum -c --quiet var/lib/dpkg/info/pexec-pool.md5sums)
	run ! grep -q '@' root/usr/share/doc/pexec-pool/copyright
	dpkg --root="$PWD/root" --log="$PWD/log" --force-not-root -r pexec-pool
	[ ! -e root/usr ]
}

@test "it and GNU pexec, Debian's package pexec, cannot both be installed" {
	mkdir -p other/DEBIAN
	printf '%s\n' 'Package: pexec' 'Version: 1.0~rc8-4' 'Architecture: all' 'Maintainer: N <n@example.org>' \
		'Description: stands for GNU pexec' >other/DEBIAN/control
	dpkg-deb --root-owner-group --build other other.deb
	install_there other.deb
	run install_there "$package"
	assert_failure
	assert_output --partial 'conflicting packages - not installing pexec-pool'
	rm -r root
	install_there "$package"
	run install_there other.deb
	assert_failure
	assert_output --partial 'conflicting packages - not installing pexec'
}
