#!/usr/bin/env bats
# Blocks of the input, each of them the standard input of a job: --pipe and --stdin.
# shellcheck disable=SC2016 # what stands in single quotes is for the jobs' shell to expand
# shellcheck disable=SC2154 # pid is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control

# The numbers from 1 on, a line each, of 588,895 bytes.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	untraced_at_first
	seq 100000 >numbers
}

# The jobs of a run that was killed are gone, too.
no_note_is_written() {
	! pgrep -f "$PWD/notes" >/dev/null
}

# So many notes have been written at least: has_notes N
has_notes() {
	[ "$(wc -l <notes)" -ge "$1" ]
}

@test "the blocks one behind the other are the input, whichever way it comes and the output goes" {
	for options in -k '-k --lb' '-k --tag' '-k --pty' '-j1 -u' '-k --results r'; do
		rm -rf r
		# shellcheck disable=SC2086 # several options
		"$PEXEC" --pipe --block 50k -j3 $options cat <numbers >file
		# shellcheck disable=SC2086 # several options
		"$PEXEC" --pipe --block 50k -j3 ${options/ r/ r2} cat < <(cat numbers) >pipe
		[ "$options" != '-k --tag' ] || sed -i 's/^[0-9]*+[0-9]*\t//' file pipe
		cmp numbers file
		cmp numbers pipe
	done
	"$PEXEC" --pipe --block 50k -k -j3 -a numbers -a numbers cat >both
	cmp both <(cat numbers numbers)
}

@test "each block is of whole records, and as large as it may be" {
	for from in numbers <(cat numbers); do
		"$PEXEC" --pipe --block 100k -k -c 'cat >block$PEXEC_SEQ
			echo "$PEXEC_BLOCK_OFFSET $PEXEC_BLOCK_BYTES $(wc -c <block$PEXEC_SEQ) $(tail -c 1 block$PEXEC_SEQ | wc -l)"' <"$from" >blocks
		# One begins where another one ends, and there is no room for a page of records more.
		awk '$1 != at || $2 != $3 || $2 > 102400 || $4 != 1 || (at && before < 102400 - 4110) { exit 1 } { at += $2; before = $2 }' blocks
		assert_equal "$(wc -l <blocks)" 6
	done
	# One that is larger is a block by itself.
	run -0 "$PEXEC" --pipe --block 3 -k wc -c < <(printf 'a\nb\nlonger than that\nc')
	assert_output $'2\n2\n17\n1'
	run -0 "$PEXEC" --pipe wc -c </dev/null
	assert_output ''
}

@test "without --block one has 1M, and of a large file more, whatever -j is" {
	head -c 3000000 /dev/zero | tr '\0' '\n' >small
	run -0 "$PEXEC" --pipe -k -c 'echo $PEXEC_BLOCK_BYTES' <small
	assert_output $'1048576\n1048576\n902848'
	truncate -s 400M large
	for slots in 1 3; do
		run -0 "$PEXEC" --pipe -j$slots --block 4M -d '\0' --dry-run -a large true
		assert_equal "${#lines[@]}" 100
		run -0 "$PEXEC" --pipe -j$slots -d '\0' --dry-run -a large true
		assert_equal "${#lines[@]}" 128
	done
}

@test "records: by number, by another byte, by texts" {
	run -0 "$PEXEC" --pipe -n 3 -k -c 'echo $(cat)' < <(seq 8)
	assert_output $'1 2 3\n4 5 6\n7 8'
	run -0 "$PEXEC" --stdin -0 -k -c 'tr "\0" .; echo' < <(printf 'a\nb\0c\0\0d')
	assert_output $'a\nb.\nc.\n.\nd'
	run -0 "$PEXEC" --pipe -n 1 --recend '\n\n' -k -c 'echo $(cat)' < <(printf 'a\nb\n\nc\n\n\nd\n')
	assert_output $'a b\nc\nd'
	run -0 "$PEXEC" --pipe -n 1 --recstart '>' -k -c 'echo "$(cat)" | tr "\n" ,; echo' < <(printf '>a\nb\n>c\n>d\ne\n')
	assert_output $'>a,b,\n>c,\n>d,e,'
	run -0 "$PEXEC" --pipe -n 1 --recend '\n' --recstart '@' -k -c 'echo $(cat)' < <(printf '@a\nx@y\n@b\nz\n')
	assert_output $'@a x@y\n@b z'
}

