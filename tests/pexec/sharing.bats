#!/usr/bin/env bats
# Slots that are shared with others: a semaphore with a name, the jobserver of make.
# shellcheck disable=SC2016 # the shells of the jobs expand what stands in single quotes
# shellcheck disable=SC2154 # nap, pid, napping and patience are set in lib

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# A job: notes that it is at work and how many are, and ends once the gate is open. The gate lets one job go for
# each byte.
setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	mkfifo gate
	mkdir at_work
	: >started
	exec 5<>gate
	cat >job <<'END'
#!/bin/sh
touch "$BATS_TEST_TMPDIR/at_work/$$"
ls "$BATS_TEST_TMPDIR/at_work" | wc -l >>"$BATS_TEST_TMPDIR/started"
dd bs=1 count=1 <"$BATS_TEST_TMPDIR/gate" >/dev/null 2>&1
rm "$BATS_TEST_TMPDIR/at_work/$$"
END
	chmod +x job
	name=pexec-test-$$-$BATS_TEST_NUMBER
}

# So many jobs of all runs have started: have_started N
have_started() {
	has_lines "$1" started
}

# Never more than so many were at work at a time, and once all of them: at_most N
at_most() {
	assert_equal "$(sort -n started | tail -n 1 | tr -d ' ')" "$1"
}

# So many jobs start, and when one of them is over, the next; until so many have started in all:
# go_through AT_A_TIME ALL
go_through() {
	local over
	wait_until have_started "$1"
	for ((over = 1; over <= $2 - $1; over++)); do
		printf x >&5
		wait_until have_started $(($1 + over))
	done
	printf '%*s' "$1" '' >&5
}

@test "--semaphore: of all runs that name it, N jobs run at a time" {
	runs=()
	for _ in 1 2 3; do
		"$PEXEC" -j4 --semaphore "$name=3" ./job ::: 1 2 3 4 3>&- 5>&- &
		runs+=($!)
	done
	go_through 3 12
	wait "${runs[@]}"
	at_most 3
	# Nothing is left of it in the kernel.
	run ipcs -s
	refute_output --partial "$(id -un) 600"
}

@test "--semaphore: one at a time without a number; another name is another one" {
	"$PEXEC" -j4 --semaphore "$name" ./job ::: 1 2 3>&- 5>&- &
	"$PEXEC" -j4 --semaphore "$name.other" ./job ::: 1 3>&- 5>&- &
	wait_until have_started 2
	# Whichever of them ends first.
	printf xx >&5
	wait_until have_started 3
	printf x >&5
	wait
	at_most 2
}

@test "--semaphore: what a run holds is free when it has been killed" {
	start "$PEXEC" -j2 --semaphore "$name" sleep "$nap" ::: 1
	wait_until naps 1
	"$PEXEC" --semaphore "$name" ./job ::: 1 3>&- 5>&- &
	second=$!
	kill -KILL "$pid"
	go_through 1 1
	wait $second
}

@test "--semaphore: a run that waits for it can be ended" {
	start "$PEXEC" -j2 --semaphore "$name" sleep "$nap" ::: 1
	first=$pid
	wait_until naps 1
	start "$PEXEC" -j2 --semaphore "$name" echo ::: 1 2
	wait_until sleeps
	kill "$pid"
	ends 143
	kill "$first"
	wait "$first" || true
}

@test "--semaphore: a run that waits for it says so" {
	"$PEXEC" --semaphore "$name" ./job ::: 1 3>&- 5>&- &
	wait_until have_started 1
	serve -t --semaphore "$name" ./job ::: 2 2>messages
	wait_until tells '"reason":"waits for a unit of the semaphore"' status --json
	wait_until grep -qx 'pexec: waits for a unit of the semaphore' messages
	printf x >&5
	wait_until have_started 2
	tells '"reason":null' status --json
	printf x >&5
	wait
}

@test "--semaphore: a run that is paused while it waits leaves the unit to others" {
	"$PEXEC" --semaphore "$name" ./job ::: 1 3>&- 5>&- &
	wait_until have_started 1
	serve --semaphore "$name" ./job ::: 2
	wait_until tells '"reason":"waits for a unit of the semaphore"' status --json
	ctl pause
	wait_until sleeps
	printf x >&5
	"$PEXEC" --semaphore "$name" ./job ::: 3 3>&- 5>&- &
	wait_until have_started 2
	tells '"reason":"paused"' status --json
	ctl resume
	printf xx >&5
	wait_until have_started 3
	wait
}

@test "--semaphore: as many as there can be" {
	run -0 timeout "$patience" "$PEXEC" --semaphore "$name=16383" echo ::: a
	assert_output a
}

@test "--semaphore: a name or number that cannot be is an error" {
	for wrong in '' '=3' 'a=0' 'a=x' 'a=16384' 'a='; do
		run -1 "$PEXEC" --semaphore "$wrong" echo ::: 1
		assert_output --partial "not NAME or NAME=N"
	done
}

