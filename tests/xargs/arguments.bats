#!/usr/bin/env bats
# From items to command lines: -I, -n, -L, -s, -x, -t, and how options are read, as with GNU xargs.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # run --separate-stderr sets stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals
load ../lib/items

# Jobs of one of these ITEMS print OUTPUT (for printf %b): gives OUTPUT "ITEM..." ARGUMENT...
gives() {
	prints "$1" "${xargs[@]}" "${@:3}" < <(tr ' ' '\n' <<<"$2")
}

# The same, with options that say how many items a job has: gives_batches OUTPUT "ITEM..." ARGUMENT...
gives_batches() {
	prints "$1" "${xargs_batch[@]}" "${@:3}" < <(tr ' ' '\n' <<<"$2")
}

# The same, with as many as fit: gives_full OUTPUT "ITEM..." ARGUMENT...
gives_full() {
	prints "$1" "${xargs_fill[@]}" "${@:3}" < <(tr ' ' '\n' <<<"$2")
}

@test "the item is the last argument" {
	gives '[a][x]\n[a][y]' 'x y' "${show[@]}" a
	gives '[a b][][*][x]' x "${show[@]}" 'a b' '' '*'
}

@test "-I: the string stands inside words and any number of times" {
	gives_batches '[-oa.c.o][a.c:a.c][x]' a.c -I {} "${show[@]}" '-o{}.o' '{}:{}' x
	gives_batches '[{a}]' a -I {} "${show[@]}" '{{}}'
	gives_batches '[aa]' a -I {} "${show[@]}" '{}{}'
	gives_batches '[a-a]\n[b-b]' 'a b' -I ITEM "${show[@]}" ITEM-ITEM
}

@test "-I takes another string for {}, which is text then" {
	gives_batches '[a][xa][{}]' a -I ITEM "${show[@]}" ITEM xITEM '{}'
	gives_batches '[a-a]' a --replace=ITEM "${show[@]}" ITEM-ITEM
}

@test "-I: what is put in is text: the string is not looked for in an item" {
	gives_batches '[{}][{}x]' '{}' -I {} "${show[@]}" '{}' '{}x'
	gives_batches '[ITEM-ITEM]' ITEM -I ITEM "${show[@]}" ITEM-ITEM
}

@test "-I: an empty item, and one with blanks" {
	prints '[<>]\n[<a b>]' "${xargs_batch[@]}" -I {} "${show[@]}" '<{}>' <<<$'\na b'
}

@test "-n N: N items a job, the last one gets the rest" {
	gives_batches '[1][2]\n[3][4]\n[5]' '1 2 3 4 5' -n 2 "${show[@]}"
	gives_batches '[1][2][3]' '1 2 3' -n 3 "${show[@]}"
	gives_batches '[1][2]' '1 2' --max-args 100 "${show[@]}"
	gives_batches '[e][1][2]\n[e][3]' '1 2 3' -n 2 "${show[@]}" e
}

@test "-L N: N lines a job" {
	prints '[1][2]\n[3]' "${xargs_batch[@]}" -L 2 "${show[@]}" < <(seq 3)
	prints '[1][2]\n[3]' "${xargs_batch[@]}" --max-lines=2 "${show[@]}" < <(seq 3)
}

@test "as many items a job as fit into -s bytes, each word with its NUL" {
	gives_full '[1][2][3]' '1 2 3' "${show[@]}"
	gives_full 'aa bb\ncc dd\ne' 'aa bb cc dd e' -s 11 echo
	gives_full 'aa\nbb\ncc d\nd' 'aa bb cc d d' -s 10 echo
	gives_full 'aa\nbb' 'aa bb' --max-chars=8 echo
}

@test "-s bounds the batches of -n too" {
	gives_batches 'a b\nc d\ne' 'a b c d e' -n 2 -s 100 echo
	gives_batches 'a b\nc d\ne' 'a b c d e' -n 4 -s 9 echo
}

@test "every command line is filled to the last byte that fits: -s, or 128 KiB" {
	seq 60000 >items
	"${xargs_fill[@]}" echo <items >out
	full_lines 131072 out
	tr ' ' '\n' <out | cmp - items
	"${xargs_fill[@]}" -s 10240 echo <items >out
	full_lines 10240 out
	tr ' ' '\n' <out | cmp - items
}