@test "records by expressions, as in a log" {
	log=$'2026-01-02 a\n  at b\n2026-01-03 c\n2026-01-04 d\n  at 2026-01-05 e\n'
	run -0 "$PEXEC" --pipe -n 1 --regexp --recstart '^[0-9]{4}-' -k -c 'echo $(cat)' < <(printf %s "$log")
	assert_output $'2026-01-02 a at b\n2026-01-03 c\n2026-01-04 d at 2026-01-05 e'
	run -0 "$PEXEC" --pipe -n 2 --regexp --recend '(;|,)+' -k -c 'cat; echo' < <(printf 'a;b,;,c,d;e')
	assert_output $'a;b,;,\nc,d;\ne'
	run -0 "$PEXEC" --pipe -n 1 --regexp --recend '\n' --recstart 'a|b' -k -c 'echo $(cat)' < <(printf 'a1\nc\nb2\na3\n')
	assert_output $'a1 c\nb2\na3'
	# The beginning of a line is seen also where the bytes that are looked at begin.
	{ echo x; seq 100000 | sed 's/.*/abc/'; } >lines
	run -0 "$PEXEC" --pipe --regexp --recend '^abc\n' -n 20000 -k -a lines wc -l
	assert_output $'20001\n20000\n20000\n20000\n20000'
	# One comes as soon as it is there.
	mkfifo in
	exec 5<>in
	start "$PEXEC" --pipe -n 1 --regexp --recend ';+' -k -j1 -c 'cat; echo' <in >out
	printf 'a;;b' >&5
	wait_until grep -q 'a;;' out
	exec 5>&-
	ends 0
	assert_equal "$(cat out)" $'a;;\nb'
	# Blocks end where one is.
	seq -f 'id%g
more' 30000 >records
	"$PEXEC" --pipe --block 20k --regexp --recstart '^id[0-9]+$' -k -c 'head -c 2; echo; cat >/dev/null' -a records >begins
	assert_equal "$(sort -u begins)" id
	assert [ "$(wc -l <begins)" -ge 10 ]
}

@test "--header: each block begins with the first lines of its file" {
	printf 'h\n1\n2\n3\n' >a
	printf 'g\n4\n' >b
	run -0 "$PEXEC" --pipe -n 2 --header -k -c 'echo $(cat) $PEXEC_BLOCK_BYTES $PEXEC_BLOCK_OFFSET' -a a -a b
	assert_output $'h 1 2 4 2\nh 3 2 6\ng 4 2 10'
	run -0 "$PEXEC" --pipe -n 1 --header=2 -k -c 'echo $(cat)' < <(cat a)
	assert_output $'h 1 2\nh 1 3'
	run -0 "$PEXEC" --pipe -n 1 '--header=(#.*\n)*' -k -c 'echo $(cat)' < <(printf '#a\n# b\n1\n2\n')
	assert_output $'#a # b 1\n#a # b 2'
	run -0 "$PEXEC" --pipe --header -k cat <numbers
	assert_output "$(cat numbers)"
	for block in 10k 100k 2M; do
		"$PEXEC" --pipe --block $block --header=3 -k tail -n +4 <numbers >rest
		cmp rest <(seq 4 100000)
		"$PEXEC" --pipe --block $block --header=3 -k tail -n +4 < <(cat numbers) >rest
		cmp rest <(seq 4 100000)
	done
	# One that has no end is an error, one that is not there a message.
	{ head -c 70000 /dev/zero | tr '\0' h; seq 5; } >long
	run -1 "$PEXEC" --pipe --header cat <long
	assert_output 'pexec: --header: -: it is more than 64 KiB'
	run -0 "$PEXEC" --pipe --header=x wc -l <a
	assert_line 'pexec: --header: -: it begins with nothing that matches: no header'
	# No more than the header is no block.
	run -0 "$PEXEC" --pipe --header=9 cat <a
	assert_output ''
	# It is a part of what a journal knows a block by.
	"$PEXEC" --pipe -n 2 --header -k --joblog log -a a wc -l
	run -1 "$PEXEC" --pipe -n 2 --header=h --joblog log --resume -a a wc -l
	run -0 "$PEXEC" --pipe -n 2 --header --joblog log --resume -a a wc -l
	assert_output ''
}

