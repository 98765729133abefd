# What every test file loads: bats-assert, a folder of its own, ways to wait for events, and to skip.
# PEXEC is the program under test; tests/run sets it.

# Loads a library without its loader. That starts a process for each of its files, anew for every
# test: a third of the time of the whole run. load_library NAME
load_library() {
	local folders folder file
	IFS=: read -ra folders <<<"$BATS_LIB_PATH"
	for folder in "${folders[@]}"; do
		for file in "$folder/$1"/src/*.bash; do
			# shellcheck disable=SC1090 # it is one of many
			[ ! -e "$file" ] || source "$file"
		done
	done
}

load_library bats-support
load_library bats-assert

# Bats asks date(1) before and after each test; bash knows it without a process.
get_mills_since_epoch() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# The folder of the Makefile.
project=${BATS_TEST_DIRNAME%/tests/*}
PEXEC=${PEXEC:-$project/pexec}

# What takes longer than so many seconds will never come: many times what the slowest machine needs.
# Nothing that works waits for it.
patience=${PATIENCE:-120}

# Bats notes each line that is run, to name it if it fails, and that takes as long as all other work of the
# shell together. tests/run sets UNTRACED for its first pass: a test that fails there is run again, with the
# trace, and tells then why it failed.
untraced_at_first() {
	[ -z "${UNTRACED:-}" ] || trap - DEBUG
}

setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
}

# Commands can call pexec by its name.
pexec_has_its_name() {
	mkdir bin
	ln -s "$PEXEC" bin/pexec
	PATH=$PWD/bin:$PATH
}

# Waits until a condition holds, as long as our patience lasts: wait_until COMMAND...
wait_until() {
	local end=$((SECONDS + patience)) nothing=
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS > end)); then
			echo "never came true: $*" >&2
			return 1
		fi
		# Reading what never comes takes time without a process.
		[ -n "$nothing" ] || exec {nothing}<> <(:)
		read -r -t 0.02 -u "$nothing" || true
	done
	[ -z "$nothing" ] || exec {nothing}>&-
}

# Skips what cannot be shown with an instrumented binary: needs_plain_build REASON
needs_plain_build() {
	[ -z "${SANITIZE:-}" ] || skip "instrumented build: $1"
}

needs_strace() {
	needs_plain_build "the runtime makes calls of its own"
	strace -f -o trace true || skip "strace cannot trace here"
}