# A folder with a Makefile of four jobs: make_folder NAME
make_folder() {
	mkdir "$1"
	printf 'all: a b c d\na b c d:\n\t@%s\n' "$BATS_TEST_TMPDIR/job" >"$1/Makefile"
}

@test "--jobserver: make in the jobs has no more jobs at a time than there are slots" {
	for i in 1 2 3; do make_folder d$i; done
	# The tests may themselves run under a make that has a jobserver.
	start env -u MAKEFLAGS "$PEXEC" -j4 --jobserver make -s -C {} ::: d1 d2 d3
	go_through 4 12
	ends 0
	at_most 4
}

@test "--jobserver: its FIFO is removed, however the run ends" {
	mkdir tmp bin
	# A make that says it is a new one.
	printf '#!/bin/sh\necho GNU Make 4.4.1\n' >bin/make
	chmod +x bin/make
	for end in '' TERM KILL; do
		start env -u MAKEFLAGS TMPDIR="$PWD/tmp" PATH="$PWD/bin:$PATH" "$PEXEC" -j3 --jobserver -c \
			'echo "$MAKEFLAGS" >flags; exec sleep '"$nap" ::: 1
		wait_until naps 1
		assert [ -p tmp/pexec-jobserver.*/fifo ]
		assert_equal "$(cat flags)" " -j3 --jobserver-auth=fifo:$(echo tmp/*/fifo | sed "s,^,$PWD/,")"
		if [ -n "$end" ]; then
			kill -s $end "$pid"
		else
			find_naps
			kill "${napping[@]}"
		fi
		wait "$pid" || true
		wait_until none_left
		wait_until rmdir tmp
		mkdir tmp
	done
}

# make with so many jobs, whose recipes call pexec: called_by_make COMMAND_LINE...
called_by_make() {
	printf 'all: r1 r2 r3\nr%%:\n\t+@%s\n' "$*" >Makefile
	start env -u MAKEFLAGS make -s -j4
}

@test "as a client of make: the jobs of all its recipes share the -j of make" {
	called_by_make "$PEXEC ./job ::: 1 2 3 4"
	go_through 4 12
	ends 0
	at_most 4
}

@test "as a client of make: variables of its command line are no options" {
	printf 'all:\n\t+@%s\n' "$PEXEC echo ::: a" >Makefile
	run -0 env -u MAKEFLAGS make -s -j3 'X=b -j1 --jobserver-auth=77,78'
	assert_output a
}

@test "as a client of make: with -j of its own it does not ask" {
	called_by_make "$PEXEC -j3 ./job ::: 1 2 3"
	wait_until have_started 9
	printf '%9s' '' >&5
	ends 0
	at_most 9
}

# So many jobs are in their sleep that are not those of the array killed; they are in napping then.
others_nap() {
	find_naps
	[ "${#napping[@]}" = "$1" ] && [[ " ${killed[*]} " != *" ${napping[0]} "* && " ${killed[*]} " != *" ${napping[1]} "* ]]
}

@test "as a client: the tokens are all there at the end, whatever the end is" {
	mkfifo tokens
	exec 6<>tokens
	for end in '' fail TERM INT KILL; do
		printf 'abc' >&6
		command=(sleep "$nap")
		[ "$end" != fail ] || command=(sh -c "exec sleep $nap; exit 1" sh)
		start env MAKEFLAGS=" -j4 --jobserver-auth=fifo:$PWD/tokens" "$PEXEC" "${command[@]}" ::: 1 2 3 4 5 6
		# Three tokens, and the one of its own.
		wait_until naps 4
		case $end in
		'' | fail)
			find_naps
			killed=("${napping[@]}")
			kill "${killed[@]}"
			wait_until others_nap 2
			kill "${napping[@]}"
			;;
		*)
			# A stranger to bats: the run has no handler for these that bats would see.
			kill -s "$end" "$pid"
			;;
		esac
		wait "$pid" || true
		wait_until none_left
		got=
		for _ in 1 2 3; do
			read -r -N 1 -t "$patience" -u 6 byte
			got+=$byte
		done
		assert_equal "$(fold -w 1 <<<"$got" | sort | tr -d '\n')" abc
	done
}

@test "as a client: a jobserver that is not open here is named, and one job runs at a time" {
	start env MAKEFLAGS=" -j4 --jobserver-auth=98,99" "$PEXEC" ./job ::: 1 2 3 2>err
	go_through 1 3
	ends 0
	at_most 1
	assert_equal "$(cat err)" "pexec: the jobserver of make cannot be reached: one job at a time (put a + before the line of the recipe, or say -j)"
	# A file that happens to have the number is none.
	MAKEFLAGS=" --jobserver-auth=7,7" run -0 "$PEXEC" echo ::: 1 7<err
	assert_output --partial "cannot be reached"
}
