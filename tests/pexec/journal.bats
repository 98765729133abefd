#!/usr/bin/env bats
# The journal: what --joblog writes and when, and what runs that resume from it do.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/journal

# A job that leaves a mark, prints its item, and fails where its item says so.
mark='echo "$0" >>ran; echo "out $0"; case $0 in bad*) exit 3;; esac'

@test "the columns are GNU parallel's, and what they hold" {
	run -123 "$PEXEC" -j1 --joblog log sh -c 'case $0 in 1) echo four;; 2) exit 3;; 3) kill -KILL $$;; esac' ::: 1 2 3
	assert_equal "$(head -n 1 log)" "$header"
	assert_equal "$(sed 1d log | cut -f 1,2,5-8)" $'1\t:\t0\t5\t0\t0\n2\t:\t0\t0\t3\t0\n3\t:\t0\t0\t0\t9'
	assert_equal "$(awk -F '\t' '{ print NF }' log | sort -u)" 9
	# When it began, and how long it took.
	run awk -F '\t' -v now="$EPOCHSECONDS" 'NR > 1 && ($3 !~ /^[0-9]+\.[0-9][0-9][0-9]$/ || $3 < now - 60 || $3 > now + 1 ||
		$4 !~ /^ *[0-9]+\.[0-9][0-9][0-9]$/ || length($4) != 10 || $4 > 60)' log
	refute_output
}

@test "GNU parallel itself writes the same lines" {
	command -v parallel >/dev/null || skip "needs GNU parallel"
	parallel --version 2>/dev/null | grep -q '^GNU parallel' || skip "this parallel is another one"
	run "$PEXEC" -j1 --joblog log expr ::: 12 0 x-
	run parallel -j1 --joblog theirs expr ::: 12 0 x-
	times='s/^\([0-9]*\t:\t\)[0-9]*\.[0-9]\{3\}\t\( *[0-9]*\.[0-9]\{3\}\)\t/\1T\tT\t/'
	assert_equal "$(sed "$times" log)" "$(sed "$times" theirs)"
}

@test "GNU parallel resumes from the journal, and pexec from GNU parallel's" {
	command -v parallel >/dev/null || skip "needs GNU parallel"
	parallel --version 2>/dev/null | grep -q '^GNU parallel' || skip "this parallel is another one"
	"$PEXEC" -j1 --joblog log echo ::: a b
	run parallel -j1 --resume --joblog log echo ::: a b c
	assert_output c
	run -0 "$PEXEC" -j1 --resume --joblog log echo ::: a b c d
	assert_output d
	assert_equal "$(seqs)" '1 2 3 4 '
}

@test "a job is one line, whatever is in its item; the command is one that a shell can read" {
	printf 'two words\0tab\there\0new\nline\0quote'\''s\0\\back\0\001\033\0' >items
	printf 'caf\303\251\0\0$(x) `y` "z"\0' >>items
	"$PEXEC" -0 -j1 -a items --joblog log printf '%s\0' >out
	assert_equal "$(wc -l <log)" 10
	assert_equal "$(awk -F '\t' '{ print NF }' log | sort -u)" 9
	run ! grep -q '[[:cntrl:]]' <(sed 1d log | cut -f 9-)
	sed 1d log | cut -f 9- >commands
	bash commands | cmp - out
}

@test "the line is written after the output has been delivered" {
	mkfifo out
	exec 5<>out
	start "$PEXEC" -j2 --joblog log sh -c 'echo >>ended; [ $0 = 1 ] || exec head -c 3000000 /dev/zero; until [ -e go ]; do sleep 0.05; done' ::: 1 2 >out
	# The second is over, but its output does not fit into the pipe.
	wait_until has_lines 2 ended
	: >go
	wait_until grep -q '^1' log
	assert_equal "$(seqs)" '1 '
	cat <&5 >received &
	reader=$!
	ends 0
	kill $reader
	assert_equal "$(seqs)" '1 2 '
}

@test "-k: lines come in the order of delivery, and none before it" {
	mkfifo go
	start "$PEXEC" -j2 -k --joblog log sh -c 'echo $0; [ $0 != 1 ] || read -r x <go; echo >>ended' ::: 1 2
	wait_until has_lines 1 ended
	wait_until test -s log
	assert_equal "$(seqs)" ''
	release go
	ends 0
	assert_equal "$(sed 1d log | cut -f 1)" $'1\n2'
}

