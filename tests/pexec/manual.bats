#!/usr/bin/env bats
# The manual is true: its examples work as they stand there, and it has every option.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell to expand
# shellcheck disable=SC2154 # run --separate-stderr sets stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/manual

page=$project/man/pexec.1
readme=$project/README.md

# Examples name commands as a user does: pexec, and others that have stand-ins here.
setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	pexec_has_its_name
}

setup_file() {
	manual_page >"$BATS_FILE_TMPDIR/manual"
}

# The lines of a section of the manual: section NAME
section() {
	awk -v name="$1" '/^[^ ]/ { on = $0 == name; next } on' "$BATS_FILE_TMPDIR/manual"
}

# The titles of all examples.
titles() {
	section EXAMPLES | sed -n 's/^   \([^ ]\)/\1/p'
}

# The commands of the example with this title, of all examples without one: commands [TITLE]
commands() {
	section EXAMPLES | awk -v title="${1:-}" '
		/^   [^ ]/ { here = title == "" || substr($0, 4) == title }
		here && sub(/^           /, "")'
}

# Runs the example that the test is named after.
example() {
	commands "${BATS_TEST_DESCRIPTION#example: }" >script
	[ -s script ]
	run --separate-stderr sh script </dev/null
	[[ -z $stderr || $stderr =~ ^'pexec: '[0-9]+' of '[0-9]+' jobs failed: '[^$'\n']*$ ]] || fail "stderr: $stderr"
}

# Makes a stand-in for a command: it writes a line with its arguments to calls, then runs SCRIPT:
# stand_in NAME [SCRIPT]
stand_in() {
	printf '#!/bin/sh\necho "${0##*/} $*" >>%s/calls\n%s\n' "$PWD" "${2:-}" >"$1"
	chmod +x "$1"
}

# The stand-ins were called like this, in any order: called CALL...
called() {
	assert_equal "$(sort calls)" "$(printf '%s\n' "$@" | sort)"
}

# Empty files, with the folders that they are in: files NAME...
files() {
	local name
	for name; do
		[ "$name" = "${name%/*}" ] || mkdir -p "${name%/*}"
		: >"$name"
	done
}

@test "example: Compress what find finds" {
	files logs/a.log $'logs/b c\n/d.log' logs/e.txt
	example
	assert_success
	assert_equal "$(find logs -type f -print0 | sort -z | tr '\0' ,)" $'logs/a.log.gz,logs/b c\n/d.log.gz,logs/e.txt,'
}

@test "example: Unpack archives" {
	for name in a b; do
		echo $name >$name
		tar -czf $name.tar.gz $name
		rm $name
	done
	example
	assert_success
	assert_equal "$(cat a b)" $'a\nb'
}

@test "example: Convert files" {
	files music/a.wav 'music/b c.wav' music/d.txt
	stand_in bin/ffmpeg
	example
	assert_success
	called 'ffmpeg -i music/a.wav music/a.mp3' 'ffmpeg -i music/b c.wav music/b c.mp3'
}

@test "example: Cut up a large file" {
	for i in {1..50000}; do
		echo "$i /path 200 $((i % 10000 ? 1 : 500)) $i"
	done >access.log
	{ echo number; seq 300000; } >table.csv
	seq 2000 >records
	printf '#!/bin/sh\nwc -l >>loaded\n' >load
	printf '#!/bin/sh\nwhile read -r line; do echo ok; done\n' >answer
	chmod +x load answer
	example
	assert_success
	assert_equal "$(grep -vx ok <<<"$output")" "$(grep -F ' 500 ' access.log)"
	assert_equal "$(grep -cx ok <<<"$output") $(wc -l <log)" '2000 2001'
	assert_equal "$(for part in part.*; do zcat "$part" | head -n 1; done | sort | uniq -c | wc -l)" 1
	assert_equal "$(zcat part.* | grep -v number | sort -n)" "$(seq 300000)"
	assert_equal "$(awk '{ sum += $1 } END { print sum }' loaded)" 2000
}

@test "example: Look first" {
	files a.jpeg "it's.jpeg" b.png
	example
	assert_success
	assert_equal "$(cat plan)" "mv a.jpeg a.jpg
mv 'it'\\''s.jpeg' 'it'\\''s.jpg'"
	assert_equal "$(printf '%s,' *.*)" "a.jpg,b.png,it's.jpg,"
}

