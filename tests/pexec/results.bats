#!/usr/bin/env bats
# --results: a folder with what came of each job, or a table with a record for each.
# shellcheck disable=SC2086 # several options in one word
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/tables

@test "--results DIR: a folder a job, and the output passes as it does without" {
	run -123 --separate-stderr "$PEXEC" -q -k --results dir sh -c 'echo out $0; echo err $0 >&2; [ $0 != b ] || exit 7' ::: a b
	assert_output $'out a\nout b'
	assert_equal "$stderr" $'err a\nerr b'
	assert_equal "$(cd dir && grep -r . | sort)" "$(sort <<-'END'
		1/exitval:0
		1/item:a
		1/seq:1
		1/stderr:err a
		1/stdout:out a
		2/exitval:7
		2/item:b
		2/seq:2
		2/stderr:err b
		2/stdout:out b
	END
	)"
}

@test "--results DIR: what jobs print is there while they run, also of those whose turn has not come" {
	mkfifo go1 go2
	start "$PEXEC" -k -j2 --results dir sh -c 'printf "out $0"; printf "err $0" >&2; read -r x <go$0; :' ::: 1 2 >out 2>err
	for i in 1 2; do
		wait_until grep -q "out $i" dir/$i/stdout
		wait_until grep -q "err $i" dir/$i/stderr
		assert_equal "$(cat dir/$i/seq dir/$i/item)" "$i"$'\n'"$i"
		[ ! -e dir/$i/exitval ]
	done
	release go1
	release go2
	ends 0
	assert_equal "$(cat dir/[12]/exitval)" $'0\n0'
}

@test "--results DIR: after SIGKILL what is not complete has no exitval" {
	start "$PEXEC" -j2 --results dir sh -c 'echo $0; [ $0 = 1 ] || exec sleep '"$nap" ::: 1 2
	wait_until naps 1
	wait_until test -e dir/1/exitval
	wait_until test -s dir/2/stdout
	kill -s KILL "$pid"
	ends 137
	assert_equal "$(cat dir/1/exitval dir/1/stdout)" $'0\n1'
	[ ! -e dir/2/exitval ]
	assert_equal "$(cat dir/2/stdout)" 2
}

@test "--results DIR: neither has a job that ended with the run" {
	start "$PEXEC" -j2 --results dir sh -c 'echo $0; [ $0 = 1 ] || exec sleep '"$nap" ::: 1 2
	wait_until naps 1
	wait_until test -e dir/1/exitval
	kill "$pid"
	ends 143
	[ ! -e dir/2/exitval ]
}

@test "--results DIR: killed by a signal, timed out, not to be started: all have their exitval" {
	printf 'kill\na@b\nmissing\nslow\n' | tr @ '\0' >items
	printf '#!/bin/sh\nkill -KILL $$\n' >job-kill
	printf '#!/bin/sh\nexec sleep %s\n' "$nap" >job-slow
	chmod +x job-*
	run -123 "$PEXEC" --timeout 1 --results dir ./job-{} <items
	assert_equal "$(cat dir/{1,2,3,4}/exitval)" $'137\n126\n127\n143'
	printf 'a\0b\n' | cmp - dir/2/item
	assert_equal "$(cat dir/3/stdout dir/3/stderr)" ''
}

@test "--results DIR: items are bytes, and never a path" {
	mkdir deep
	items=(../../etc/passwd / .. . '' $'new\nline' '-n' "$(printf %0300d 0)" $'\x1b[2J\xff')
	"$PEXEC" -j1 --results deep/dir true ::: "${items[@]}"
	assert_equal "$(ls deep)" dir
	assert_equal "$(cd deep/dir && echo *)" '1 2 3 4 5 6 7 8 9'
	for i in "${!items[@]}"; do
		printf '%s\n' "${items[i]}" | cmp - deep/dir/$((i + 1))/item
	done
	"$PEXEC" --results two true ::: a ::: ../b
	assert_equal "$(cat two/1/item)" $'a\n../b'
}

@test "--results DIR: another run replaces what an earlier one left there" {
	mkfifo go
	"$PEXEC" --results dir sh -c 'echo a long line; echo another >&2' ::: 1 2
	start "$PEXEC" -j2 --results dir sh -c '[ $0 = 1 ] || read -r x <go; echo $0' ::: 1 2
	wait_until test -e dir/1/exitval
	wait_until test ! -e dir/2/exitval
	release go
	ends 0
	assert_equal "$(cat dir/{1,2}/{stdout,stderr,exitval})" $'1\n0\n2\n0'
}

