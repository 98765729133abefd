# What every test file loads: bats-assert, a folder of its own, and ways to wait for events.
# PEXEC is the program under test; tests/run sets it.
bats_load_library bats-support
bats_load_library bats-assert

PEXEC=${PEXEC:-$BATS_TEST_DIRNAME/../pexec}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Waits until a condition holds, 30 s at most: wait_until COMMAND...
wait_until() {
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS > end)); then
			echo "never came true: $*" >&2
			return 1
		fi
		read -r -t 0.01 <> <(:) || true
	done
}

# Skips what cannot be shown with an instrumented binary: needs_plain_build REASON
needs_plain_build() {
	[ -z "${SANITIZE:-}" ] || skip "instrumented build: $1"
}