@test "example: A pipeline for each item" {
	seq 3 | gzip >a.gz
	seq 5 | gzip >'b $(touch c).gz'
	example
	assert_success
	assert_equal "$(cat a.n 'b $(touch c).n')" $'3\n5'
	[ ! -e c ]
}

@test "example: List broken archives" {
	mkdir backup
	echo text | gzip >backup/good.gz
	echo text >'backup/b d.gz'
	example
	assert_success
	assert_output 'broken: backup/b d.gz'
}

@test "example: Columns" {
	files a 'b c'
	printf 'a,x\nb c, y z\n' >renames.csv
	example
	assert_success
	[ -e x ] && [ -e 'y z' ] && [ ! -e a ] && [ ! -e 'b c' ]
}

@test "example: Columns with names" {
	printf 'user\thost\nann\tone\nbob\ttwo\n' >hosts.tsv
	stand_in bin/ssh
	example
	assert_success
	called 'ssh ann@one uptime' 'ssh bob@two uptime'
}

@test "example: A table that has quotes in it" {
	printf 'mail,name\r\na@x,"Ann, ""A"""\r\n' >people.csv
	stand_in ./invite
	example
	assert_success
	called 'invite Ann, "A" a@x'
}

@test "example: Every combination" {
	echo 'int main(void) { return 0; }' >test.c
	example
	assert_success
	for name in c11-O0 c11-O2 c17-O0 c17-O2; do
		"./test-$name"
	done
}

@test "example: Lists side by side" {
	example
	assert_success
	assert_equal "$(readlink gcc g++)" $'gcc-12\ng++-12'
}

@test "example: Two lists side by side, and every combination with a third" {
	files a.png b.png
	stand_in ./convert
	example
	assert_success
	called 'convert -w 320 -h 200 a.png' 'convert -w 640 -h 400 a.png' \
		'convert -w 320 -h 200 b.png' 'convert -w 640 -h 400 b.png'
}

@test "example: Many items a job" {
	files outbox/{1..25}
	stand_in upload 'echo $#'
	example
	assert_success
	assert_equal "$(sort -n <<<"$output")" $'5\n10\n10'
	assert_equal "$(grep -o 'outbox/[0-9]*' calls | sort)" "$(printf 'outbox/%s\n' {1..25} | sort)"
}

@test "example: As many items a job as fit" {
	files data/{1..20} 'data/a b'
	example
	assert_success
	sha256sum --check --quiet --strict SHA256SUMS
	assert_equal "$(wc -l <SHA256SUMS)" 21
}

@test "example: A device for each slot" {
	files {1..8}.conf
	# One that finds its device taken fails.
	stand_in train 'mkdir device$CUDA_VISIBLE_DEVICES && rmdir device$CUDA_VISIBLE_DEVICES && echo $CUDA_VISIBLE_DEVICES'
	example
	assert_success
	assert_equal "$(wc -l <<<"$output")" 8
	assert_equal "$(tr -d '01\n' <<<"$output")" ''
	called 'train '{1..8}.conf
}

@test "example: A FIFO as a queue" {
	stand_in fetch
	# The second writer comes when the job of the first one runs: the queue has not ended with that.
	commands 'A FIFO as a queue' | sed '/a >queue$/a until [ -s calls ]; do :; done' >script
	run -0 timeout "$patience" sh script
	called 'fetch https://example.org/a' 'fetch https://example.org/b'
}

@test "example: A file as a queue" {
	stand_in fetch
	commands 'A file as a queue' >script
	for item in a b; do
		echo "$item" >>"jobs"
		start sh -c "exec $(<script)"
		wait_until grep -q "fetch $item" calls
		kill -s QUIT "$pid"
		ends 0
	done
	called 'fetch a' 'fetch b'
}

@test "example: From cron" {
	files archive/a.log 'archive/b c.log'
	commands "From cron" >line
	assert_regex "$(cat line)" '^([0-9*]+ ){5}find '
	sed -i "s|/usr/local/bin/pexec|$PWD/bin/pexec|" line
	run -0 env -i HOME="$HOME" PATH=/usr/bin:/bin SHELL=/bin/sh /bin/sh -c "$(cut -d ' ' -f 6- line)"
	assert_output ''
	assert_equal "$(printf '%s,' archive/*)" 'archive/a.log.gz,archive/b c.log.gz,'
}

