#!/usr/bin/env bats
# Workers that share a list or a stream in a Redis server, by the recipes of the manual: the guardian ends the jobs of
# one that is killed.
# shellcheck disable=SC2016 # what stands in single quotes is for the inner shells to expand
# shellcheck disable=SC2154 # pid, nap and patience are set in background.bash and helper.bash
# shellcheck disable=SC2034,SC2317 # recipe and the functions are used by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/brokers
load ../lib/manual

# A server in this folder, and the command redis-cli of the recipes, which asks it.
start_redis() {
	redis-server --port 0 --unixsocket "$PWD/redis.sock" --save '' --appendonly no --dir "$PWD" >redis.log 3>&- &
	others+=($!)
	make_commands
	printf '#!/bin/sh\n%s\n' "exec $(command -v redis-cli) -s '$PWD/redis.sock' \"\$@\"" >bin/redis-cli
	chmod +x bin/redis-cli
	hash -r
	wait_until redis PING
}

redis() {
	redis-cli -e "$@"
}

fill_list() {
	seq -f 'item "%g"' "$1" >items
	tr '\n' '\0' <items | xargs -0 redis-cli RPUSH queue >/dev/null
}

# Puts back what the worker NAME has not done: give_back NAME
give_back() {
	manual 'while item=' 'done' >back
	[ -s back ]
	WORKER=$1 timeout "$patience" sh back
}

held() {
	[ "$(redis LLEN "working:$1")" = "$2" ]
}

# For lists.
all_done() {
	[ "$(redis LLEN queue)" = 0 ] && held two 0 && held three 0
}

nothing_is_taken() {
	held one 0
	assert_equal "$(redis LRANGE queue 0 -1 | sort)" "$(sort items)"
}

again_from_list() {
	held one 2
	give_back one
	held one 0
}

@test "three share a Redis list, one is killed, and what it held is done by the others" {
	start_redis
	fill_list 36
	recipe='export WORKER='
	three_share again_from_list
	# Twice those alone that were under way.
	assert_equal "$(cat out.* | wc -l)" 38
}

@test "the same with many items at a time" {
	start_redis
	fill_list 36
	sh -ec "$(manual 'cat >list.lua' END)"
	recipe="pexec --next 'redis-cli -e --eval list.lua"
	three_share again_from_list
	assert_equal "$(cat out.* | wc -l)" 38
}

@test "a list gets back what a worker that ends has not done" {
	start_redis
	fill_list 9
	sh -ec "$(manual 'cat >list.lua' END)"
	recipe="pexec --next 'redis-cli -e --eval list.lua"
	one_gives_back
}

@test "three share a Redis stream, one is killed, and what it had is claimed by the others" {
	start_redis
	make_stream 36
	recipe="pexec --next 'redis-cli -e --eval stream.lua"
	three_share again_from_stream
}

@test "a stream gives out at once what a worker that ends has not done" {
	start_redis
	make_stream 9
	recipe="pexec --next 'redis-cli -e --eval stream.lua"
	one_gives_back
}

# As the manual makes it, with so many items: make_stream N
make_stream() {
	manual 'redis-cli XGROUP' END >steps
	[ -s steps ]
	sh -e steps >/dev/null
	seq -f 'item  "%g"' "$1" >items
	while read -r item; do echo "XADD jobs * item \"${item//\"/\\\"}\""; done <items | redis-cli >/dev/null
	echo some/file >>items
	all_done() { [ "$(redis XINFO GROUPS jobs | sed -n '/^pending$/{n;p};/^lag$/{n;p}' | xargs)" = '0 0' ]; }
	nothing_is_taken() { assert_equal "$(redis XPENDING jobs workers - + 10 one)" ''; }
}

# A minute is long: less has to do.
again_from_stream() {
	[ "$(redis XPENDING jobs workers - + 10 one | wc -l)" -ge 8 ]
	sed -i 's/60000/300/' stream.lua
}

@test "an error of the server is neither an empty queue nor a reason to ask for ever" {
	make_commands
	printf '#!/bin/sh\necho "ERR out of order" >&2; exit 1\n' >bin/redis-cli
	chmod +x bin/redis-cli
	hash -r
	sh -ec "$(manual 'cat >list.lua' END)"
	for recipe in 'export WORKER=' "pexec --next 'redis-cli -e --eval list.lua" "pexec --next 'redis-cli -e --eval stream.lua"; do
		employ one : --rounds=1 2>err
		ends 1
		[[ $(<err) == *': ended with status 2' ]]
	done
	run give_back one
	assert_output 'ERR out of order'
}
