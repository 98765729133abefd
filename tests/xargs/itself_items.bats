#!/usr/bin/env bats
# Under the name of xargs: what separates items, and how they become command lines, as with GNU xargs.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC1003 # and a backslash in them is one for printf
# shellcheck disable=SC2154 # tests/lib sets pool, show and xargs_itself; run --separate-stderr sets stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals
load ../lib/items

# With INPUT on stdin, xargs prints OUTPUT (both for printf %b): gives INPUT OUTPUT ARGUMENT...
gives() {
	prints "$2" "${xargs_itself[@]}" "${@:3}" < <(printf '%b' "$1")
}

# With INPUT on stdin, xargs prints OUTPUT, says MESSAGE and ends with STATUS:
# ends INPUT STATUS OUTPUT MESSAGE ARGUMENT...
ends() {
	run -"$2" --separate-stderr "${xargs_itself[@]}" "${@:5}" < <(printf '%b' "$1")
	assert_output "$(printf '%b' "$3")"
	assert_equal "$stderr" "${4:+xargs: $4}"
}

@test "blanks and newlines separate, any number of them" {
	gives 'a b\tc  d\n e \n\n\tf' '[a][b][c][d][e][f]' "${show[@]}"
	gives 'a\vb\fc\rd \v\f\r e' '[a\vb\fc\rd][e]' "${show[@]}"
	gives '' '[]' "${show[@]}"
	gives ' \n\n' '[]' "${show[@]}"
}

@test "quotes protect blanks and each other, within a word too; two of them are an empty item" {
	gives "'a  b' \"c d\" e' 'f \"it's\" 'say \"x\"'" "[a  b][c d][e f][it's][say \"x\"]" "${show[@]}"
	gives "'' \"\" a''\n" '[][][a]' "${show[@]}"
	gives "'a\\\\\\\\b'" '[a\\\\b]' "${show[@]}"
}

@test "a backslash protects any byte, a newline too" {
	gives 'a\\ b\\\\c\\"d' '[a b\\c"d]' "${show[@]}"
	gives 'a\\\nb c\n' '[a\nb][c]' "${show[@]}"
	gives 'a\\' '[a]' "${show[@]}"
}

@test "at the end of the input what has no byte is no item" {
	gives "a ''" '[a]' "${show[@]}"
	gives 'a "' '[a]' "${show[@]}"
	gives 'a \\' '[a]' "${show[@]}"
}

@test "a quote without its end: status 1, behind the commands before it" {
	local message='unmatched double quote; by default quotes are special to xargs unless you use the -0 option'
	ends 'a b\nc "d\ne\n' 1 'a b c' "$message" echo
	ends 'a b\nc "d' 1 'a\nb\nc' "$message" -n1 echo
	ends 'a b\nc "d' 1 'a b' "$message" -L1 echo
	ends 'a b c "d' 1 '' "$message" -x -n4 echo
	ends "a '" 0 a '' echo
	ends "a'b" 1 '' "${message/double/single}" echo
}

@test "a NUL ends its item, with a warning" {
	ends 'a\0000b c\n' 0 'a c' 'WARNING: a NUL character occurred in the input.  It cannot be passed through in the argument list.  Did you mean to use the --null option?' echo
}

@test "items run when they arrive, a word of a line too" {
	open_queue "${xargs_itself[@]}" -n 2 echo
	printf 'a b' >&4
	printf ' c' >&4
	next_output 'a b'
	printf '\nd' >&4
	exec 4>&-
	next_output 'c d'
	close_queue
}

@test "-0, --null and -d: the delimiter alone separates, nothing is special" {
	gives ' a\0000"b\0000\0000c\\\0000' '[ a]["b][][c\\]' -0 "${show[@]}"
	gives 'a\0000b' '[a][b]' --null "${show[@]}"
	gives 'a b,"c,,d\n' '[a b]["c][][d\n]' -d, "${show[@]}"
	gives 'a:b' '[a][b]' --delimiter=: "${show[@]}"
	gives 'aAbAc' '[a][b][c]' -d '\x41' "${show[@]}"
	gives 'aAbAc' '[a][b][c]' -d '\101' "${show[@]}"
	gives 'a\tb' '[a][b]' -d '\t' "${show[@]}"
	gives 'a\\b' '[a][b]' -d '\\' "${show[@]}"
	gives 'a\0000b' '[a][b]' -d '\0' "${show[@]}"
}

