#!/usr/bin/env bats
# Where items come from: stdin, -a, ::: and ::::, columns, headers, as with GNU parallel.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets parallel, parallel_commands, pool and show

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals
load ../lib/items

# With INPUT on stdin, parallel prints OUTPUT (both for printf %b): gives INPUT OUTPUT ARGUMENT...
gives() {
	prints "$2" "${parallel[@]}" -j1 "${@:3}" < <(printf '%b' "$1")
}

# Writes text for printf %b to FILE: file FILE TEXT
file() {
	printf '%b' "$2" >"$1"
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
	gives '' '' -a empty -X "${show[@]}"
	gives '' '' --shuf "${show[@]}"
}

@test "nothing in a line is special: spaces, quotes, backslashes and dashes stay" {
	gives "  a  b \n\"q\" 'r'\n\\\\\\\\n\n-n\n--help\n" \
		"[  a  b ]\n[\"q\" 'r']\n[\\\\\\\\n]\n[-n]\n[--help]" "${show[@]}"
}

@test "items may have any bytes but NUL in them, valid UTF-8 or not" {
	for byte in {1..9} {11..255}; do
		printf -v octal '\\0%o' "$byte"
		printf '%b' "$octal"
	done >items
	printf '\n\377\376 \303 caf\303\251\r\n' >>items
	for locale in C C.UTF-8; do
		LC_ALL=$locale "${parallel[@]}" -j1 printf '%s\n' <items >out
		cmp items out
	done
}

@test "-0: items end with NUL and may have newlines in them" {
	gives 'a\nb\0000\0000c' '[a\nb]\n[]\n[c]' -0 "${show[@]}"
	gives 'a\nb\0000c\0000' '[a\nb]\n[c]' --null "${show[@]}"
}

@test "-d: items end with a byte, given as itself or by name" {
	gives 'a,b' '[a]\n[b]' -d , "${show[@]}"
	gives 'a\tb c' '[a]\n[b c]' -d '\t' "${show[@]}"
	gives 'a\nb c' '[a]\n[b c]' -d '\n' "${show[@]}"
	gives 'a\rb\nc' '[a]\n[b\nc]' -d '\r' "${show[@]}"
	gives 'a\0000b0c' '[a]\n[b0c]' -d '\0' "${show[@]}"
	gives 'a:b' '[a]\n[b]' --delimiter : "${show[@]}"
	gives 'anb' '[a]\n[b]' -d n "${show[@]}"
}

@test "-E: an item equal to the string ends the queue, without waiting for what follows" {
	gives 'a\nSTOPS\n STOP\nSTOP\nb\n' '[a]\n[STOPS]\n[ STOP]' -E STOP "${show[@]}"
	open_queue "${parallel[@]}" -j1 -E STOP echo
	printf 'a\nSTOP\nb' >&4
	next_output a
	wait "$pool"
}

@test "-E in a :::: file ends that list, not the others" {
	file one '1\n2\n'
	file two 'x\nSTOP\ny\n'
	gives '' '1-x\n2-x' -a one -E STOP echo '{1}-{2}' :::: two
	gives '' 'x-1\nx-2' -E STOP echo '{1}-{2}' :::: two one
}

@test "-E with an empty string is no -E" {
	gives 'a\n\nb\n' '[a]\n[]\n[b]' -E '' "${show[@]}"
}

@test "-a: items from a file, and - is stdin" {
	file one 'a\nb'
	gives 'x\ny' '[a]\n[b]' -a one "${show[@]}"
	gives 'x\ny' '[a]\n[b]' --arg-file one "${show[@]}"
	gives 'x\ny' '[x]\n[y]' -a - "${show[@]}"
}

@test "a file of items can be removed while it is read" {
	seq 3 >items
	gives '' '1\n2\n3' -a items sh -c 'rm -f items; echo $0'
}

@test "a file of items that is missing: an error, and nothing runs" {
	for arguments in '-a missing touch ran' 'touch ran :::: missing'; do
		# shellcheck disable=SC2086 # several words
		run ! "${parallel[@]}" $arguments
	done
	[ ! -e ran ]
}

