#!/usr/bin/env bats
# Workers that share a table in a PostgreSQL server, by the recipe of the manual.
# shellcheck disable=SC2016 # what stands in single quotes is for the inner shells to expand
# shellcheck disable=SC2154 # pid, nap and patience are set in background.bash and helper.bash
# shellcheck disable=SC2034,SC2317 # recipe and the functions are used by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/brokers
load ../lib/manual

# A server in the folder of this file, with a socket alone. It does not run as root.
setup_file() {
	local programs folder=$BATS_FILE_TMPDIR as=()
	programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	[ -x "$programs/initdb" ] || skip "PostgreSQL is not installed"
	if [ "$(id -u)" = 0 ]; then
		as=(setpriv --reuid postgres --regid postgres --clear-groups)
		while [[ $folder == "$BATS_RUN_TMPDIR"* ]]; do
			chmod o+x "$folder"
			folder=${folder%/*}
		done
		chown postgres "$BATS_FILE_TMPDIR"
		"${as[@]}" test -w "$BATS_FILE_TMPDIR" || skip "the server's user cannot write here"
	fi
	export PGHOST=$BATS_FILE_TMPDIR PGUSER=postgres PGDATABASE=postgres
	cd "$BATS_FILE_TMPDIR" || return
	"${as[@]}" "$programs/initdb" -D data -A trust -U postgres --no-sync >log
	"${as[@]}" "$programs/postgres" -D data -k "$PWD" -c listen_addresses= -c fsync=off >>log 2>&1 3>&- &
	echo $! >server
	wait_until psql -c 'SELECT 1'
}

teardown_file() {
	local server
	[ -e "$BATS_FILE_TMPDIR/server" ] || return 0
	server=$(cat "$BATS_FILE_TMPDIR/server")
	kill -INT "$server"
	wait_until eval "! kill -0 $server"
}

# The table as the manual makes it, with so many items: make_table N
make_table() {
	make_commands
	psql -qc 'DROP TABLE IF EXISTS jobs' 2>notice
	manual "psql -c 'CREATE TABLE" END >steps
	[ -s steps ]
	sh -e steps >/dev/null
	psql -qc "INSERT INTO jobs (item) SELECT 'item  \"' || n || '\"' FROM generate_series(1, $1) AS n"
	psql -Atc 'SELECT item FROM jobs' >items
	recipe="pexec --next 'psql"
}

count() {
	psql -Atc "SELECT count(*) FROM jobs $1"
}

all_done() {
	[ "$(count '')" = 0 ]
}

nothing_is_taken() {
	assert_equal "$(count 'WHERE taken IS NOT NULL') $(count '')" "0 $(wc -l <items)"
}

# A minute is long: less has to do.
again_from_table() {
	[ "$(count 'WHERE taken IS NOT NULL')" -ge 2 ]
	sed -i "s/1 minute/0.3 seconds/" take.sql
}

@test "three share a table, one is killed, and what it had is done by the others" {
	make_table 36
	three_share again_from_table
}

@test "the table has back what a worker that ends has not done" {
	make_table 9
	one_gives_back
}

@test "a server that is gone is neither an empty queue nor a reason to ask for ever" {
	make_table 0
	export PGHOST=$PWD
	employ one : --rounds=1 2>err
	ends 1
	[[ $(<err) == *': ended with status 2' ]]
}