@test "what is only printed is not recorded; --dry-run --resume prints what would be run" {
	"$PEXEC" -j1 --joblog log true ::: a b
	cp log before
	run -0 "$PEXEC" --dry-run --joblog log true ::: a b c
	assert_output $'true a\ntrue b\ntrue c'
	printf '3\t:\t17' >>log
	cp log torn
	run -0 "$PEXEC" --dry-run --resume --joblog log true ::: a b c
	assert_output 'true c'
	cmp log torn
	run -0 "$PEXEC" --dry-run --resume --joblog none true ::: a
	assert_output 'true a'
	[ ! -e none ]
}

@test "a command that is not there leaves the journal as it was" {
	"$PEXEC" --joblog log true ::: a b
	run -127 "$PEXEC" --joblog log ./none ::: a
	assert_equal "$(seqs)" '1 2 '
}

@test "results that cannot be written leave the journal as it was, and a journal the table" {
	"$PEXEC" -j1 --joblog log --results table.csv true ::: a b
	cp log before
	cp table.csv before.csv
	for results in none/table.csv /dev/null/dir; do
		run -1 "$PEXEC" --joblog log --results $results true ::: a
		assert_output --partial "pexec: --results $results: "
		cmp log before
	done
	run -1 "$PEXEC" --joblog none/log --results table.csv true ::: a
	cmp table.csv before.csv
}

@test "--shuf makes another order each time: it cannot be resumed" {
	run -1 "$PEXEC" --shuf --joblog log --resume touch ran ::: a
	assert_output 'pexec: --shuf makes another order each time: there is nothing to resume'
	[ ! -e ran ]
}

@test "a journal that another pexec writes is refused, and nothing is run" {
	start "$PEXEC" --joblog log sleep "$nap"0 ::: 1
	wait_until naps 1
	run -1 "$PEXEC" --joblog log sh -c "$mark" ::: a
	assert_output 'pexec: --joblog log: another pexec is writing it'
	run -1 "$PEXEC" --resume --joblog log sh -c "$mark" ::: a
	[ ! -e ran ]
	assert_equal "$(cat log)" "$header"
	kill "$pid"
	ends 143
	run -0 "$PEXEC" --resume --joblog log true ::: a
}

@test "what is no regular file is a journal for any number of runs, and keeps nothing" {
	start "$PEXEC" --joblog /dev/null sleep "$nap" ::: 1
	wait_until naps 1
	run -0 "$PEXEC" --joblog /dev/null echo ::: a
	assert_output a
	run -0 "$PEXEC" --resume --joblog /dev/null echo ::: a
	assert_output a
	kill "$pid"
	ends 143
	run -1 "$PEXEC" --joblog /dev/full touch ran ::: a
	assert_output 'pexec: --joblog /dev/full: No space left on device'
	[ ! -e ran ]
}

@test "a FIFO as journal: its reader gets the lines, and when it goes the run ends" {
	mkfifo log
	run -1 "$PEXEC" --joblog log touch ran ::: a
	assert_output 'pexec: --joblog log: No such device or address'
	for options in --resume '--dry-run --retry-failed'; do
		# shellcheck disable=SC2086 # several options
		run -1 "$PEXEC" $options --joblog log touch ran ::: a
		assert_output 'pexec: --joblog log: a FIFO keeps nothing that a run could be resumed by'
	done
	[ ! -e ran ]
	cat log >lines &
	exec 7>log
	run -0 "$PEXEC" --joblog log echo ::: a
	exec 7>&-
	wait
	assert_equal "$(sed 's/\t.*\t/ /' lines)" $'Seq Command\n1 echo a'
	# More than a pipe holds, and nobody reads on.
	head -n 3 log >lines &
	seq 20000 >items
	run -1 timeout "$patience" "$PEXEC" -j2 --joblog log -a items true
	assert_output --partial ': writing the journal: Broken pipe'
	wait
	has_lines 3 lines
}