@test "::: takes the items from the command line" {
	gives 'unread\n' '[a]\n[b c]\n[]\n[-n]' "${show[@]}" ::: a 'b c' '' -n
}

@test "several ::: give every combination, the last one fastest" {
	gives '' '[a][1][x]\n[a][1][y]\n[a][2][x]\n[a][2][y]\n[b][1][x]\n[b][1][y]\n[b][2][x]\n[b][2][y]' \
		"${show[@]}" ::: a b ::: 1 2 ::: x y
	gives '' '1a\n2a\n1b\n2b' echo '{2}{1}' ::: a b ::: 1 2
}

@test "--link takes the lists side by side, the shorter ones again from their start" {
	gives '' '[a][1][x]\n[b][2][x]\n[c][1][x]' --link "${show[@]}" ::: a b c ::: 1 2 ::: x
	gives '' '[a]\n[b]' --link "${show[@]}" ::: a b
}

@test ":::+ and ::::+ take a list side by side with the one before it, as long as the shorter one" {
	gives '' '[a][1]\n[b][2]\n[c][3]' "${show[@]}" ::: a b c :::+ 1 2 3
	gives '' '[a][1]\n[b][2]' "${show[@]}" ::: a b c :::+ 1 2
	gives '' '[a][1]\n[b][2]' "${show[@]}" ::: a b :::+ 1 2 3
	gives '' '[a][1][x]\n[a][1][y]\n[b][2][x]\n[b][2][y]' "${show[@]}" ::: a b :::+ 1 2 ::: x y
	gives '' '[x][a][1]\n[x][b][2]\n[y][a][1]\n[y][b][2]' "${show[@]}" ::: x y ::: a b :::+ 1 2
	gives '' '[a][1][p][X][V]\n[a][1][p][Y][W]\n[b][2][q][X][V]\n[b][2][q][Y][W]' \
		"${show[@]}" ::: a b :::+ 1 2 :::+ p q ::: X Y :::+ V W
	seq 3 >three
	file two 'x\ny\n'
	gives '' '[1][x]\n[2][y]' "${show[@]}" :::: three ::::+ two
	gives '' '[1][1][x]\n[2][2][y]' "${show[@]}" :::: three ::::+ three two
	gives '' '[a][1]\n[b][2]' "${show[@]}" ::: a b ::::+ three
	gives '1\n2\n3\n' '[a][1]\n[b][2]' "${show[@]}" ::: a b ::::+ -
	gives '' '1a\n2b' echo '{2}{1}' ::: a b :::+ 1 2
	gives '' '[3][1]\n[4][2]' --header : "${show[@]}" '{y}' '{x}' ::: x 1 2 :::+ y 3 4
	# The first one has none before it, and under --link all lists are side by side.
	gives '' '[a]\n[b]' "${show[@]}" :::+ a b
	gives '' '[a][1][x]\n[b][2][x]\n[a][3][x]' --link "${show[@]}" ::: a b :::+ 1 2 3 ::: x
}

@test ":::: takes items from files, each file a list, and goes with ::: and -a" {
	file one 'a\nb\n'
	file two '1\n2\n'
	gives '' '[a]\n[b]' "${show[@]}" :::: one
	gives 'x\ny' '[x]\n[y]' "${show[@]}" :::: -
	gives '' '[a][1]\n[a][2]\n[b][1]\n[b][2]' "${show[@]}" :::: one two
	gives '' '[a][x]\n[a][y]\n[b][x]\n[b][y]' "${show[@]}" :::: one ::: x y
	gives '' '[x][1]\n[x][2]' "${show[@]}" ::: x :::: two
	gives 'p\nq\n' '[p][a]\n[p][b]\n[q][a]\n[q][b]' -a - "${show[@]}" :::: one
	gives 'p,q' '[p][a]\n[p][b]\n[q][a]\n[q][b]' -d , "${show[@]}" :::: - ::: a b
}

@test "--link with :::: files" {
	seq 2 >two
	file three 'x\ny\nz\n'
	gives '' '[1][x]\n[2][y]\n[1][z]' --link "${show[@]}" :::: two three
}

