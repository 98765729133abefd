#!/usr/bin/env bats
# --follow: a queue without an end: a file that grows and is rotated, or a FIFO.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets job and pid

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/follow

@test "lines run as they are appended; one without its newline does not" {
	printf 'a\n' >q
	follow
	runs a
	printf 'b\nc' >>q
	runs a b
	wait_until sleeps
	ran a b
	printf 'd\n' >>q
	runs a b cd
	drain
}

@test "a file that is not there yet is waited for, also behind a path" {
	mkdir d
	start "$PEXEC" -j1 --follow -a d/q -c "$job"
	wait_until sleeps
	echo a >d/new
	mv d/new d/q
	runs a
	drain
	rm out
	follow
	wait_until sleeps
	echo b >q
	runs b
	drain
}

@test "a directory that is not there, or a file that cannot be read, is an error" {
	run -1 "$PEXEC" --follow -a none/q echo
	assert_output 'pexec: none/q: No such file or directory'
	mkdir d
	run -1 "$PEXEC" --follow -a d echo
	assert_output 'pexec: d: Is a directory'
}

@test "a file that nobody has taken the place of is read on" {
	printf 'a\n' >q
	follow
	runs a
	mv q other
	echo b >>other
	runs a b
	rm other
	echo c >q
	runs a b c
	drain
}

@test "another file that is renamed to the name is followed, too" {
	printf 'a\n' >q
	follow
	runs a
	printf 'b\n' >new
	mv new q
	runs a b
	ln q linked
	rm q
	ln -s linked q
	echo c >>linked
	runs a b c
	# What a symbolic link stands for may be changed elsewhere.
	mkdir d
	echo d >d/q
	ln -sfn d/q q
	runs a b c d
	mv d/q d/q.1
	echo e >d/q
	runs a b c d e
	drain
}

@test "a symbolic link to a directory that comes to stand for another one" {
	mkdir one two
	echo a >one/q
	echo b >two/q
	ln -s one d
	start "$PEXEC" -j1 --follow -a d/q -c "$job"
	runs a
	ln -sfn two d
	runs a b
	echo c >>two/q
	runs a b c
	drain
}

@test "a truncated file begins anew, also when it has grown since" {
	mkfifo go
	printf 'a\nb' >q
	follow
	runs a
	# What was left of it is an item: the rest will not come.
	: >q
	runs a b
	echo c >>q
	runs a b c
	echo hold >>q
	runs a b c hold
	printf '%s\n' longer longer longer >q
	release go
	runs a b c hold longer longer longer
	drain
}

@test "stdin that is a regular file is followed from where it stands" {
	printf 'a\nb\n' >q
	{
		read -r _
		start "$PEXEC" -j1 --follow -c "$job"
	} <q
	runs b
	echo c >>q
	runs b c
	: >q
	echo d >>q
	runs b c d
	drain
}

@test "a FIFO: writers come and go" {
	mkfifo q
	follow
	echo a >q
	runs a
	printf b >q
	printf 'c\n' >q
	runs a bc
	drain
	rm out
	start "$PEXEC" -j1 --follow -c "$job" <>q
	echo d >q
	runs d
	echo e >q
	runs d e
	drain
}

@test "what was read from a FIFO and is not run is told at the end" {
	mkfifo q go
	exec 5<>q
	follow 2>err
	printf 'a\nhold\nb\tb\nc\n' >&5
	runs a hold
	kill -s QUIT "$pid"
	release go
	ends 0
	assert_equal "$(<err)" "pexec: q: read and not run, when the run ended: 2, from 'b\tb' on"
	follow -n 2 2>err
	echo d >&5
	wait_until drained
	wait_until sleeps
	kill "$pid"
	ends 143
	assert_equal "$(<err)" "pexec: q: read and not run, when the run ended: 1, from 'd' on"
	follow -E STOP 2>err
	printf 'e\nSTOP\nf\n' >&5
	ends 0
	assert_equal "$(<err)" ''
	exec 5>&-
}