@test "--results DIR: with --retries what all attempts have printed, with --drop-retried what the last has" {
	retried() { "$PEXEC" -k -j2 --retries 3 --results dir "$@" sh -c 'echo $0 $PEXEC_ATTEMPT; [ $PEXEC_ATTEMPT = $0 ]' ::: 2 3 >out; }
	retried
	assert_equal "$(cat dir/{1,2}/{stdout,exitval})" $'2 1\n2 2\n0\n3 1\n3 2\n3 3\n0'
	assert_equal "$(cat out)" $'2 1\n2 2\n3 1\n3 2\n3 3'
	retried --drop-retried
	assert_equal "$(cat dir/{1,2}/{stdout,exitval})" $'2 2\n0\n3 3\n0'
	assert_equal "$(cat out)" $'2 2\n3 3'
}

@test "--results DIR: a folder that cannot be made ends the run before any job" {
	for name in file/dir file; do
		: >file
		run -1 "$PEXEC" --results $name touch ran ::: a
		assert_output --partial "pexec: --results $name: "
		[ ! -e ran ]
	done
}

@test "--results DIR: folders above it are made as well" {
	for name in a/b/c a/b "$PWD//d/e/" f/../g; do
		"$PEXEC" --results "$name" true ::: x
		[ -e "$name/1/exitval" ]
	done
}

@test "--results -.csv and the like: the table goes to standard output" {
	for kind in "${kinds[@]}"; do
		run -0 "$PEXEC" -j1 --results table.$kind sh -c 'echo $0; echo err >&2' ::: 1 2
		refute_output
		echo before >out
		"$PEXEC" -j1 --results -.$kind sh -c 'echo $0; echo err >&2' ::: 1 2 >>out 2>err
		[ ! -s err ] && [ ! -e -.$kind ]
		assert_equal "$(head -n 1 out)" before
		sed 's/[0-9]*\.[0-9]\{3\}/T/g' out | sed 1d | cmp - <(sed 's/[0-9]*\.[0-9]\{3\}/T/g' table.$kind)
	done
	# A disk that is full, and a reader that is gone, as for any output.
	run -1 bash -c '"$0" -j1 --results -.csv true ::: 1 2 >/dev/full' "$PEXEC"
	assert_output 'pexec: job 1: writing its results in -.csv: No space left on device'
	run -0 bash -c 'set -o pipefail; { "$0" -j1 --results -.csv sh -c "echo \$0 >>ran" <&5; echo $? >status; } 5< <(seq 100000) | read -r line' "$PEXEC"
	assert_equal "$(cat status)" 141
	refute_output
	[ "$(wc -l <ran)" -lt 100000 ]
}

@test "--results: --dry-run makes neither a folder nor a table" {
	run -0 "$PEXEC" -j1 --dry-run --results dir echo ::: a b
	assert_output $'echo a\necho b'
	run -0 "$PEXEC" -j1 --dry-run --results table.csv echo ::: a b
	assert_output $'echo a\necho b'
	[ ! -e dir ] && [ ! -e table.csv ]
}

@test "--results FILE: every byte of items and output can be read back" {
	# Text of all kinds, what is no UTF-8 in every way, and then any bytes.
	perl -e 'print "\"a\",\tb\\n\r\n\n\\", map(chr, 0 .. 255), "\xe2\x82\xac \xf0\x9f\x98\x80",
		" \xc0\x80 \xe0\x80\x80 \xed\xa0\x80 \xf4\x90\x80\x80 \xf8\x88 \xe2\x82 \xf0\x9f\x98\xe2\x82\xac \xff\xc3"' >bytes
	head -c 100000 /dev/urandom >random
	items=($'a"b,c\td\\e\nf\r' $'\xff\xe2\x82\xac\xe2' '' ' plain ')
	for file in bytes random; do
		i=0
		for item in "${items[@]}"; do
			printf '%s 0 0\n%s\n' $((i += 1)) "$item"
			cat $file
			printf '\nerr '
			cat $file
			printf '\n'
		done >expected.$file
		for kind in "${kinds[@]}"; do
			run -0 "$PEXEC" -j2 --results $file.$kind sh -c "cat $file; (printf 'err '; cat $file) >&2" ::: "${items[@]}"
			assert_output ''
		done
	done
	read_tables {bytes,random}.{csv,tsv,json}
	for kind in "${kinds[@]}"; do
		cmp bytes.$kind.read expected.bytes
		cmp random.$kind.read expected.random
	done
}

@test "--results FILE: exit values and signals, several values, a record for each job that was run" {
	for kind in "${kinds[@]}"; do
		run -123 "$PEXEC" -j2 --results table.$kind sh -c 'case $0 in f) exit 3 ;; k) kill -KILL $$ ;; esac' ::: a f k ::: x
	done
	read_tables table.{csv,tsv,json}
	printf '%s\n' '1 0 0' a x '' '' '2 3 0' f x '' '' '3 0 9' k x '' '' >expected
	for kind in "${kinds[@]}"; do
		cmp table.$kind.read expected
	done
}

