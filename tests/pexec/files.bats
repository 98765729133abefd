#!/usr/bin/env bats
# The files that a run reads and writes: none of them is lost to it.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2094 # that a file is read and written is what this is about
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/journal

# The run is refused with MESSAGE before it touches anything: refused MESSAGE ARGUMENT...
refused() {
	run -1 --separate-stderr "$PEXEC" "${@:2}"
	assert_output ''
	assert_equal "$stderr" "pexec: $1"
	[ ! -e ran ]
}

# --- input and output ---

@test "a file of items that the run would write is refused, whatever writes it, and stays as it was" {
	local option
	seq 3 >l.csv
	cp l.csv before
	ln -s l.csv link
	ln l.csv hard.csv
	for option in --results --joblog --log --pidfile --ctl; do
		refused "-a l.csv: input file is output file: $option l.csv" $option l.csv -a l.csv touch ran
		cmp l.csv before
	done
	refused "-a link: input file is output file: --results hard.csv" --results hard.csv -a link touch ran
	refused "-a l.csv: input file is output file: --joblog ./l.csv" --joblog ./l.csv touch ran {} :::: l.csv
	refused ":::: l.csv: input file is output file: --joblog link" --joblog link touch ran ::: a :::: l.csv
	refused "standard input: input file is output file: --joblog l.csv" --joblog l.csv touch ran <l.csv
	echo 3 >slots
	refused "-j ./slots: input file is output file: --joblog slots" -j ./slots --joblog slots touch ran ::: a
	cmp l.csv before
	# With --dry-run neither of these is written.
	run -0 "$PEXEC" --dry-run --joblog l.csv --results l.csv -a l.csv echo
	cmp l.csv before
}

@test "a file of items that is our own output, and would never end, is refused" {
	local redirect
	for redirect in '>>l' '<>l >&0' '2>>l'; do
		seq 3 >l
		run -1 bash -c '"$0" -a l echo '"$redirect" "$PEXEC"
		[[ $(cat l)$output == *"-a l: input file is output file: standard "* ]]
	done
	seq 3 >l
	run -1 bash -c '"$0" echo <l >>l' "$PEXEC"
	assert_output 'pexec: standard input: input file is output file: standard output'
	# What is no regular file is nobody's alone.
	run -0 "$PEXEC" -a /dev/null --joblog /dev/null echo >/dev/null
	mkfifo fifo
	echo a >fifo &
	run -0 "$PEXEC" -a fifo echo
	assert_output a
}

@test "--follow: a job may add to its own queue" {
	echo 3 >queue
	start "$PEXEC" -j1 --follow -a queue --results dir sh -c '[ $0 = 0 ] || echo $(($0 - 1))' >>queue
	wait_until grep -qx 0 queue
	wait_until test -e dir/4/exitval
	kill "$pid"
	ends 143
	assert_equal "$(xargs <queue)" '3 2 1 0'
}

@test "an input that is a result of an earlier run in the same folder is refused" {
	seq 3 >items
	"$PEXEC" --results dir cat ::: items >/dev/null
	cp dir/1/stdout before
	refused "-a dir/1/stdout: input file is output file: it is in --results ./dir/" --results ./dir/ -a dir/1/stdout touch ran
	cmp dir/1/stdout before
	run -0 "$PEXEC" -k --results other -a dir/1/stdout echo
	assert_output $'1\n2\n3'
}

