#!/usr/bin/env bats
# What --share and --shard come to where it cannot be tried: a model of many runs.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

@test "in the model the runs of --share end together, and wait little for each other" {
	python3 -c 'import heapq, random, sys' || skip "needs python3"
	run -0 python3 "$project/tests/model/share.py"
	assert_output --partial '64 runs with 16 slots'
}

@test "the policy of the model has the numbers of the one that is run" {
	grep -qF 'chunk_s = 0.1, chunk_costs = 50;' "$project/src/queue/claims.c"
	grep -qF 'most_chunks = UINT64_C(1) << 22;' "$project/src/queue/claims.c"
	grep -qF 'CHUNK, COSTS, MOST_CHUNKS = 0.1, 50, 1 << 22' "$project/tests/model/share.py"
}