@test "--results FILE: records are written as jobs end, with -k in their order" {
	mkfifo go
	start "$PEXEC" -j2 --results table.json sh -c '[ $0 = 2 ] || read -r x <go; :' ::: 1 2
	wait_until has_lines 1 table.json
	[[ $(cat table.json) = '{ "Seq": 2,'* ]]
	release go
	ends 0
	start "$PEXEC" -k -j2 --results table.json sh -c '[ $0 = 2 ] || read -r x <go; echo >>over' ::: 1 2
	wait_until test -e over
	release go
	ends 0
	assert_equal "$(cut -d , -f 1 table.json)" $'{ "Seq": 1\n{ "Seq": 2'
}

@test "--results FILE: records with more output than there is memory for" {
	print='yes "line $0: $1" | head -c 3000000; yes "error $0: $1" | head -c 600000 >&2'
	filler=$(printf %0200d 0)
	for kind in "${kinds[@]}"; do
		rm -f go
		mkfifo go
		start "$PEXEC" -j2 --buffer 256k --results table.$kind sh -c '[ $0 != 3 ] || read -r x <go; '"$print" {} "$filler" ::: 1 2 3
		wait_until eval '[ -e table.$kind ] && [ "$(stat -c %s table.$kind)" -gt 7200000 ]'
		[ -n "$SANITIZE" ] || [ "$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$pid/status")" -lt 5000 ]
		release go
		ends 0
	done
	for i in 1 2 3; do
		printf '%s 0 0\n%s\n' $i $i
		sh -c "$print" $i "$filler" 2>err
		echo
		cat err
		echo
	done >expected
	read_tables table.{csv,tsv,json}
	for kind in "${kinds[@]}"; do
		cmp table.$kind.read expected
	done
}

@test "--results FILE: a full disk is said, ends the run, and the journal does not claim the job" {
	ln -s /dev/full table.csv
	run -1 "$PEXEC" -j1 --joblog log --results table.csv echo ::: 1 2 3
	assert_output 'pexec: job 1: writing its results in table.csv: No space left on device'
	assert_equal "$(cut -f 1 log)" Seq
}

@test "--results FILE: output that can be kept nowhere is an error, not a record with less" {
	TMPDIR=/nonexistent run -1 "$PEXEC" -j1 --buffer 100k --results table.json sh -c '
		[ $0 = 1 ] || head -c 1000000 /dev/zero; echo' ::: 1 2 3
	assert_output 'pexec: job 2: no room to keep its output in /nonexistent: No such file or directory; a table needs all of it'
	read_tables table.json
	printf '%s\n' '1 0 0' 1 $'\n' '' | cmp - table.json.read
}

@test "a run that resumes another goes on with its table" {
	for kind in csv tsv json; do
		rm -f journal
		"$PEXEC" -j1 --joblog journal --results "table.$kind" echo ::: 1 2
		"$PEXEC" -j1 --joblog journal --resume --results "table.$kind" echo ::: 1 2 3
		"$PEXEC" -j1 --results "whole.$kind" echo ::: 1 2 3
		assert_equal "$(wc -l <"table.$kind")" "$(wc -l <"whole.$kind")"
		assert_equal "$(grep -c Exitval "table.$kind")" "$(grep -c Exitval "whole.$kind")"
	done
}

@test "a record that a crash has torn is taken off when the run is resumed, wherever it was cut" {
	job='printf "a \"%s\"\\\\\nb\t\n" $0; echo "\"$0" >&2'
	for kind in "${kinds[@]}"; do
		rm -f log
		"$PEXEC" -j1 --joblog log --results whole.$kind sh -c "$job" ::: 1 2 3
		head -n 3 log >journal
		size=$(stat -c %s whole.$kind) record=$(grep -abo '^3[,	]\|^...Seq.: 3' whole.$kind | cut -d : -f 1)
		for cut in $((record + 1)) $((size - 9)) $((size - 2)); do
			cp journal log
			head -c $cut whole.$kind >table.$kind
			run -0 "$PEXEC" -j1 --resume --joblog log --results table.$kind sh -c "$job" ::: 1 2 3
			assert_output "pexec: --results table.$kind: its last record was torn by a crash and is taken off"
			sed 's/[0-9]*\.[0-9]\{3\}/T/g' table.$kind | cmp - <(sed 's/[0-9]*\.[0-9]\{3\}/T/g' whole.$kind)
		done
	done
	# All there is may be half of the names.
	printf 'Seq\tHo' >table.tsv
	rm log
	run -0 "$PEXEC" -j1 --resume --joblog log --results table.tsv sh -c "$job" ::: 1 2 3
	assert_equal "$(wc -l <table.tsv)" 4
}