@test "example: Behind other work" {
	files scenes/a.scene scenes/b.scene
	stand_in render nice
	example
	assert_success
	called 'render scenes/a.scene' 'render scenes/b.scene'
	assert_equal "$(sort -u <<<"$output")" $(($(nice) + 10))
}

@test "example: Make in the jobs" {
	files a/x b/x
	# Words of the environment that make would take for a jobserver of its own.
	unset MAKEFLAGS
	stand_in bin/make 'echo "$MAKEFLAGS" | grep -o -- "-j8 --jobserver"'
	# It is asked for its version, too.
	PATH=$PWD/bin:$PATH example
	assert_output $'-j8 --jobserver\n-j8 --jobserver\n-j8 --jobserver'
	called 'make --version' 'make -C a/' 'make -C b/' 'make -C bin/'
}

@test "example: Two for each host" {
	printf 'one,a\none,b\none,c\ntwo,d\n' >transfers
	stand_in bin/scp
	example
	assert_success
	called 'scp a one:' 'scp b one:' 'scp c one:' 'scp d two:'
}

@test "example: Heavy jobs" {
	printf 'a,2\nb,8\nc,9\n' >models
	stand_in train
	example
	assert_success
	called 'train a 2' 'train b 8' 'train c 9'
}

@test "example: Longest first" {
	files scenes/a.scene scenes/b.scene
	stand_in render
	example
	assert_success
	printf '%s\t:\t1\t%s\t0\t0\t0\t0\t./render scenes/%s.scene\n' 1 2 a 2 3 b >log
	: >calls
	example
	assert_success
	assert_equal "$(cut -f9 log | sort)" "$(printf '%s\n' './render scenes/a.scene' './render scenes/b.scene' Command)"
}

@test "example: Only where there is memory" {
	files panoramas/a panoramas/b
	stand_in stitch
	example
	assert_success
	called 'stitch panoramas/a' 'stitch panoramas/b'
}

@test "example: Only as long as the night" {
	seq 500 >list
	# The time is up when the first job runs: the signal is sent then, and jobs wait until it is taken.
	stand_in bin/timeout '
		[ "$1 $3" = "-s 6h" ] || exit 1
		signal=$2
		shift 3
		"$@" &
		until [ -e begun ]; do :; done
		kill -s "$signal" $! && : >up
		wait $!'
	stand_in index ': >begun
		until [ -e up ] && grep -q "^ShdPnd:.0*$" /proc/$PPID/status; do :; done
		echo end'
	commands "Only as long as the night" >script
	run -125 --separate-stderr sh script </dev/null
	assert_equal "$stderr" 'pexec: drained: there may be more in the queue'
	started=$(grep -c '^index' calls)
	assert_equal "$(grep -c '^end$' <<<"$output")" "$started"
	[ "$started" -lt 500 ]
}

@test "example: Random order" {
	seq -f 'http://example.org/%g' 50 >urls
	stand_in bin/curl 'echo "$PEXEC_SEQ $2"'
	example
	assert_success
	mapfile -t calls < <(sed 's/^/curl -sfO /' urls)
	called "${calls[@]}"
	sort -n <<<"$output" | cut -d ' ' -f 2 >order
	run ! cmp -s order urls
}

@test "example: A list of commands" {
	stand_in bin/pg_dump 'echo "data of $1"'
	example
	assert_success
	assert_equal "$(gzip -dc shop.gz wiki.gz)" $'data of shop\ndata of wiki'
}

@test "example: Braces of others" {
	files home/ann/core home/bob/a/core home/bob/a/score
	example
	assert_success
	assert_equal "$(find home -type f)" home/bob/a/score
}

@test "example: Items between colons" {
	PATH="$PATH:/no/such folder" example
	assert_success
	assert_line 'missing: /no/such folder'
	refute_line 'missing: /bin'
}

# The third job brings the breakdown.
@test "example: As many at a time as get the most done" {
	seq -f 'http://example.org/%g' 20 >urls
	stand_in bin/curl
	example
	assert_success
	mapfile -t calls < <(sed 's/^/curl -sfO /' urls)
	called "${calls[@]}"
}

