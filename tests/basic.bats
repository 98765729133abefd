#!/usr/bin/env bats
# The program as its first user meets it.

load helper

@test "a queue through sh: every line, status 123 when some jobs fail" {
	run bash -c "seq 100 | '$PEXEC' -j8 sh -c 'echo \$0; exit \$((\$0 % 2))'"
	assert_failure 123
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort -n)" "$(seq 100)"
}