@test "a file that is no table is neither cut nor added to when a run is resumed" {
	for kind in "${kinds[@]}"; do
		for note in 'a note without an end' 'a note\n' 'id,name\n1,a\n' '{ "Sequel": 1 }\n' 'Seq\tHostess\n1' '1\n2,' '\0\0x'; do
			printf '%b' "$note" >note.$kind
			cp note.$kind before
			run -1 "$PEXEC" --resume --joblog log --results note.$kind touch ran ::: a
			assert_output "pexec: --results note.$kind: it does not begin as such a table does: nothing is added"
			cmp note.$kind before
		done
		"$PEXEC" --results table.$kind true ::: a
		echo -n 'and a note' >>table.$kind
		cp table.$kind before
		run -1 "$PEXEC" --resume --joblog log --results table.$kind touch ran ::: a
		assert_output "pexec: --results table.$kind: what it ends with is no record of a table: nothing is added"
		cmp table.$kind before
		[ ! -e ran ]
	done
}

# All records of FILE have so many values, in as many columns as there are names: even FILE VALUES
even() {
	python3 - "$@" <<-'END'
		import csv, sys

		with open(sys.argv[1], newline='') as table:
		    rows = list(csv.reader(table, delimiter=',' if sys.argv[1].endswith('csv') else '\t'))
		assert rows[0][9:] == ['V%d' % i for i in range(1, int(sys.argv[2]) + 1)] + ['Stdout', 'Stderr'], rows[0]
		assert all(len(row) == len(rows[0]) for row in rows), rows
	END
}

@test "--results FILE: all records have as many columns, as -n, the names or the first job tell" {
	for kind in csv tsv; do
		for jobs in 1 4; do
			"$PEXEC" -j$jobs -n 2 --results table.$kind true ::: 1 2 3 4 5
			even table.$kind 2
			"$PEXEC" -j$jobs -n 3 --results table.$kind true ::: 1 2
			even table.$kind 3
			"$PEXEC" -j$jobs -n 5000 --results table.$kind true ::: 1 2
			even table.$kind 2
			"$PEXEC" -j$jobs -n 2 --results table.$kind true ::: 1 2 3 ::: x
			even table.$kind 4
			printf '%s\n' a,b,c d e,f '' >items
			"$PEXEC" -j$jobs -C , --results table.$kind -a items true
			even table.$kind 3
			printf '%s\n' x,y,z,w a,b,c d '' >items
			"$PEXEC" -j$jobs -C , --header --results table.$kind -a items true
			even table.$kind 4
			seq 60 | "$PEXEC" -j$jobs -X --results table.$kind true
			even table.$kind $((jobs == 1 ? 60 : 15))
			# The first job has fewer than there would be room for later.
			{ printf "%0100d\n" 0 && seq 10 50; } | "$PEXEC" -j$jobs -X -s 107 --results table.$kind true
			even table.$kind 1
		done
	done
	"$PEXEC" -j1 -C , --results table.json true ::: a b,c
	assert_equal "$(grep -o '"V": [^]]*]' table.json)" $'"V": ["a"]\n"V": ["b", "c"]'
}

@test "--results FILE: a job with more columns than the table is named, and not run" {
	for jobs in 1 3; do
		run -123 "$PEXEC" -q -j$jobs -C , --results table.csv --joblog log touch '{1}' ::: a,b 'c' d,e,f g,h
		assert_output 'pexec: job 3 (d,e,f): it has 3 columns, and a record of the table 2: it is not run'
		even table.csv 2
		[ ! -e d ]
		[ -e g ]
		assert_equal "$(sort -n log | cut -f 1,7 | sed 1d)" $'1\t0\n2\t0\n3\t126\n4\t0'
		rm -f a c g
	done
}

@test "--results FILE: a run that resumes another keeps to the columns of its table" {
	for kind in csv tsv; do
		rm -f log
		"$PEXEC" -j1 -n 3 --joblog log --results table.$kind true ::: 1 2 3
		cp table.$kind before
		"$PEXEC" -j1 -n 3 --joblog log --resume --results table.$kind true ::: 1 2 3 4
		even table.$kind 3
		assert_equal "$(head -n 2 table.$kind)" "$(head -n 2 before)"
		rm -f log
		"$PEXEC" -j1 -C , --joblog log --results table.$kind true ::: a
		run -123 "$PEXEC" -q -j1 -C , --joblog log --resume --results table.$kind true ::: a b,c
		assert_output --partial 'job 2 (b,c): it has 2 columns, and a record of the table 1'
		even table.$kind 1
	done
}