@test "example: Go on after a breakdown" {
	seq 6 >list
	stand_in index '[ "$1" != 3 ] || [ -e broken ] || { : >broken; kill -KILL $PPID; exec sleep 60; }'
	commands "Go on after a breakdown" >script
	run -137 sh script </dev/null
	cut -f 1 index.log | sed 1d >recorded
	(($(wc -l <recorded) < 6))
	# The guardian has the journal for a moment after pexec.
	wait_until flock --nonblock index.log true
	example
	assert_success
	assert_equal "$(sed 1d index.log | cut -f 1 | sort)" "$(seq 6)"
	while read -r seq; do
		assert_equal "$(grep -cx "index $seq" calls)" 1
	done <recorded
}

@test "example: Run again what failed" {
	files tests/a tests/b
	stand_in check '[ "$1" != tests/b ] || [ "$(grep -c tests/b calls)" = 2 ]'
	example
	assert_success
	called 'check tests/a' 'check tests/b' 'check tests/b'
	assert_equal "$(cut -f 1,7 checks.log | sed 1d | sort)" $'1\t0\n2\t0\n2\t1'
}

@test "example: Try again, less often each time" {
	printf '%s\n' http://example.org/{a,b} >urls
	stand_in bin/curl 'date +%s%N >>"$PEXEC_SEQ"; [ "$PEXEC_SEQ" = 1 ] || [ "$PEXEC_ATTEMPT" = 3 ]'
	example
	assert_success
	called 'curl -sfO http://example.org/a' 'curl -sfO http://example.org/b'{,,}
	mapfile -t times <./2
	((times[1] - times[0] >= 1000000000 && times[2] - times[1] >= 2000000000))
}

@test "example: Hosts that do not answer" {
	printf '%s\n' one mute two >hosts
	stand_in bin/ssh '[ "$1" != mute ] || exec sleep '"$nap"
	commands "Hosts that do not answer" >script
	run -123 --separate-stderr timeout 60 sh script </dev/null
	assert_regex "$stderr" '^pexec: job 2 \(mute\): timed out after [0-9.]+ s$'
	called 'ssh one true' 'ssh mute true' 'ssh two true'
	none_left
}

@test "example: The first that succeeds" {
	stand_in solve '[ "$1" = depth ] || exec sleep '"$nap"'
		until [ "$(grep -c solve calls)" = 3 ]; do :; done
		echo solved'
	commands "The first that succeeds" >script
	run -125 --separate-stderr timeout 60 sh script </dev/null
	assert_output solved
	assert_regex "$stderr" '^pexec: --halt: 1 job succeeded, the last of them was job 2; ending [a-z ]*$'
	called 'solve breadth puzzle' 'solve depth puzzle' 'solve random puzzle'
	none_left
}

@test "example: Whose line is it?" {
	printf '%s\n' one two >hosts
	stand_in bin/ssh 'echo "first of $1"; echo "second of $1" >&2'
	commands "Whose line is it?" >script
	run -0 sh script </dev/null
	assert_equal "$(sort <<<"$output")" $'one\tfirst of one\none\tsecond of one\ntwo\tfirst of two\ntwo\tsecond of two'
	called 'ssh one journalctl -f -p err' 'ssh two journalctl -f -p err'
}

@test "example: A pipeline in the order of the queue" {
	mkdir logs
	for name in 1 2 'a b' c; do
		printf 'ERROR 1 of %s\nfine\nERROR 2 of %s\n' "$name" "$name" | gzip >"logs/$name.gz"
	done
	example
	assert_success
	assert_equal "$(cat errors)" "$(printf 'ERROR %s of %s\n' 1 1 2 1 1 2 2 2 1 'a b' 2 'a b' 1 c 2 c)"
}

@test "example: A table of what came of each job" {
	files tests/a 'tests/b	c'
	stand_in check 'printf "two\nlines"; [ "$1" = tests/a ] || exit 3'
	example
	assert_success
	assert_output 'tests/b\tc exits with 3'
	assert_equal "$(awk -F '\t' 'END { print NR } $11 == "two\\nlines" { print $10 }' checks.tsv | sort)" \
		$'3\ntests/a\ntests/b\\tc'
}