@test "--colsep splits items into columns at a regular expression" {
	gives 'a\tb c\td\n' '[b c][a][d]' -C '\t' "${show[@]}" '{2}' '{1}' '{3}'
	gives 'a,b.c\n' '[b][b.c]' -C , "${show[@]}" '{2.}' '{-1}'
	gives 'a,;b;c\n' '[a][b][c]' --colsep '[,;]+' "${show[@]}" '{1}' '{2}' '{3}'
	gives 'a,,b\n' '[a][][b]' -C , "${show[@]}" '{1}' '{2}' '{3}'
	gives 'a.b|c\n' '[a][b|c]' -C '\.' "${show[@]}" '{1}' '{2}'
	gives 'a1b22c\n' '[a][b][c]' -C '[[:digit:]]+' "${show[@]}" '{1}' '{2}' '{3}'
}

@test "--colsep: a command without a placeholder gets the columns as its last arguments" {
	gives 'a b\tc\nd\n\n' '[x][a b][c]\n[x][d]\n[x][]' -C '\t' "${show[@]}" x
	gives 'a,b\nc,d\n,e\n' '[a][b][c][d]\n[][e]' -C , -n 2 "${show[@]}"
	gives '' '[a][b][1][2]\n[c][1][2]' -C , "${show[@]}" ::: a,b c ::: 1,2
	gives 'a,b\nc\n' '[a][b][c]' -C , -X "${show[@]}"
}

@test "--colsep takes items apart wherever they come from" {
	gives '' '[b][a]\n[d][c]' -C , "${show[@]}" '{2}' '{1}' ::: a,b c,d
	gives '' '[1][2][3][4]' -C , "${show[@]}" '{1}' '{2}' '{3}' '{4}' ::: 1,2 ::: 3,4
}

@test "a line of 20,000 columns is split quickly" {
	gives "$(seq -s, 20000)" '20000' -C , echo '{20000}'
}

@test "--header : names the columns after the first line, options may follow" {
	gives 'x,y\n1,2\n' '[2]' -C , --header : "${show[@]}" '{y}'
	gives 'x,y\n1,2\n' '[2]' --header : -C , "${show[@]}" '{y}'
	gives 'name,size\na.txt,1\nb,2\n' '[1][a.txt][a]\n[2][b][b]' --header : -C , "${show[@]}" '{size}' '{name}' '{name.}'
	gives 'file\n/a/b.c\n' '[b.c][/a][b][/a/b.c]' --header : "${show[@]}" '{file/}' '{file//}' '{file/.}' '{1}'
}

@test "--header :: the first item of each ::: list is its name" {
	gives '' '[1][a]\n[2][a]\n[1][b]\n[2][b]' --header : "${show[@]}" '{n}' '{l}' ::: l a b ::: n 1 2
	gives '' '[a][1]\n[b][2]' --header : --link "${show[@]}" '{l}' '{n}' ::: l a b ::: n 1 2
}

@test "--csv splits records of CSV into columns" {
	[ -z "${ORIGINALS:-}" ] || perl -MText::CSV -e 1 2>/dev/null || skip "GNU parallel needs Text::CSV for it"
	gives '"a,b","c ""q"" d"\n"1\n2",3\n x, y \n' '[c "q" d][a,b]\n[3][1\n2]\n[ y ][ x]' \
		--csv "${show[@]}" '{2}' '{1}'
	gives '"a,b",c\nd\n' '[a,b][c]\n[d]' --csv "${show[@]}"
	gives 'a,b;"c;d"\n' '[c;d][a,b]' --csv --colsep ';' "${show[@]}" '{2}' '{1}'
}

@test "--trim takes white space off: none, left, right or both" {
	file items ' a b \t\n'
	for way in 'n: a b \t' 'l:a b \t' 'r: a b' 'lr:a b' 'rl:a b'; do
		gives '' "[${way#*:}]" --trim "${way%%:*}" -a items "${show[@]}"
		gives '' "[${way#*:}]" --trim "${way%%:*}" "${show[@]}" ::: $' a b \t'
		gives '' "[x][${way#*:}]" --trim "${way%%:*}" -C , "${show[@]}" '{1}' '{2}' ::: $'x, a b \t'
	done
	gives ' a \n' '[ a ]' "${show[@]}"
	gives ' \n' '[]' --trim l "${show[@]}"
}