@test "two outputs in one file are refused, whether it is there or not" {
	refused '--joblog x and --results x: they are the same file' --joblog x --results x touch ran ::: a
	refused '--joblog x.csv and --results ./x.csv: they are the same file' --joblog x.csv --results ./x.csv touch ran ::: a
	ln -s target.csv dangling
	refused '--joblog dangling and --results ./target.csv: they are the same file' \
		--joblog dangling --results ./target.csv touch ran ::: a
	[ ! -e target.csv ]
	refused '--log x and --joblog x: they are the same file' --joblog x --log x touch ran ::: a
	refused '--pidfile x and --joblog x: they are the same file' --joblog x --pidfile x touch ran ::: a
	refused '--lock x and --joblog x: they are the same file' --joblog x --lock x touch ran ::: a
	refused '--joblog x and --ctl ./x: they are the same file' --joblog x --ctl ./x touch ran ::: a
	[ ! -e x ] && [ ! -e x.csv ]
	echo kept >out
	run -1 bash -c '"$0" --joblog /dev/stdout echo ::: a >>out' "$PEXEC"
	assert_output 'pexec: --joblog /dev/stdout and standard output: they are the same file'
	assert_equal "$(<out)" kept
	# Our two outputs may be one, and a lock is not written.
	"$PEXEC" --lock items sh -c 'echo out; echo err >&2' ::: a >both 2>&1
	assert_equal "$(sort both)" $'err\nout'
	seq 2 >items
	run -0 "$PEXEC" -j1 --lock items -a items echo
	assert_output $'1\n2'
}

@test "--pidfile: a file that is none is refused, and stays" {
	for content in 'notes' '12 ' '1x' '1\n2' '\n' '12345678901234567' '1\0'; do
		printf '%b' "$content" >file
		cp file before
		refused '--pidfile file: there is a file of that name, and it is no pidfile' --pidfile file touch ran ::: a
		cmp file before
	done
	mkdir folder
	refused '--pidfile folder: Is a directory' --pidfile folder touch ran ::: a
	refused '--pidfile /dev/null: there is a file of that name, and it is no pidfile' --pidfile /dev/null touch ran ::: a
	[ -c /dev/null ]
	for content in '' '123' '123\n'; do
		printf '%b' "$content" >file
		run -0 "$PEXEC" --pidfile file echo ::: a
		[ ! -e file ]
	done
}

# --- files of others ---

# Becoming somebody else needs root.
needs_others() {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
}

@test "in a folder that is open to all, a file or link of another user is not written to" {
	needs_others
	local options
	mkdir -m 1777 tmp
	echo precious >mine.csv
	ln -s ../mine.csv tmp/link.csv
	echo 1 >tmp/file.csv
	chown -h 54321 tmp/link.csv tmp/file.csv
	for name in tmp/link.csv tmp/file.csv; do
		for options in --joblog '--resume --joblog' --results --log --lock --pidfile; do
			# shellcheck disable=SC2086 # one or two options
			refused "${options#--resume } $name: Operation not permitted" $options $name touch ran ::: a
		done
	done
	ln -s ../mine.csv tmp/log.position
	chown -h 54321 tmp/log.position
	seq 3 >queue
	refused "tmp/log.position: Operation not permitted" --follow -a queue --joblog tmp/log touch ran
	assert_equal "$(<mine.csv)" precious
	# Our own are as good as anywhere, and so are new ones.
	ln -s ../other tmp/ours
	run -0 "$PEXEC" --joblog tmp/ours --results tmp/table.csv --lock tmp/lock --pidfile tmp/pid --log tmp/log echo ::: a
	has_lines 2 other
	# A folder of somebody else has his links, whatever its mode is.
	mkdir theirs
	ln -s ../mine.csv theirs/link.csv
	chown -h 54321 theirs theirs/link.csv
	for options in --joblog --results --log --lock --pidfile; do
		refused "$options theirs/link.csv: Operation not permitted" "$options" theirs/link.csv touch ran ::: a
	done
	assert_equal "$(<mine.csv)" precious
	# Elsewhere whoever owns the folder is trusted with it.
	chmod 755 tmp
	run -0 "$PEXEC" --joblog tmp/file.csv echo ::: a
	has_lines 2 tmp/file.csv
}

@test "--results DIR: a folder of another user is refused, and no link in it is followed" {
	needs_others
	mkdir -m 777 theirs
	chown 54321 theirs
	refused '--results theirs: the folder belongs to another user' --results theirs touch ran ::: a
	mkdir -m 777 dir
	echo precious >mine
	for name in seq item stdout stderr .exitval; do
		mkdir dir/1
		ln -s ../../mine dir/1/$name
		run -1 "$PEXEC" --results dir true ::: a
		assert_output --regexp '^pexec: job 1: writing its results in dir/1: Too many levels of symbolic links$'
		rm -r dir/1
	done
	mkdir elsewhere
	ln -s ../elsewhere dir/1
	run -1 "$PEXEC" --results dir touch ran ::: a
	assert_output 'pexec: job 1: writing its results in dir/1: Not a directory'
	rm dir/1
	mkdir -m 777 dir/1
	chown 54321 dir/1
	run -1 "$PEXEC" --results dir touch ran ::: a
	assert_output 'pexec: job 1: writing its results in dir/1: Operation not permitted'
	assert_equal "$(<mine)$(ls elsewhere)" precious
	[ ! -e ran ]
}