@test "example: What did it cost?" {
	files logs/{1..6}.log
	commands "What did it cost?" >script
	run -0 --separate-stderr sh script </dev/null
	assert_output ''
	assert_regex "${stderr_lines[0]}" '^pexec: 6 done, 0 failed, 0 timed out, 0 retried$'
	assert_regex "${stderr_lines[1]}" ' s user and .* s system; [0-9.]+ jobs at a time$'
	assert_regex "${stderr_lines[2]}" '^pexec: slowest: [0-9.]+ s: job [1-6] \(logs/[1-6]\.log\)$'
	assert_equal "${#stderr_lines[@]}" 7
}

@test "example: Follow a run" {
	files logs/{1..6}.log
	example "Follow a run"
	assert_output 6
}

@test "example: Look at a run" {
	files logs/{1..6}.log
	example "Look at a run"
	assert_output ''
	assert_equal "$(grep -c '"ph":"B"' run.json)" 6
}

@test "example: See what happened" {
	mkdir tests
	touch tests/{1..3}
	stand_in check
	echo $'1\t:\t1700000000.000\t     0.001\t0\t0\t0\t0\t./check tests/1' >checks.log
	example
	assert_success
	grep -q '1 job over, 0 failed' checks.html
	assert_equal "$(wc -l <calls)" 3
}

@test "example: Act on failures" {
	files tests/a tests/b
	stand_in check '[ "$1" != tests/c ]'
	example
	assert_output passed
	files tests/c
	example
	assert_output 'failed: 123'
	called 'check tests/a' 'check tests/a' 'check tests/b' 'check tests/b' 'check tests/c'
}

@test "every example has a title and a test of its own here, and there are enough of them" {
	titles >examples
	sed -n 's/^@test "example: \(.*\)" {$/\1/p' "$BATS_TEST_FILENAME" | diff examples -
	(($(wc -l <examples) >= 14))
	assert_equal "$(sed '1,/^\.Sh EXAMPLES/d; /^\.Sh/,$d' "$page" | grep -c '^\.Bd')" "$(wc -l <examples)"
}

@test "the examples of the README are examples of the manual" {
	sed -n '/^```sh$/,/^```$/ { /^```/d; /^#/d; /^$/d; p; }' "$readme" >lines
	(($(wc -l <lines) >= 6))
	commands >known
	run -1 grep -vxFf known lines
	assert_output ''
}

# The options of the manual, as they are spelled there.
documented() {
	section OPTIONS | sed -n 's/^     -/-/p' | sed 's/  .*//'
}

@test "pexec knows every option of the manual, by both names" {
	documented | grep -oE '(^|, )--?[a-zA-Z0-9-]+' | sed 's/^, //' >names
	(($(wc -l <names) > 40))
	while read -r name; do
		# Something is wrong with each of these, but not the option's name.
		pexec "$name" x -j x </dev/null >said 2>&1 || true
		line=
		read -r line <said || true
		[[ $line != *"unknown option $name"* ]] || fail "$name"
	done <names
}

@test "the page reads well at 80 columns and at 120: no row of a table is broken, no quote stays open" {
	local columns line
	for columns in 80 120; do
		MANWIDTH=$columns man "$page" >"man.$columns" 2>errors || skip "needs man"
		run ! grep -q "can't break line" errors
		mandoc -Tutf8 -O width=$((columns - 2)) "$page" | sed 's/.\x08//g' >"mandoc.$columns"
		for line in man mandoc; do
			run grep -nE "^ {50}|’’|‘‘" "$line.$columns"
			refute_output
			sed -n '/^PLACEHOLDERS/,/^ITEMS/p' "$line.$columns" >table
			run grep -c '^ *{[^ ]*}\( \.\.\.\)\{0,1\}  *[a-z]' table
			assert_output 16
		done
	done
}

@test "lines for a crontab have no % that cron would take for the end of the command" {
	sed 's/\\-/-/g; s/\\e/\\/g' "$page" | grep -E '^([0-9*/]+ ){5}' >cron-lines
	(($(wc -l <cron-lines) >= 2))
	run ! grep -E '(^|[^\\])%' cron-lines
}

@test "mandoc has nothing to say about the manual" {
	run -0 mandoc -Tlint -Wwarning "$page"
	assert_output ''
}
