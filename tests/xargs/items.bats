#!/usr/bin/env bats
# What is an item, and when it is read: as with GNU xargs -d '\n'.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets pool, show, xargs, xargs_batch, xargs_fill and xargs_words

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals
load ../lib/items

# With INPUT on stdin, xargs prints OUTPUT (both for printf %b): gives INPUT OUTPUT ARGUMENT...
gives() {
	prints "$2" "${xargs[@]}" "${@:3}" < <(printf '%b' "$1")
}

# The same for items without blanks: gives_words INPUT OUTPUT ARGUMENT...
gives_words() {
	prints "$2" "${xargs_words[@]}" "${@:3}" < <(printf '%b' "$1")
}

@test "a line is an item, also the last one without a newline, also an empty one" {
	gives 'a\nb\n' '[a]\n[b]' "${show[@]}"
	gives 'a\nb' '[a]\n[b]' "${show[@]}"
	gives 'a\n\nb\n\n' '[a]\n[]\n[b]\n[]' "${show[@]}"
	gives '\n' '[]' "${show[@]}"
}

@test "no items at all: nothing runs, status 0" {
	gives '' '' "${show[@]}"
	: >empty
	gives '' '' -a empty "${show[@]}"
	run -0 "${xargs_fill[@]}" "${show[@]}" </dev/null
	assert_output ''
}

@test "nothing in a line is special: spaces, quotes, backslashes and dashes stay" {
	gives "  a  b \n\"q\" 'r'\n\\\\\\\\n\n-n\n--help\n" \
		"[  a  b ]\n[\"q\" 'r']\n[\\\\\\\\n]\n[-n]\n[--help]" "${show[@]}"
}

@test "a line runs when it arrives, whatever -P is" {
	for jobs in 1 4; do
		open_queue "${xargs[@]}" -P $jobs echo
		echo a >&4
		next_output a
		printf b >&4
		echo c >&4
		next_output bc
		close_queue
	done
}

@test "a batch runs when its last item arrives" {
	open_queue "${xargs_batch[@]}" -P 2 -n 2 echo
	printf 'a\n' >&4
	printf 'b\nc\n' >&4
	next_output "a b"
	exec 4>&-
	next_output c
	close_queue
}

@test "of a file on stdin no more than a block is read while a job runs" {
	ulimit -c 0
	seq 100000 >items
	{
		"${xargs[@]}" sh -c 'kill -QUIT $PPID' || true
		cat
	} <items >left
	(($(wc -c <left) >= $(wc -c <items) - 65536))
	assert_equal "$(tail -n 1 left)" 100000
}

@test "of a pipe no more than a block is read while a job runs" {
	ulimit -c 0
	seq 100000 >items
	# shellcheck disable=SC2002 # stdin has to be a pipe
	cat items | {
		"${xargs[@]}" sh -c 'kill -QUIT $PPID' || true
		cat
	} >left
	(($(wc -c <left) >= $(wc -c <items) - 65536))
	assert_equal "$(tail -n 1 left)" 100000
}

@test "100,000 lines arrive complete and in order" {
	seq -f 'line number %.0f of many' 100000 >items
	"${xargs_batch[@]}" -n 5000 printf '%s\n' <items >out
	cmp items out
}

@test "every byte but NUL and newline goes through unchanged, valid UTF-8 or not" {
	for byte in {1..9} {11..255}; do
		printf -v octal '\\0%o' "$byte"
		printf '%b' "$octal"
	done >items
	printf '\n\377\376 \303 caf\303\251\n' >>items
	for locale in C C.UTF-8; do
		LC_ALL=$locale "${xargs[@]}" printf '%s\n' <items >out
		cmp items out
	done
}

@test "a carriage return at the end of a line stays" {
	printf 'a\r\nb\r\n' >items
	"${xargs[@]}" printf '%s\n' <items >out
	cmp items out
}

@test "-0: items end with NUL and may have newlines in them" {
	gives 'a\nb\0000\0000c' '[a\nb]\n[]\n[c]' -0 "${show[@]}"
	gives 'a\nb\0000c\0000' '[a\nb]\n[c]' --null "${show[@]}"
}

@test "-d: items end with a byte, given as itself, by name or by number" {
	gives 'a,b\n' '[a]\n[b\n]' -d , "${show[@]}"
	gives 'a\tb c' '[a]\n[b c]' -d '\t' "${show[@]}"
	gives 'a\nb c' '[a]\n[b c]' -d '\n' "${show[@]}"
	gives 'a\rb\nc' '[a]\n[b\nc]' -d '\r' "${show[@]}"
	gives 'a\0000b0c' '[a]\n[b0c]' -d '\0' "${show[@]}"
	gives 'a\\bxc' '[a]\n[bxc]' -d "\\\\" "${show[@]}"
	gives 'a\x1fb' '[a]\n[b]' -d '\x1f' "${show[@]}"
	gives 'a\x1fb' '[a]\n[b]' --delimiter='\x1F' "${show[@]}"
	gives 'anb' '[a]\n[b]' -d n "${show[@]}"
}

@test "a delimiter of several bytes is refused with status 1" {
	for delimiter in ab abc '\x411'; do
		run -1 "${xargs[@]}" -d "$delimiter" touch ran <<<a
	done
	[ ! -e ran ]
}

@test "-E: an item equal to the string ends the queue" {
	gives_words 'a\nSTOPS\nSTOP\nb\n' '[a]\n[STOPS]' -E STOP "${show[@]}"
	gives_words 'STOP\nb\n' '' -E STOP "${show[@]}"
	gives_words 'a\nb' '[a]\n[b]' -E STOP "${show[@]}"
}

@test "-E does not wait for what follows" {
	open_queue "${xargs_words[@]}" -E STOP echo
	printf 'a\nSTOP\nb' >&4
	next_output a
	wait "$pool"
}

@test "-E with an empty string is no -E, as POSIX has it" {
	gives 'a\n\nb\n' '[a]\n[]\n[b]' -E '' "${show[@]}"
	gives_words 'a\n_\nb\n' '[a]\n[_]\n[b]' -E '' "${show[@]}"
}

@test "-a: items from a file, and - is stdin" {
	printf 'a\nb' >one
	gives 'x\ny' '[a]\n[b]' -a one "${show[@]}"
	gives 'x\ny' '[a]\n[b]' --arg-file=one "${show[@]}"
	gives 'x\ny' '[x]\n[y]' -a - "${show[@]}"
}

@test "a file of items that is missing: status 1, and nothing runs" {
	run -1 "${xargs[@]}" -a missing touch ran
	[ ! -e ran ]
}

@test "a file of items can be removed while it is read" {
	seq 3 >items
	gives '' '1\n2\n3' -a items sh -c 'rm -f items; echo $0'
}

@test "jobs read /dev/null when the items come from stdin" {
	gives 'a\nb\n' '0\n0' sh -c 'wc -c'
}