@test "options that need a journal say so" {
	for option in --resume --resume-failed --retry-failed; do
		run -1 "$PEXEC" $option true ::: a
		assert_output 'pexec: --resume, --resume-failed and --retry-failed need a --joblog to go by'
	done
	for option in --sync --joblog-usage; do
		run -1 "$PEXEC" $option true ::: a
		assert_output 'pexec: --sync and --joblog-usage say how --joblog is written: it is missing'
	done
	run -1 "$PEXEC" --joblog none/log true ::: a
	assert_output 'pexec: --joblog none/log: No such file or directory'
	run -1 "$PEXEC" --resume --joblog . true ::: a
	assert_output --partial 'pexec: --joblog .: '
}

@test "--resume runs what the journal does not have" {
	run -123 "$PEXEC" -j1 --joblog log sh -c "$mark" ::: a bad c
	rm ran
	run -0 "$PEXEC" -j1 --resume --joblog log sh -c "$mark" ::: a bad c d e
	assert_output $'out d\nout e'
	assert_equal "$(ran)" 'd e '
	assert_equal "$(seqs)" '1 2 3 4 5 '
	# Nothing is left: also not of the one that failed.
	run -0 "$PEXEC" -j1 --resume --joblog log sh -c "$mark" ::: a bad c d e
	refute_output
	assert_equal "$(seqs)" '1 2 3 4 5 '
}

@test "--resume goes by what is there: also one in the middle, and no journal at all" {
	{ echo "$header"; line 2 0 'echo b'; } >log
	run -0 "$PEXEC" -j1 --resume --joblog log echo ::: a b c
	assert_output $'a\nc'
	rm log
	run -0 "$PEXEC" -j1 --resume --joblog log echo ::: a b
	assert_output $'a\nb'
	assert_equal "$(head -n 1 log)" "$header"
	: >log
	run -0 "$PEXEC" -j1 --resume --joblog log echo ::: a
	assert_equal "$(head -n 1 log)" "$header"
}

@test "--resume-failed runs those that failed as well, --retry-failed only those" {
	{ echo "$header"; line 1 0 'echo a'; line 2 3 'echo b'; line 4 -1 'echo d'; } >log
	cp log before
	run -0 "$PEXEC" -j1 --resume-failed --joblog log echo ::: a b c d e
	assert_output $'b\nc\nd\ne'
	run -0 "$PEXEC" -j1 --resume-failed --joblog log echo ::: a b c d e
	refute_output
	cp before log
	run -0 "$PEXEC" -j1 --retry-failed --joblog log echo ::: a b c d e
	assert_output $'b\nd'
	run -0 "$PEXEC" -j1 --retry-failed --joblog log echo ::: a b c d e
	refute_output
}

@test "the last line of a job is the one that counts" {
	{ line 1 3 'echo a'; line 1 0 'echo a'; line 2 0 'echo b'; line 2 3 'echo b'; } >log
	run -0 "$PEXEC" --retry-failed --joblog log echo ::: a b
	assert_output b
	# One that died of a signal has failed.
	printf '1\t:\t1.0\t1.0\t0\t0\t0\t9\techo a\n' >>log
	run -0 "$PEXEC" --retry-failed --joblog log echo ::: a b
	assert_output a
}

@test "a torn last line is taken off, that is said, and its job is run again" {
	"$PEXEC" -j1 --joblog log echo ::: a b c >/dev/null
	head -c -5 log >torn
	for tail in '' '\t' 'x\ty' '\0\0\0'; do
		{ cat torn; printf '%b' "$tail"; } >log
		run -0 --separate-stderr "$PEXEC" --resume --joblog log echo ::: a b c
		assert_output c
		assert_equal "$stderr" 'pexec: --joblog log: its last line was torn by a crash and is taken off: that job is run again'
		assert_equal "$(seqs)" '1 2 3 '
		assert_equal "$(wc -l <log)" 4
	done
	# Whatever its length, and also when it is all there is.
	{ line 1 0 'echo a'; head -c 10000 /dev/zero; } >log
	run -0 --separate-stderr "$PEXEC" --resume --joblog log echo ::: a b
	assert_output b
	run -0 "$PEXEC" --resume --joblog log echo ::: a b
	refute_output
	printf 'Seq\tHo' >log
	run -0 --separate-stderr "$PEXEC" --resume --joblog log echo ::: a
	assert_output a
	assert_equal "$(head -n 1 log)" "$header"
}

