#!/usr/bin/env bats
# The command lines of others, run by the programs that they were written for, and by pexec under their names.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

# So many cases of FILE are the same, at least: same_at_least N FILE
same_at_least() {
	local folder=$project/../shared/compat said
	[ -e "$folder/$2" ] || skip "the cases are not there"
	needs_plain_build "the cases count on the speed of the programs"
	said=$("$folder/compat.py" --pexec "$PEXEC" --retry 2 --cache "$PWD/cache" "$folder/$2") || true
	echo "$said"
	[[ $said =~ ([0-9]+)\ of\ ([0-9]+)\ the\ same$ ]]
	((BASH_REMATCH[1] >= $1))
}

@test "xargs: 99 of 100 cases are the same" {
	same_at_least 178 shared-xargs.cases
}

# What is left: options that pexec refuses (Perl), values in quotes, which are what they are here, and words
# of progress.
@test "parallel: 95 of 100 cases are the same" {
	same_at_least 460 shared-parallel.cases
}