@test "--lock: a process of another user that holds it is named, one of our own is not" {
	needs_others
	touch lock
	chmod 666 lock
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD" || true
	cp "$PEXEC" pexec
	run setpriv --reuid 54321 --clear-groups ./pexec --version
	[ "$status" = 0 ] || skip "others cannot come here"
	local ours theirs=(setpriv --reuid 54321 --regid 54321 --clear-groups)
	# Seen by root, and by a user who may not look into the process.
	for ours in '' 'setpriv --reuid 54322 --regid 54322 --clear-groups'; do
		# flock(1) is the one that has taken the lock, and the one that keeps it.
		start "${theirs[@]}" flock lock sh -c "sleep $nap"
		wait_until naps 1
		local named='process [0-9]+ \((flock|sh|sleep)\) of user 54321'
		[ -z "${PORTABLE:-}" ] || named='a process that cannot be told, and other users may open the file'
		# shellcheck disable=SC2086 # several words
		run -0 $ours ./pexec --lock lock touch ran ::: 1
		assert_output --regexp "^pexec: --lock lock: nothing is run: it is held by $named\$"
		# shellcheck disable=SC2086 # several words
		run -75 $ours ./pexec --lock lock --lock-status 75 --lock-wait 10ms touch ran ::: 1
		assert_output --regexp "^pexec: --lock lock: nothing is run: it is held by $named\$"
		find_naps
		kill "${napping[@]}"
		ends 143
	done
	[ ! -e ran ]
	# The guardian of an instrumented build has descriptors of its own, and `run` would wait for it.
	[ -z "${PORTABLE:-}${SANITIZE:-}" ] || return 0
	# Also where the process that has taken it is no more, as of a daemon.
	run -0 ./pexec --lock lock --daemon --pidfile "$PWD/pid" sleep "$nap" ::: 0
	run -0 ./pexec --lock lock touch ran ::: 1
	refute_output
	kill "$(<pid)"
	wait_until test ! -e pid
}

@test "--joblog, --pidfile: a process of another user that holds it is named" {
	needs_others
	[ -z "${PORTABLE:-}" ] || skip 'the system does not tell'
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD" || true
	local file theirs=(setpriv --reuid 54321 --regid 54321 --clear-groups)
	run "${theirs[@]}" test -x "$PWD"
	[ "$status" = 0 ] || skip "others cannot come here"
	for file in joblog pidfile; do
		(umask 022 && : >"$file")
		start "${theirs[@]}" flock "$file" sh -c "sleep $nap"
		wait_until naps 1
		run -1 "$PEXEC" --$file "$file" touch ran ::: 1
		assert_output --regexp "^pexec: --$file $file: it is held by process [0-9]+ \\((flock|sh|sleep)\\) of user 54321\$"
		find_naps
		kill "${napping[@]}"
		ends 143
	done
	[ ! -e ran ]
}

@test "--lock: who may not write to it cannot hold it" {
	needs_others
	(umask 022 && "$PEXEC" --lock lock true ::: a)
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD" || true
	run setpriv --reuid 54321 --clear-groups test -e lock
	[ "$status" = 0 ] || skip "others cannot come here"
	run setpriv --reuid 54321 --clear-groups flock --nonblock lock true
	assert_failure
	assert_output --partial 'Permission denied'
}

@test "the file in which -j auto keeps what it has found is none of the items" {
	printf 'a\nb\n' >log.slots
	cp log.slots before
	refused '-a log.slots: input file is output file: log.slots' -j auto --joblog log -a log.slots touch ran
	cmp log.slots before
}