@test "what does not begin like a line is not taken off as a torn one: the file is no journal" {
	for note in 'a note without an end' 4711 '1\t2\t3' '12 o clock' 'Sequel' '\0\0x' '\tx' 'one line\nand half'; do
		printf '%b' "$note" >note
		cp note before
		run -1 "$PEXEC" --resume --joblog note touch ran ::: a
		assert_output 'pexec: --joblog note is no journal: what it ends with is no line of one'
		cmp note before
		[ ! -e ran ]
	done
	# Nor is what ends like one cut before all of it has been seen, or begins with a number as one does.
	for note in 'name\tage\n12\t:\t1.0' '1\ta\n2\tb' '1\t:\t1.0\t1.0\t0\t0\t0\t0\techo a\nx\n2\t:\t1'; do
		printf '%b' "$note" >note
		cp note before
		run -1 "$PEXEC" --resume --joblog note touch ran ::: a
		assert_output --regexp '^pexec: --joblog note: line [12] is damaged|^pexec: --joblog note is no journal'
		cmp note before
	done
	for note in '12\tJohn Smith\t1.0' '12\tJohn\tSmith\t' '12\t:\t1.0\t1.0\tx\t' '1\t:\t1.0\t1.0\t0\t0\t0\t-\tx'; do
		printf '%b' "$note" >note
		run -1 "$PEXEC" --resume --joblog note touch ran ::: a
		assert_output 'pexec: --joblog note is no journal: what it ends with is no line of one'
		assert_equal "$(<note)" "$(printf '%b' "$note")"
	done
	[ ! -e ran ]
	# Nothing is touched either when something else keeps the run from beginning.
	"$PEXEC" --joblog log echo ::: a
	head -c -2 log >torn
	for options in '--results none/table.csv' '-a none' '--results note.tsv'; do
		cp torn log
		echo note >note.tsv
		# shellcheck disable=SC2086 # an option and its argument
		run -1 "$PEXEC" --resume --joblog log $options echo
		cmp torn log
	done
	# What may have been one is.
	for torn in 'S' '\0' "$header\n1" "$header\n1\t" "$header\n12\0\0"; do
		printf '%b' "$torn" >log
		run -0 --separate-stderr "$PEXEC" --resume --joblog log echo ::: a
		assert_output a
	done
}

@test "a line that is damaged elsewhere is named, and nothing is run" {
	damages=('x' '' '1' '\t:\t1.0\t1.0\t0\t0\t0\t0\techo b' '0\t:\t1.0\t1.0\t0\t0\t0\t0\techo b'
		'-2\t:\t1.0\t1.0\t0\t0\t0\t0\techo b' '2x\t:\t1.0\t1.0\t0\t0\t0\t0\techo b' '2\t:\t1.0\t1.0\t0\t0\t0\techo b'
		'2\t:\t1.0\t1.0\t0\t0\tx\t0\techo b' '2\t:\t1.0\t1.0\t0\t0\t0\t-\techo b' '2\t:\t1.0\t1.0\t0\t0\t\t0\techo b'
		'1000000000000000\t:\t1.0\t1.0\t0\t0\t0\t0\techo b'
		# host, start, run time, sent, received
		'2\t\t1.0\t1.0\t0\t0\t0\t0\techo b' '2\t: x\t1.0\t1.0\t0\t0\t0\t0\techo b' '2\t:\01\t1.0\t1.0\t0\t0\t0\t0\techo b'
		'2\t:\t1x0\t1.0\t0\t0\t0\t0\techo b' '2\t:\t\t1.0\t0\t0\t0\t0\techo b' '2\t:\t1.\t1.0\t0\t0\t0\t0\techo b'
		'2\t:\t1.0\t1.0 \t0\t0\t0\t0\techo b' '2\t:\t1.0\t1.0.0\t0\t0\t0\t0\techo b' '2\t:\t1.0\t     \t0\t0\t0\t0\techo b'
		'2\t:\t1.0\t1.0\t-1\t0\t0\t0\techo b' '2\t:\t1.0\t1.0\t0\tx\t0\t0\techo b'
		# behind the command
		'2\t:\t1.0\t1.0\t0\t0\t0\t0\techo b\t' '2\t:\t1.0\t1.0\t0\t0\t0\t0\techo b\t1.0\t1.0'
		'2\t:\t1.0\t1.0\t0\t0\t0\t0\techo b\t1.0\t1.0\tx' '2\t:\t1.0\t1.0\t0\t0\t0\t0\techo b\tx\t1.0\t1'
		'2\t:\t1.0\t1.0\t0\t0\t0\t0\techo b\t1.0\t1.0\t1\t')
	for damage in "${damages[@]}"; do
		{ echo "$header"; line 1 0 'echo a'; printf '%b\n' "$damage"; line 3 0 'echo c'; } >log
		read -r -d '' before <log || true
		run -1 "$PEXEC" --resume --joblog log echo ::: a b c d
		assert_output 'pexec: --joblog log: line 3 is damaged; nothing is run before it is mended or removed'
		read -r -d '' after <log || true
		assert_equal "$after" "$before"
	done
	# What GNU parallel writes of another machine, and ours with more columns, are whole.
	printf '2\t4/me@a.example\t1700000000\t    -0.001\t123\t4567\t-1\t15\techo b\n' >log
	printf '1\t:\t1700000000.123\t     1.001\t0\t0\t0\t0\techo a\t0.001\t0.000\t1204\n' >>log
	run -0 "$PEXEC" --resume --joblog log echo ::: a b
	refute_output
	# A header is one only in the first line.
	{ line 1 0 'echo a'; echo "$header"; } >log
	run -1 "$PEXEC" --resume --joblog log echo ::: a b
	assert_output --partial 'line 2 is damaged'
}