@test "an item of any size and with any byte is the standard input of its job" {
	{ head -c 3000000 /dev/zero; echo; echo short; } >items
	run -0 "$PEXEC" --stdin -k wc -c <items
	assert_output $'3000001\n6'
}

@test "arguments are as they were typed; a block is called by its place" {
	run -0 "$PEXEC" --pipe --block 4 -k echo a b < <(printf '1\n2\n3\n')
	assert_output $'a b\na b'
	run -0 "$PEXEC" --pipe --block 4 -k echo '{}' '{#}' < <(printf '1\n2\n3\n')
	assert_output $'0+4 1\n4+2 2'
	run -0 "$PEXEC" --pipe --block 4 --dry-run echo 'a b' < <(printf '1\n2\n3\n')
	assert_output "$(printf "%s\\n" "echo 'a b' # 0+4" "echo 'a b' # 4+2")"
	run -123 "$PEXEC" --pipe --block 4 -q -k sh -c 'exit $PEXEC_BLOCK_OFFSET' < <(printf '1\n2\n3\n')
	assert_output ''
	run -123 "$PEXEC" --pipe --block 4 -k -c 'kill -9 $$' < <(printf '1\n2\n')
	assert_line 'pexec: job 1 (0+4): killed by signal 9 (Killed)'
}

@test "a job that reads a part, or nothing, is content, and so are the others" {
	run -0 "$PEXEC" --pipe --block 50k -k head -n 1 <numbers
	assert_line --index 0 1
	assert_equal "${#lines[@]}" 12
	"$PEXEC" --pipe --block 50k -j2 true < <(cat numbers)
	"$PEXEC" --pipe --block 50k -j2 -c 'exec <&-' < <(cat numbers)
}

@test "a second attempt has the same block" {
	again='[ "$PEXEC_ATTEMPT" = 2 ] || { head -c 1000 >/dev/null; exit 1; }; wc -c'
	run -0 "$PEXEC" --pipe --block 300k -q -k --retries 2 --drop-retried -c "$again" <numbers
	assert_output $'307200\n281695'
	first=$output
	run -0 "$PEXEC" --pipe --block 300k -q -k --retries 2 --drop-retried -c "$again" < <(cat numbers)
	assert_output "$first"
}

@test "a block that is more than --buffer is in a file: the same bytes" {
	{ head -c 3000000 /dev/zero | tr '\0' x; echo; cat numbers; } >input
	mkdir own
	TMPDIR=$PWD/own "$PEXEC" --pipe --block 1M --buffer 1M -k cat <input >file
	TMPDIR=$PWD/own "$PEXEC" --pipe --block 1M --buffer 1M -k cat < <(cat input) >pipe
	cmp file input
	cmp pipe input
	rmdir own
}

@test "--resume goes on behind the blocks that are done, and refuses another input" {
	count='[ "$PEXEC_SEQ" != 3 ] || [ -e again ] || exit 1; wc -l >>counts'
	run -125 "$PEXEC" --pipe --block 100k -j1 --halt now,fail=1 --joblog log -c "$count" <numbers
	assert_equal "$(wc -l <counts)" 2
	grep -q ' # 0+102396 [0-9a-f]\{16\}$' log
	: >again
	run -0 "$PEXEC" --pipe --block 100k -j1 --joblog log --resume-failed -c "$count" <numbers
	assert_equal "$(awk '{ sum += $1 } END { print sum }' counts)" 100000
	cp counts before
	run -1 "$PEXEC" --pipe --block 90k -j1 --joblog log --resume -c "$count" <numbers
	sed -i 's/^5$/6/' numbers
	run -1 "$PEXEC" --pipe --block 100k -j1 --joblog log --resume -c "$count" <numbers
	cmp before counts
}