@test "columns are trimmed unless --trim says otherwise" {
	gives ' a , b ,c\n' '[a][b][c]' -C , "${show[@]}" '{1}' '{2}' '{3}'
	gives ' a , b ,c\n' '[ a ][ b ][c]' -C , --trim n "${show[@]}" '{1}' '{2}' '{3}'
}

@test "--shuf runs the same items in another order, and every time in another" {
	seq 1000 >items
	"${parallel[@]}" -j1 --shuf -n 1000 printf '%s\n' <items >one
	"${parallel[@]}" -j1 --shuf -n 1000 printf '%s\n' <items >two
	for order in one two; do
		sort -n $order | cmp - items
		run ! cmp -s $order items
	done
	run ! cmp -s one two
}

@test "--shuf keeps combinations together" {
	run "${parallel[@]}" -j1 --shuf echo '{1}{2}' ::: a b ::: 1 2
	assert_success
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort | tr '\n' ' ')" "a1 a2 b1 b2 "
}

@test "-r leaves out empty items" {
	gives 'a\n\nb\n\n' '[a]\n[b]' -r "${show[@]}"
	gives 'a\n\nb\n' '[a]\n[b]' --no-run-if-empty "${show[@]}"
	run -0 "${parallel[@]}" -j1 -r echo ::: a '' b
	assert_output $'a\nb'
}

@test "without a command each line is one, read by a shell as it stands" {
	run -0 "${parallel_commands[@]}" -j1 < <(printf '%s\n' 'echo "a  b" | tr a c' "printf '%s\\n' '\$x'" 'exit 0; echo no')
	assert_output $'c  b\n$x'
	run -0 "${parallel_commands[@]}" -j1 ::: 'echo a' 'echo b'
	assert_output $'a\nb'
}

@test "without a command the values of several lists are its words" {
	run -0 "${parallel_commands[@]}" -j1 ::: echo ::: a b
	assert_output $'a\nb'
	run -0 "${parallel_commands[@]}" -j1 --link ::: 'echo 1' 'echo 2' 'echo 1' 'echo 2' ::: x x y y
	assert_output $'1 x\n2 x\n1 y\n2 y'
}

@test "stdin of jobs is empty when the items come from stdin" {
	gives 'a\nb\n' '0\n0' sh -c 'wc -c'
	gives 'a\nb\n' '0\n0' -a - sh -c 'wc -c'
}

@test "a list without values has an empty one, where another one has some" {
	run -0 "${parallel_itself[@]}" -k echo 'x{1}{2}y' ::: a b :::
	assert_output $'xay\nxby'
	run -0 "${parallel_itself[@]}" -k echo 'x{1}{2}y' ::: ::: a
	assert_output xay
	run -0 "${parallel_itself[@]}" -k echo 'x{1}{2}y' ::: a :::+
	assert_output xay
	for lists in ':::: /dev/null ::: a' '::: a :::: /dev/null'; do
		# shellcheck disable=SC2086 # several words
		run -0 "${parallel_itself[@]}" -k echo 'x{1}{2}y' $lists
		assert_output xay
	done
	printf '%s\n' a b >values
	run -0 "${parallel_itself[@]}" -k echo 'x{1}{2}y' :::: values :::
	assert_output $'xay\nxby'
	for lists in '::: :::' ':::: /dev/null :::' ':::: /dev/null :::: /dev/null'; do
		# shellcheck disable=SC2086 # several words
		run -0 --separate-stderr "${parallel_itself[@]}" -k echo 'x{1}{2}y' $lists
		refute_output
	done
}

@test "-L: a value of a list that ends in a blank goes on with the next one" {
	run -0 "${parallel_itself[@]}" -k -L2 echo ::: 'a ' b c d
	assert_output $'a b c\nd'
	run -0 "${parallel_itself[@]}" -k -L1 echo ::: 'a ' 'b ' c ::: 'd ' e
	assert_output 'a b c d e'
}