@test "a number far off takes no memory" {
	needs_plain_build "it reserves memory of its own"
	{ line 4294967295 0 'echo x'; line 1 0 'echo a'; } >log
	run -1 bash -c 'ulimit -v 300000; "$0" --resume --joblog log echo ::: a' "$PEXEC"
	assert_output 'pexec: --joblog log knows of 4294967295 jobs, and the queue has only 1'
	# A run that lasts for months comes to more than 32 bits hold. What was added has numbers above 10000000000.
	for seq in 4294967296 9999999999 10000000000; do
		{ line $seq 0 'echo x'; line 1 0 'echo a'; line 10000000001 0 'echo added'; } >log
		run -1 bash -c 'ulimit -v 300000; "$0" --resume --joblog log echo ::: a' "$PEXEC"
		assert_output "pexec: --joblog log knows of $seq jobs, and the queue has only 1"
	done
}

@test "a queue that has changed: what differs is said, and nothing is run" {
	"$PEXEC" -j1 --joblog log sh -c "$mark" ::: a b c
	rm ran
	cp log before
	for items in 'a x c d' 'b c d e' 'x a b c d' 'c b a d'; do
		# shellcheck disable=SC2086 # several words
		run -1 "$PEXEC" -j4 --resume --joblog log sh -c "$mark" ::: $items
		assert_output --regexp "pexec: --joblog log has job [12] as 'sh -c .*', and now it is 'sh -c .*': the queue or the command is another one"
		[ ! -e ran ]
	done
	run -1 "$PEXEC" --resume --joblog log -j4 echo ::: a b c d
	assert_output --partial "job 1 as 'sh -c "
	assert_output --partial "and now it is 'echo a'"
	cmp log before
	# An item that is longer by what another command has less is another item.
	"$PEXEC" --joblog log echo a b ::: c
	run -1 "$PEXEC" --resume --joblog log echo a ::: 'b c'
	run -1 "$PEXEC" --resume --joblog log echo ::: 'a b c'
	# Each part of a command counts, whatever follows it.
	"$PEXEC" --joblog log expr 1 + 2222222222222222222222 : ::: 3
	run -1 "$PEXEC" --resume --joblog log expr 1 - 2222222222222222222222 : ::: 3
	run -1 "$PEXEC" --resume --joblog log expr 1 + 2222222222222222222223 : ::: 3
}

# The job that is certain ran, and is recorded. One slot does it before it looks further; of several another may
# have ended the run by then: only_certain OPTION...
only_certain() {
	if [ "$*" != -j1 ] && cmp -s log before; then
		assert_output ''
	else
		assert_output a
		assert_equal "$(seqs)" '1 2 3 6 '
	fi
	cp before log
}