@test "kill -9 at any moment, and --resume: each block is done, and few of them twice" {
	local kills=5 i
	[ -z "${SOAK:-}" ] || kills=50
	note="cat >/dev/null; echo \"\$PEXEC_BLOCK_OFFSET \$PEXEC_BLOCK_BYTES\" >>'$PWD/notes'"
	seq 1000000 >numbers
	: >notes
	for ((i = 0; i < kills; i++)); do
		before=$(wc -l <notes)
		start "$PEXEC" --pipe --block 8k -j2 --joblog log --resume -c "$note" <numbers
		wait_until has_notes $((before + RANDOM % 40 + 1))
		kill -KILL "$pid"
		wait "$pid" || true
		wait_until no_note_is_written
	done
	"$PEXEC" --pipe --block 8k -j2 --joblog log --resume -c "$note" <numbers
	sort -nu notes >each
	awk '$1 != at { exit 1 } { at += $2 } END { exit at != 6888896 }' each
	assert [ "$(wc -l <notes)" -le $(($(wc -l <each) + 2 * kills)) ]
}

@test "from a pipe no more is read than there is a slot for" {
	mkfifo go
	start "$PEXEC" --pipe --block 1000 -j1 -c ': <go; cat' < <(seq 100000) >out
	wait_until sleeps
	exec 5<>go
	ends 0
	exec 5>&-
	cmp out numbers
}

@test "jobs that wait for their next attempt hold up the reading, and take no more descriptors" {
	for how in file pipe; do
		(
			ulimit -n 128
			[ "$how" = file ] && exec <numbers || exec < <(cat numbers)
			"$PEXEC" -k -j2 --pipe --block 5k -q --retries 2 --retry-delay 20ms --drop-retried -c '[ "$PEXEC_ATTEMPT" = 2 ] && cat'
		) | cmp - numbers
	done
}

@test "a block has the same name with a journal" {
	run -0 "$PEXEC" --pipe --block 4 -k --tag --joblog log cat < <(printf '1\n2\n3\n')
	assert_output "$(printf '0+4\t%s\n' 1 2; printf '4+2\t3\n')"
}

@test "without a journal the command in a table has the place of its block alone" {
	run -0 "$PEXEC" --pipe --block 4 -k --report r.html true < <(printf '1\n2\n3\n')
	grep -q '<code class=run>true # 0+4</code>' r.html
}

@test "where input cannot be kept that is said, and named" {
	run -1 env TMPDIR="$PWD/gone" "$PEXEC" --pipe --buffer 10k --block 100k cat < <(cat numbers)
	assert_output --partial "keeping the input of jobs in $PWD/gone: No such file or directory"
	run -1 "$PEXEC" --pipe --recend "$(head -c 5000 /dev/zero | tr '\0' a)" cat <numbers
	assert_output --partial 'a text of more than 4096 bytes'
}

@test "a signal ends a run that looks for the end of a record" {
	truncate -s 3G sparse
	start "$PEXEC" --pipe -j1 -a sparse cat >out
	kill -TERM "$pid"
	wait "$pid" || status=$?
	assert_equal "$status" 143
}

@test "a file that becomes shorter fails the blocks that are gone, by name" {
	mkfifo go
	start "$PEXEC" --pipe --block 100k -j1 -k -c ': <go; wc -c' <numbers >out 2>err
	wait_until sleeps
	: >numbers
	exec 5<>go
	wait "$pid" || true
	exec 5>&-
	grep -q '^pexec: ' err
}

@test "what --pipe cannot be combined with is said" {
	run -1 "$PEXEC" --pipe cat ::: a
	assert_output 'pexec: --pipe and --stdin: blocks come from stdin and -a, not from lists, commands or --follow'
	run -1 "$PEXEC" --block 2M cat
	assert_output 'pexec: --block, --recend, --recstart and --spread are about --pipe: it is missing'
	run -1 "$PEXEC" --pipe <numbers
	run -1 "$PEXEC" --pipe -X cat
	run -1 "$PEXEC" --pipe --recend '' cat
	assert_output 'pexec: --recend: a text without a byte ends nothing'
	run -1 "$PEXEC" --pipe --recend '\0' cat
	run -1 "$PEXEC" --pipe --regexp cat
	run -1 "$PEXEC" --pipe --regexp --recend '' cat
	run -1 "$PEXEC" --pipe --regexp --recend '(' cat
	assert_output --partial 'pexec: --recend (: '
	run -1 "$PEXEC" --pipe --regexp --recend 'a\x00' cat
	assert_output --partial 'there is no NUL in an expression'
	run -1 "$PEXEC" --pipe --header=99999 cat
	run -1 "$PEXEC" --header=2 cat
	assert_output 'pexec: --header=N and --header=RE are about --pipe: it is missing'
}