@test "-x: a command line that is full does not end the run" {
	gives_full 'aa bb\ncc dd' 'aa bb cc dd' -x -s 11 echo
}

@test "-x: an item that does not fit ends the run, after what came before it" {
	run --separate-stderr "${xargs[@]}" -x -s 10 echo < <(printf '%s\n' a bb toolong c)
	assert_failure
	assert_output $'a\nbb'
}

@test "-x: N items that do not fit together end a run with -n N" {
	run --separate-stderr "${xargs_batch[@]}" -x -n 2 -s 11 echo < <(printf '%s\n' aa bb ccc dd e)
	assert_failure
	assert_output 'aa bb'
}

@test "the longest item that the system takes as an argument arrives" {
	head -c 131071 /dev/zero | tr '\0' x >item
	"${xargs[@]}" -s 200000 printf '%s' <item >out
	cmp item out
}

@test "a batch longer than ARG_MAX becomes several commands, whatever the stack or the environment" {
	seq -f "item number %.0f $(printf %080d 0)" 60000 >items
	"${xargs_batch[@]}" -n 100000 -t printf '%s\n' <items >out 2>trace
	cmp items out
	(($(wc -l <trace) > 1))
	(
		ulimit -s 256
		"${xargs_batch[@]}" -n 100000 printf '%s\n' <items >out
	)
	cmp items out
	one=$(printf %0100000d 0) two=$(printf %0130000d 0) "${xargs_batch[@]}" -n 100000 printf '%s\n' <items >out
	cmp items out
	seq 300000 >items
	"${xargs_batch[@]}" -n 300000 printf '%s\n' <items >out
	cmp items out
}

@test "-t prints each command to stderr, and runs it" {
	for option in -t --verbose; do
		run -0 --separate-stderr "${xargs[@]}" $option echo 'a b' < <(seq 2)
		assert_output $'a b 1\na b 2'
		assert_equal "$stderr" $'echo \'a b\' 1\necho \'a b\' 2'
	done
}

@test "a shell reads back what -t prints" {
	printf '%s\0' -n 'a b' "it's" '$x' '*' ';' '' '"' '~' >items
	"${xargs[@]}" -0 -t printf '%s\0' <items >direct 2>script
	cmp items direct
	sh script | cmp - items
}

@test "an argument stands behind its option: in the next word, joined, or behind =" {
	for option in '-n 2' -n2 '--max-args 2' --max-args=2 '-L 2' --max-lines=2; do
		# shellcheck disable=SC2086 # an option and its argument
		prints 'a b\nc' "${xargs_batch[@]}" $option echo < <(printf '%s\n' a b c)
	done
}

@test "letters can be joined, and long names cut short while only one fits" {
	printf 'a\0b\0c' >items
	prints 'a b\nc' "${xargs_batch[@]}" -0rn2 echo <items
	prints 'a\nb\nc' "${xargs[@]}" --nul --no-run echo <items
}

@test "the last one of two counts" {
	printf 'a;b;c' >items
	prints 'a b\nc' "${xargs_batch[@]}" -P 9 -P 1 -n 3 -n 2 -d , -0 -d ';' -a items echo
}

@test "options end at the command, which has its own, or at --" {
	prints '-n,2,--help,a,' "${xargs[@]}" printf '%s,' -n 2 --help <<<a
	prints '--,-n,a,' "${xargs[@]}" -- printf '%s,' -- -n <<<a
	mkdir bin
	printf '#!/bin/sh\necho "$@"\n' >bin/-odd
	chmod +x bin/-odd
	PATH=$PWD/bin:$PATH prints a "${xargs[@]}" -- -odd <<<a
}

@test "POSIXLY_CORRECT changes nothing" {
	POSIXLY_CORRECT=1 prints '-n2 a b' "${xargs_batch[@]}" -n 2 echo -n2 < <(printf '%s\n' a b)
}

@test "numbers of no sense are refused with status 1, and nothing runs" {
	for option in '-n 0' '-n -1' '-n x' '-n 2x' '-L 0' '-s 0' '-s x' '-P x' --null=3 -n; do
		# shellcheck disable=SC2086 # an option and its argument
		run -1 "${xargs[@]}" $option </dev/null
	done
	run -1 "${xargs[@]}" -n 0 touch ran <<<a
	run -1 "${xargs[@]}" --no-such-option touch ran <<<a
	[ ! -e ran ]
}