@test "a job that the journal lacks waits for the next one that it has: nothing wrong is run, nor recorded" {
	{ echo "$header"; line 2 0 'echo b'; line 3 0 'echo c'; line 6 0 'echo f'; } >log
	cp log before
	for jobs in -j1 -j4 '-j4 -k'; do
		# One in front; and behind those that are as they were only what is certain.
		# shellcheck disable=SC2086 # several words
		run -1 --separate-stderr "$PEXEC" $jobs --resume --joblog log echo ::: X a b c d e f
		assert_output ''
		cmp log before
		# shellcheck disable=SC2086 # several words
		run -1 --separate-stderr "$PEXEC" $jobs --resume --joblog log echo ::: a b c X d e f
		# shellcheck disable=SC2086 # several words
		only_certain $jobs
		# A queue that ends before the journal has not proved them, either.
		# shellcheck disable=SC2086 # several words
		run -1 --separate-stderr "$PEXEC" $jobs --resume --joblog log echo ::: a b c d e
		# shellcheck disable=SC2086 # several words
		only_certain $jobs
	done
}

@test "a journal without its beginning: jobs that would be held back for it take no more than 64 MiB" {
	printf -v item '%0100000d' 0
	yes "$item" | head -n 1000 >items
	line 1000 0 'echo x' >log
	run -1 --separate-stderr "$PEXEC" --resume --joblog log -a items touch ran
	assert_output ''
	assert_regex "$stderr" '^pexec: --joblog log has none of jobs 1 to [4-6][0-9][0-9], but later ones: they are too many to be held back '
	[ ! -e ran ]
}

@test "jobs that waited for their proof run in the order of the queue, and so does their output come" {
	{ echo "$header"; line 2 3 'echo b'; line 5 0 'echo e'; line 6 3 'echo f'; } >log
	cp log before
	for jobs in -j1 '-j3 -k'; do
		# shellcheck disable=SC2086 # several words
		run -0 "$PEXEC" $jobs --resume-failed --joblog log echo ::: a b c d e f g h
		assert_output $'a\nb\nc\nd\nf\ng\nh'
		assert_equal "$(seqs)" '1 2 2 3 4 5 6 6 7 8 '
		cp before log
	done
	# All slots take of them: each of these two waits for the other.
	{ echo "$header"; line 3 0 './meet 3'; } >log
	printf '#!/bin/sh\necho >>met; until [ "$(wc -l <met)" = 2 ]; do sleep 0.02; done; echo $1\n' >meet
	chmod +x meet
	run -0 "$PEXEC" -j2 -k --resume --joblog log ./meet ::: 1 2 3
	assert_output $'1\n2'
}

@test "the change may be anywhere: no job behind it is run" {
	mapfile -t items < <(seq 60)
	"$PEXEC" -j1 --joblog log sh -c "$mark" ::: "${items[@]}" >/dev/null
	rm ran
	items[39]=other
	run -1 "$PEXEC" -j8 --resume --joblog log sh -c "$mark" ::: "${items[@]}" {61..80}
	assert_output --partial 'has job 40 as '
	[ ! -e ran ]
	assert_equal "$(wc -l <log)" 61
}

@test "a queue that has become shorter: that is said, status 1" {
	"$PEXEC" --joblog log echo ::: a b c >/dev/null
	run -1 "$PEXEC" --resume --joblog log echo ::: a b
	assert_output 'pexec: --joblog log knows of 3 jobs, and the queue has only 2'
	run -1 "$PEXEC" --resume-failed --joblog log echo </dev/null
	assert_output 'pexec: --joblog log knows of 3 jobs, and the queue has only 0'
}