@test "-d: what is no delimiter is refused" {
	ends a 1 '' 'Invalid input delimiter specification ab: the delimiter must be either a single character or an escape sequence starting with \.' -d ab echo
	ends a 1 '' 'Invalid escape sequence \q in input delimiter specification.' -d '\q' echo
	ends a 1 '' 'Invalid escape sequence \x414 in input delimiter specification; character values must not exceed ff.' -d '\x414' echo
	ends a 1 '' 'Invalid escape sequence \1234 in input delimiter specification; character values must not exceed 377.' -d '\1234' echo
	ends a 1 '' 'Invalid escape sequence \18 in input delimiter specification; trailing characters 8 not recognised.' -d '\18' echo
}

@test "-E: an item ends the input, also in quotes; what is behind it is left to be read" {
	gives 'a b\nSTOP\nc\n' '[a][b]' -E STOP "${show[@]}"
	gives "a 'STOP' b\n" '[a]' -eSTOP "${show[@]}"
	gives 'a\n STOP\nb\n' '[a]' --eof=STOP -I{} "${show[@]}" {}
	gives 'a\nSTOP \nb\n' '[a]\n[STOP ]\n[b]' -E STOP -I{} "${show[@]}" {}
	gives 'a _ b\n' '[a][_][b]' -E _ -e "${show[@]}"
	gives 'a STOP' '[a][STOP]' -E STOP "${show[@]}"
	printf '1\n2\n3\n' >items
	{
		prints 1 "${xargs_itself[@]}" -E 2
		prints 3 cat
	} <items
	ends 'a,x,b' 0 'a x b' 'warning: the -E option has no effect if -0 or -d is used.' -d, -E x echo
}

@test "-L: lines, of which one that ends with a blank goes on; empty ones do not count" {
	gives 'a\nb c\nd\n' '[a][b][c]\n[d]' -L2 "${show[@]}"
	gives 'a \nb\nc\n' '[a][b]\n[c]' -L1 "${show[@]}"
	gives 'a\t\n\n \nb\nc\n' '[a][b]\n[c]' -L1 "${show[@]}"
	gives 'a\n\n\nb\n' '[a]\n[b]' --max-lines "${show[@]}"
	gives 'a b\nc\nd\n' '[a][b]\n[c]\n[d]' -l "${show[@]}"
	gives 'a\nb\nc\n' '[a][b]\n[c]' -l2 "${show[@]}"
	gives 'a\0000b\0000c' '[a][b]\n[c]' -0 -L2 "${show[@]}"
	gives '"a "\nb\\ \nc\nd' '[a ]\n[b ][c]\n[d]' -L1 "${show[@]}"
}

@test "-I: a line, without blanks before it, in the place of STR in all words but the first" {
	gives '  a  b \n\n"c  d"\n' '[a  b ][xa  b ya  b z]\n[c  d][xc  dyc  dz]' -I{} "${show[@]}" {} 'x{}y{}z'
	gives 'a\n' '[a.b][aa]' -I FILE "${show[@]}" FILE.b FILEFILE
	gives '{}\n' '[x{}]' -i "${show[@]}" 'x{}'
	gives ' a\n\nb' '[ a]\n[]\n[b]' -d '\n' -I{} "${show[@]}" {}
	gives '' '' -I{} "${show[@]}" {}
	ends 'a\n' 127 '' '{}: No such file or directory' -I{} {} x
}

@test "without -I braces are text, and the items come behind the words" {
	gives 'a b' '[{}][x{.}][{#}][a][b]' "${show[@]}" {} 'x{.}' '{#}'
	gives 'a b' 'a b'
}

@test "of -I, -L and -n the last one holds, with a warning" {
	ends 'a b\nc\n' 0 'a b\nc' 'warning: options --max-args and -L are mutually exclusive, ignoring previous --max-args value' -n1 -L1 echo
	ends 'a b\nc\n' 0 'a\nb\nc' 'warning: options --max-lines and --max-args/-n are mutually exclusive, ignoring previous --max-lines value' -L1 -n1 echo
	ends 'a b\nc\n' 0 '<a b>\n<c>' 'warning: options --max-args and --replace/-I/-i are mutually exclusive, ignoring previous --max-args value' -n1 -I{} echo '<{}>'
	ends 'a b\nc\n' 0 '{} a b\n{} c' 'warning: options --replace and --max-args/-n are mutually exclusive, ignoring previous --replace value' -I{} -n2 echo '{}'
	ends 'a b\nc\n' 0 '{} a b\n{} c' 'warning: options --replace and --max-lines/-l are mutually exclusive, ignoring previous --replace value' -I{} -l echo '{}'
	ends 'a b\nc\n' 0 'a b\nc' '' -I{} -n1 echo '{}'
}

