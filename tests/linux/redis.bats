#!/usr/bin/env bats
# Workers that share a Redis list, as the manual has it: the guardian ends the jobs of one that is killed.
# shellcheck disable=SC2016 # what stands in single quotes is for the inner shells to expand
# shellcheck disable=SC2154 # pid, nap and patience are set in background.bash and helper.bash
# shellcheck disable=SC2034 # others are used by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# What the manual says about it, from one line to another: manual FROM TO
manual() {
	mandoc -Tascii -O width=120 "$project/man/pexec.1" | sed 's/.\x08//g' | sed -n "/^ *$1/,/$2\$/s/^ *//p"
}

# Makes the commands that it names, in bin. That of Redis is SCRIPT: make_commands SCRIPT
make_commands() {
	mkdir bin
	ln -s "$PEXEC" bin/pexec
	printf '#!/bin/sh\n%s\n' "$1" >bin/redis-cli
	printf '#!/bin/sh\n. "./job.$WORKER"\n' >work
	chmod +x bin/redis-cli work
}

redis() {
	bin/redis-cli -e "$@"
}

# A worker named NAME, as the manual has it, whose jobs run SCRIPT: work NAME SCRIPT [OPTION...]
work() {
	echo "$2" >"job.$1"
	manual 'export WORKER=' '\.\/work' | sed "s/=.(hostname)/=$1/; s/^pexec/exec pexec -j2 --every 0.1 ${*:3}/" >"worker.$1"
	PATH=$PWD/bin:$PATH sh "worker.$1" 3>&- &
}

# Puts back what the worker NAME has not done: give_back NAME
give_back() {
	manual 'while item=.*LMOVE' 'done' >back
	[ -s back ]
	WORKER=$1 PATH=$PWD/bin:$PATH timeout "$patience" sh back
}

held() {
	[ "$(redis LLEN "working:$1")" = "$2" ]
}

@test "three share a Redis list, one is killed, and what it held is done by the others" {
	redis-server --port 0 --unixsocket "$PWD/redis.sock" --save '' --appendonly no --dir "$PWD" >redis.log 3>&- &
	server=$!
	make_commands "exec $(command -v redis-cli) -s '$PWD/redis.sock' \"\$@\""
	wait_until redis PING
	seq -f 'item "%g"' 36 >items
	tr '\n' '\0' <items | xargs -0 redis-cli -s "$PWD/redis.sock" RPUSH queue >/dev/null
	work one 'echo "$1" >>out.one; [ $(wc -l <out.one) -lt 3 ] || exec sleep '"$nap"
	one=$!
	work two 'echo "$1" >>out.two; sleep 0.02'
	two=$!
	work three 'echo "$1" >>out.three; sleep 0.02'
	three=$!
	wait_until naps 2
	kill -KILL "$one"
	wait "$one" || true
	wait_until naps 0
	held one 2
	give_back one
	wait_until eval '[ "$(redis LLEN queue)" = 0 ] && held two 0 && held three 0'
	kill -QUIT "$two" "$three"
	wait "$two"
	wait "$three"
	held one 0
	held two 0
	held three 0
	sort -u out.* | cmp - <(sort items)
	# Twice those alone that were under way.
	assert_equal "$(cat out.* | wc -l)" 38
	kill "$server"
	wait "$server" || true
}

@test "an error of the server is neither an empty queue nor a reason to ask for ever" {
	make_commands 'echo "ERR out of order" >&2; exit 1'
	work one : --rounds=1 2>err
	pid=$!
	ends 1
	[[ $(<err) == *': ended with status 2' ]]
	run give_back one
	assert_output 'ERR out of order'
}