@test "a run ends by -E, by --halt, and by signals" {
	printf 'a\nSTOP\nb\n' >q
	run -0 "$PEXEC" --follow -a q -E STOP echo
	assert_output a
	run -125 "$PEXEC" -j1 --follow -a q --halt soon,done=2 echo
	assert_line STOP
	refute_line b
	mkfifo fifo
	start "$PEXEC" -j1 --follow -a fifo -E STOP echo
	printf 'a\nSTOP\n' >fifo
	ends 0
	for signal in TERM INT HUP; do
		rm -f out
		follow
		runs a STOP b
		kill -s "$signal" "$pid"
		ends $((128 + $(kill -l "$signal")))
	done
}

@test "-n waits for its items, -X takes what is there" {
	printf 'a\nb\nc\n' >q
	start "$PEXEC" -j1 --follow -a q -n 2 sh -c 'echo "$*" >>out' sh
	runs 'a b'
	wait_until sleeps
	echo d >>q
	runs 'a b' 'c d'
	drain
	rm out
	start "$PEXEC" -j1 --follow -a q -X sh -c 'echo "$*" >>out' sh
	runs 'a b c d'
	env printf 'e\nf\n' >>q
	runs 'a b c d' 'e f'
	drain
	rm out
	mkfifo fifo
	start "$PEXEC" -j1 --follow -a fifo -X sh -c 'echo "$*" >>out' sh
	env printf 'a\nb\nc' >fifo
	runs 'a b'
	drain
}

@test "what makes no sense with it is refused" {
	: >q
	mkfifo fifo
	# options, and the message
	while IFS='|' read -r options message; do
		# shellcheck disable=SC2086 # several words
		run -1 "$PEXEC" --follow $options </dev/null
		assert_output --partial "$message"
	done <<-'END'
		echo ::: a|the lists of ::: and :::: are complete
		-a q -a q echo|-a names several
		-a q --shuf echo|--shuf reads the queue to its end
		-a q --header echo|--header has no place there
		-a q --joblog log --retry-failed echo|take --resume-failed
		-a q --joblog log --resume -n 2 echo|a job has one item
		-a q --joblog log --resume -X echo|a job has one item
		-a q --joblog log --resume --skip 1 echo|none is skipped
		-a fifo --joblog log --resume echo|a FIFO does not keep what was read from it
		-a /dev/null echo|what -a names is neither a regular file nor a FIFO with a name
		echo|stdin is neither a regular file nor a FIFO with a name
	END
	run -1 "$PEXEC" --follow echo < <(echo a)
	assert_output --partial 'stdin is neither a regular file nor a FIFO with a name'
}

@test "also when it was rotated several times, by whatever names, or is not there" {
	broken_off
	echo c >>q
	mv q saved
	later_than saved
	printf 'd\n' >q
	mv q q-20260101
	later_than q-20260101
	printf 'e\n' >q
	mv q q.1
	# Not rotated by these names, or older, or empty.
	echo x >q.txt
	echo x >q.5
	touch -d '1 hour ago' q.5
	: >q.6
	rm out
	follow --joblog log --resume
	runs c d e
	wait_until journal_has a b c d e
	murder
	rm out
	echo f >q
	follow --joblog log --resume
	runs f
	drain
	assert_equal "$(recorded)" 'a b c d e f'
}

@test "late lines of an old file, when those before were read from the new one" {
	rotated_open --joblog log
	echo c >&7
	runs a b c
	echo d >>q
	wait_until journal_has a b c d
	murder
	echo e >&7
	exec 7>&-
	echo f >>q
	rm out
	follow --joblog log --resume
	wait_until ran_all e f
	wait_until journal_has a b c d e f
	drain
	# Each job is found again in its file, from the first one on.
	sed -i '2d' log
	rm out
	follow --joblog log --resume
	runs a
	murder
}