@test "a command line has as many items as fit into 128 KiB, or -s, with the NUL of each word" {
	seq 60000 >items
	"${xargs_itself[@]}" echo <items >out
	full_lines 131072 out
	"${xargs_itself[@]}" -s 10240 echo <items >out
	full_lines 10240 out
	tr ' ' '\n' <out | cmp - items
	seq 10 >items
	prints '1 2 3\n4 5 6\n7 8 9\n10' "${xargs_itself[@]}" -s 15 -n 3 echo <items
	prints '1 2\n3 4\n5 6\n7 8\n9 10' "${xargs_itself[@]}" -s 10 -n 3 echo <items
}

@test "an item that is too long ends the run with status 1, behind the commands before it" {
	ends 'a\nbbbbbbbbbb\nc\n' 1 a 'argument line too long' -s 15 echo
	ends 'a\nbbbbbbbbb\nc\n' 0 'a\nbbbbbbbbb\nc' '' -s 15 echo
	ends 'a\nbbbbbbbbbb\nc\n' 1 '' 'argument line too long' -x -s 15 echo
	ends 'aaaa bbbb\ncccc\n' 1 '' 'argument list too long' -x -n3 -s 14 echo
	ends 'aaaa bbbb\ncccc\n' 0 'aaaa\nbbbb\ncccc' '' -n3 -s 14 echo
	ends 'aaaa bbbb\ncccc\n' 1 '' 'argument list too long' -L1 -s 14 echo
	ends 'bbbb\n' 1 '' 'argument list too long' -s 14 -I{} echo {} {}
	ends 'aa' 1 '' 'cannot fit single argument within argument list size limit' -s 4 echo
}

@test "an item that the system cannot take as an argument ends the run" {
	x 131072 >items
	run -1 "${xargs_itself[@]}" -s 400000 echo <items
	assert_output "xargs: can't call exec() due to argument size restrictions"
	x 131071 >items
	"${xargs_itself[@]}" -s 400000 printf %s <items >out
	cmp out items
}

@test "without items the command runs once; not with -r, nor with -I" {
	for options in '' -0 -L1 '-n 2' '-E x'; do
		# shellcheck disable=SC2086 # options
		prints none "${xargs_itself[@]}" $options echo none </dev/null
	done
	for options in -r --no-run-if-empty -I{}; do
		prints '' "${xargs_itself[@]}" "$options" echo none </dev/null
	done
	run -1 "${xargs_itself[@]}" -n0 echo none </dev/null
	run -123 "${xargs_itself[@]}" false </dev/null
}

@test "-a: items from a file; then the command has the standard input of xargs, else none" {
	printf 'a b\nc\n' >items
	prints '[a][b][c]' "${xargs_itself[@]}" -a items "${show[@]}"
	prints 'in' "${xargs_itself[@]}" --arg-file=items sh -c cat <<<in
	prints '' "${xargs_itself[@]}" sh -c cat <<<in
	prints '[x]' "${xargs_itself[@]}" -a - "${show[@]}" <<<x
	LC_ALL=C run -1 "${xargs_itself[@]}" -a missing echo
	assert_output "xargs: Cannot open input file 'missing': No such file or directory"
}

@test "an item of any length is read as it comes: a line of many words, a word of many bytes" {
	seq 300000 | tr '\n' ' ' >items
	"${xargs_itself[@]}" -n 50000 -s 1000000 sh -c 'echo $#' sh <items >out
	assert_equal "$(sort -u out)" 50000
	head -c 5000000 /dev/zero | tr '\0' x >items
	run -1 "${xargs_itself[@]}" echo <items
	assert_output 'xargs: argument line too long'
}

@test "with -P, too, a command has as many items as fit" {
	gives '1 2 3 4 5' '5' -P 4 sh -c 'echo $#' sh
}