@test "resumed: batches, columns, scripts, {#} and {%}, --skip, stdin, and another -j" {
	printf '%s\n' a,1 b,2 c,3 d,4 e,5 >items
	# so many items first, what the rest prints, and how
	while IFS='|' read -r first rest arguments; do
		eval "words=($arguments)"
		head -n "$first" items | "$PEXEC" -j1 --joblog log "${words[@]}" >/dev/null
		run -0 "$PEXEC" -j3 -k --resume --joblog log "${words[@]}" <items
		assert_output "$(printf '%b' "$rest")"
		assert_equal "$(sed 1d log | cut -f 1 | sort | uniq -d)" ''
		run -0 "$PEXEC" -j3 --resume --joblog log "${words[@]}" <items
		refute_output
	done <<-'END'
		2|c,3 d,4\ne,5|-n 2 echo
		2|3 c\n4 d\n5 e|-C , echo {2} {1}
		4|[e,5]|-c 'echo "[$1]"'
		3|4 d,4\n5 e,5|-c 'echo "$2" "$3"' {%} {#} {}
		3|d,4\ne,5|--skip 1 echo
		4|e,5|-X -s 14 echo
	END
}

@test "resumed with -X: what is left is shared out as it was, whatever -j is now" {
	seq 2 60 | sed 's/.*/&,x&/' >items
	while IFS='|' read -r arguments broken; do
		eval "words=($arguments)"
		"$PEXEC" -j7 -X -a items --joblog whole "${words[@]}" >/dev/null
		sed 1d whole | cut -f 1,9 | sort -n >made
		# Of the jobs only some were recorded before the run was broken off.
		for known in $broken; do
			{ echo "$header"; grep -E "^($known)"$'\t' whole; } >before
			for slots in 7 2 1 100; do
				cp before log
				run -0 "$PEXEC" -j$slots -X -a items --resume --joblog log "${words[@]}"
				sed 1d log | cut -f 1,9 | sort -n | cmp - made
			done
		done
	done <<-'END'
		echo|1 7 1|2 3 3|5 2|3|4|5|6|7
		echo {#}:{}|1 3 7
		-C , echo {2} {}|1 4 6|7
		-s 100 echo|5 1|6 4|9 2|3|7
	END
	# Where no share is recorded yet, the slots are those of now.
	grep -E "^(Seq|1|2)"$'\t' whole >log
	run -0 "$PEXEC" -j2 -k -X -a items --resume --joblog log -s 100 echo
	assert_equal "$(sort -n log | tail -n 2 | cut -f 9)" $'echo 56,x56 57,x57 58,x58\necho 59,x59 60,x60'
	# Another queue is one still.
	run -1 "$PEXEC" -j7 -X -a <(cat items; echo more) --resume --joblog log -s 100 echo
	assert_output --partial 'the queue or the command is another one'
}

@test "jobs that cannot be started are recorded as a shell would have it" {
	echo >file
	run -123 "$PEXEC" -j1 --joblog log {} ::: ./none ./file true
	assert_equal "$(sed 1d log | cut -f 7-)" $'127\t0\t./none\n126\t0\t./file\n0\t0\ttrue'
	printf 'a\0b\n' >items
	run -123 "$PEXEC" -j1 -a items --joblog log echo
	assert_equal "$(sed 1d log | cut -f 7-)" $'126\t0\techo $\'a\\000b\''
	run -0 "$PEXEC" -j1 -a items --resume --joblog log echo
}

@test "a command that goes away in the midst: what was not run is not recorded, and is run later" {
	printf '#!/bin/sh\nmv job gone\n' >job
	chmod +x job
	run -127 "$PEXEC" -j1 --joblog log ./job ::: a b c
	assert_equal "$(seqs)" '1 '
	mv gone job
	run -127 "$PEXEC" -j1 --resume --joblog log ./job ::: a b c
	assert_equal "$(seqs)" '1 2 '
}

@test "a journal for which there is no room at all ends the run before it begins" {
	run -1 "$PEXEC" --joblog /dev/full sh -c "$mark" ::: a
	assert_output 'pexec: --joblog /dev/full: No space left on device'
	[ ! -e ran ]
}

@test "jobs that the end of the run has ended are not recorded, and run again" {
	job='echo $0 >>ran; case $0 in 1|2) exit 0;; esac; [ -e go ] || exec sleep '$nap
	for signal in TERM INT HUP; do
		rm -f go
		start "$PEXEC" -j2 --joblog log sh -c "$job" ::: 1 2 3 4 5 6
		wait_until naps 2
		kill -s "$signal" "$pid"
		ends $((128 + $(kill -l "$signal")))
		assert_equal "$(seqs)" '1 2 '
		rm ran
		: >go
		run -0 "$PEXEC" -j1 --resume --joblog log sh -c "$job" ::: 1 2 3 4 5 6
		assert_equal "$(ran)" '3 4 5 6 '
		assert_equal "$(seqs)" '1 2 3 4 5 6 '
	done
}

@test "one that ends well when it is told to has done its work, and is recorded" {
	start "$PEXEC" -j1 --grace 60 --joblog log sh -c 'trap "kill \$!; wait; exit 0" TERM; sleep '"$nap"' & echo >ready; wait' ::: 1 2
	wait_until test -e ready
	wait_until naps 1
	kill "$pid"
	ends 143
	assert_equal "$(sed 1d log | cut -f 1,7,8)" $'1\t0\t0'
}

@test "--halt now: jobs that it has ended are not recorded, and run again" {
	job='echo $0 >>ran; [ $0 = 2 ] || [ -e go ] || exec sleep '"$nap"'; until [ -e go ] || grep -q 1 ran; do sleep 0.05; done; [ $0 != 2 ]'
	run -125 "$PEXEC" -j2 --halt now,fail=1 --joblog log sh -c "$job" ::: 1 2 3
	assert_equal "$(sed 1d log | cut -f 1,7)" $'2\t1'
	rm ran
	: >go
	run -0 "$PEXEC" -j1 --resume --joblog log sh -c "$job" ::: 1 2 3
	assert_equal "$(ran)" '1 3 '
}

@test "SIGQUIT finishes what runs; --resume does exactly the rest" {
	mkfifo go1 go2
	job='echo $0 >>ran; [ ! -p go$0 ] || read -r x <go$0; exit 0'
	start "$PEXEC" -j2 --joblog log sh -c "$job" ::: 1 2 3 4 5
	wait_until has_lines 2 ran
	kill -s QUIT "$pid"
	wait_until signals_taken
	release go1
	release go2
	ends 125
	assert_equal "$(seqs)" '1 2 '
	rm ran
	run -0 "$PEXEC" -j1 --resume --joblog log sh -c "$job" ::: 1 2 3 4 5
	assert_equal "$(ran)" '3 4 5 '
}

@test "--joblog-usage adds processor time and memory behind the command; a run that resumes keeps the columns" {
	"$PEXEC" -j1 --joblog log --joblog-usage sh -c 'i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done' ::: a
	assert_equal "$(head -n 1 log)" "$header"$'\tUserTime\tSystemTime\tMaxRSS'
	run -0 awk -F '\t' 'NR == 2 { print NF, ($10 ~ /^[0-9]+\.[0-9][0-9][0-9]$/ && $10 > $11), ($11 ~ /^[0-9]+\.[0-9][0-9][0-9]$/), ($12 > 500 && $12 < 500000) }' log
	assert_output '12 1 1 1'
	"$PEXEC" -j1 --joblog log --joblog-usage echo ::: a >/dev/null
	# A journal keeps its columns. What would be missing is said, and nothing is run.
	run -0 "$PEXEC" -j1 --resume --joblog log echo ::: a b
	assert_output b
	run -0 "$PEXEC" -j1 --resume --joblog log --joblog-usage echo ::: a b c
	assert_output c
	assert_equal "$(awk -F '\t' '{ print NF }' log | uniq)" 12
	for names in "$header" ''; do
		{ [ -z "$names" ] || echo "$names"; line 1 0 'echo a'; } >log
		cp log before
		run -1 "$PEXEC" -j1 --resume --joblog log --joblog-usage echo ::: a b
		assert_output 'pexec: --joblog log was begun without --joblog-usage, and has no columns for it'
		cmp log before
	done
	# Another name of a column is damage.
	{ echo "$header"$'\tUserTime'; line 1 0 'echo a'; } >log
	run -1 "$PEXEC" -j1 --resume --joblog log echo ::: a b
	assert_output --partial 'line 1 is damaged'
}

@test "a job whose output was lost is not recorded" {
	seq 5 >items
	run bash -c '"$0" -j1 -a items --joblog log sh -c "head -c 100000 /dev/zero | tr \"\\0\" x" | head -c 10' "$PEXEC"
	[ "$(wc -l <log)" -eq 1 ]
	run -1 bash -c '"$0" -j1 -a items --joblog log echo >/dev/full' "$PEXEC"
	assert_equal "$(cat log)" "$header"
	run -0 "$PEXEC" -j1 -a items --resume --joblog log echo
	assert_output "$(seq 5)"
}

@test "failed attempts are not recorded: a job has one line, of its last attempt" {
	run -0 "$PEXEC" -j1 --retries 3 --joblog log sh -c 'echo $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = 3 ]' ::: a
	assert_equal "$(sed 1d log | cut -f 1,7)" $'1\t0'
	run -123 "$PEXEC" -j1 --retries 2 --joblog log sh -c 'exit $PEXEC_ATTEMPT' ::: a
	assert_equal "$(sed 1d log | cut -f 1,7)" $'1\t2'
}