@test "--resume-failed goes back to where the failed job was" {
	printf 'a\nb\n' >q
	start "$PEXEC" -j1 --follow -a q --joblog log sh -c 'echo "$1" >>out; [ "$1" != a ] || [ -e ok ]' sh
	runs a b
	mv q q.1
	echo c >q
	wait_until journal_has a b c
	murder
	: >ok
	rm out
	start "$PEXEC" -j1 --follow -a q --joblog log --resume-failed sh -c 'echo "$1" >>out; [ "$1" != a ] || [ -e ok ]' sh
	runs a
	echo d >>q
	runs a d
	drain
}

@test "when the file is gone, or was truncated, that is said, and nothing runs" {
	broken_off
	# It keeps its inode elsewhere, so that no other file gets it.
	mkdir elsewhere
	mv q elsewhere
	refused 'was in a file that is not beside q any more, or was truncated'
	cp elsewhere/q q
	refused 'was in a file that is not beside q any more, or was truncated'
	rm -f log*
	rm out
	broken_off
	: >q
	refused 'was in a file that is not beside q any more, or was truncated'
	# It is long enough again, but another one.
	printf 'c\nd\ne\n' >q
	refused 'was in a file that is not beside q any more, or was truncated'
}

@test "when it cannot be known which file came between, that is said, and nothing runs" {
	broken_off
	mv q q.2
	echo c | gzip >q.1.gz
	echo d >q
	refused 'q was rotated more than once since that was written, and of q.1.gz it cannot be known'
}

@test "a journal without the file that says where its jobs come from, or with a damaged one" {
	broken_off
	cp log.position saved
	rm log.position
	refused '--joblog log has jobs, and log.position does not say where they come from; nothing is run'
	for damage in x '1	2	3' '0	1	0	0	0	0' '1	1	-2	0	0	0' '1	1	0	0	0	0	0'; do
		{ head -n 2 saved; echo "$damage"; tail -n 1 saved; } >log.position
		refused 'log.position: line 3 is damaged'
	done
	# A torn last line had not begun.
	{ cat saved; printf '7\t7'; } >log.position
	rm out
	echo c >>q
	follow --joblog log --resume
	runs c
	drain
	run ! grep -q '7	7' log.position
}

@test "without --resume the journal begins anew, and the file at its start" {
	broken_off
	rm out
	follow --joblog log
	runs a b
	drain
	assert_equal "$(cut -f 1 log.position | xargs)" 'Seq 1 1'
}

@test "--dry-run prints the commands as lines come, and leaves no trace" {
	echo a >q
	start "$PEXEC" --follow -a q --joblog log --dry-run echo >out
	runs 'echo a'
	echo b >>q
	runs 'echo a' 'echo b'
	drain
	[ ! -e log ] && [ ! -e log.position ]
	rm out
	broken_off
	cp log.position before
	echo c >>q
	start "$PEXEC" -j1 --follow -a q --joblog log --resume --dry-run -c "$job" >dry
	wait_until has_lines 1 dry
	drain
	grep -q ' c$' dry
	cmp before log.position
}

@test "a file system that is full: the reason is said, and the job is not run" {
	mkdir -p log.position
	echo a >q
	run -1 "$PEXEC" --follow -a q --joblog log echo
	assert_output 'pexec: log.position: Is a directory'
	rmdir log.position
	ln -s /dev/full log.position
	run -1 "$PEXEC" --follow -a q --joblog log echo
	assert_output 'pexec: log.position: No space left on device'
}

@test "a directory that is moved away: the name counts" {
	mkdir d
	echo a >d/q
	start "$PEXEC" -j1 --follow -a d/q -c "$job" 2>err
	runs a
	mv d old
	echo b >>old/q
	runs a b
	mkdir d
	echo c >d/q
	runs a b c
	drain
}
