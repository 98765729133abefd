#!/usr/bin/env bats
# The limits of control groups.

bats_require_minimum_version 1.5.0
load ../lib/helper

@test "system: the limits of control groups" {
	run "$BUILD/unit/system"
	assert_success
}
