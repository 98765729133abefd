#!/usr/bin/env bats
# Where items come from, and what makes an item.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets show

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/items

# With INPUT on stdin, pexec prints OUTPUT (both for printf %b): gives INPUT OUTPUT ARGUMENT...
gives() {
	prints "$2" "$PEXEC" -j1 "${@:3}" < <(printf '%b' "$1")
}

# Writes text for printf %b to FILE: file FILE TEXT
file() {
	printf '%b' "$2" >"$1"
}

@test "no items at all: nothing runs, status 0" {
	gives '' '' "${show[@]}"
	gives '' '' "${show[@]}" :::
	: >empty
	gives '' '' -a empty "${show[@]}"
	gives '' '' -a empty -X "${show[@]}"
	gives '' '' --shuf "${show[@]}"
	gives '' '' --header "${show[@]}"
}

@test "an empty list among several: nothing runs, and that is said" {
	: >empty
	local arguments words
	while IFS='|' read -r said arguments; do
		eval "words=($arguments)"
		run -0 "$PEXEC" "${words[@]}" </dev/null
		assert_output "pexec: $said"
	done <<-'END'
		list 2 (:::: empty) has no items: there is no combination, and nothing is run|echo ::: a b :::: empty
		list 1 (:::: empty) has no items: there is no combination, and nothing is run|--link echo :::: empty ::: a b
		list 2 has no items: there is no combination, and nothing is run|echo ::: a b ::: ::: c
		list 2 has no items: there is no combination, and nothing is run|--header echo ::: x 1 ::: y
		list 2 has no items: there is no combination, and nothing is run|-a /dev/null echo :::
		what is read has no items: there is no combination with the lists, and nothing is run|-a - echo ::: a b
		what is read has no items: there is no combination with the lists, and nothing is run|--shuf -a empty echo ::: a
	END
	# Of one list alone that is plain.
	run -0 "$PEXEC" echo :::
	refute_output
}

@test "a batch runs when its last item arrives, and a header does not hold the line behind it up" {
	open_queue "$PEXEC" -j2 --header -n 2 echo
	printf 'name\na\n' >&4
	printf 'b\nc\n' >&4
	next_output "a b"
	exec 4>&-
	next_output c
	close_queue
}

@test "a FIFO of items may be opened before anybody writes to it" {
	mkfifo queue
	"$PEXEC" -j1 -a queue echo >out 3>&- &
	local reader=$!
	wait_until sh -c "ls -l /proc/$reader/fd | grep -q '/queue\$'"
	printf 'a\nb\n' >queue
	wait $reader
	run cat out
	assert_output $'a\nb'
}

@test "while every slot is busy nothing is read ahead" {
	for letter in x y z; do
		head -c 65535 /dev/zero | tr '\0' $letter
		echo
	done >items
	# Jobs inherit descriptor 9: where it stands in the file, pexec's stdin stands as well.
	run "$PEXEC" -j1 sh -c 'sed -n "s/^pos:[^0-9]*//p" /proc/self/fdinfo/9' 9<items <&9
	assert_output $'65536\n131072\n196608'
}

@test "lines of all lengths around the size of a block arrive whole" {
	for length in 1 65534 65535 65536 65537 131071 2 70000 0 3; do
		head -c $length /dev/zero | tr '\0' x
		echo
	done >items
	"$PEXEC" -j1 printf '%s\n' <items >out
	cmp items out
}

@test "-d: items end with a byte, given as itself, by name or by number" {
	gives 'a,b\n' '[a]\n[b\n]' -d , "${show[@]}"
	gives 'a\tb c' '[a]\n[b c]' -d '\t' "${show[@]}"
	gives 'a\nb c' '[a]\n[b c]' -d '\n' "${show[@]}"
	gives 'a\rb\nc' '[a]\n[b\nc]' -d '\r' "${show[@]}"
	gives 'a\0000b0c' '[a]\n[b0c]' -d '\0' "${show[@]}"
	gives 'a\\bxc' '[a]\n[bxc]' -d "\\" "${show[@]}"
	gives 'a\\bxc' '[a]\n[bxc]' -d "\\\\" "${show[@]}"
	gives 'a\x1fb' '[a]\n[b]' -d '\x1f' "${show[@]}"
	gives 'a\x1fb' '[a]\n[b]' --delimiter='\x1F' "${show[@]}"
	gives 'a\0377b\x7fc' '[a]\n[b\x7fc]' -d '\xff' "${show[@]}"
	gives 'anb' '[a]\n[b]' -d n "${show[@]}"
}

@test "-E ends the queue of several files" {
	file one 'a\nSTOP\nb\n'
	file two 'c\n'
	gives '' '[a]' -a one -a two -E STOP "${show[@]}"
}

@test "-a: files in the order given, - for stdin, a last line without newline does not run on" {
	file one 'a\nb'
	file two 'c\n'
	gives 'x\ny' '[c]\n[x]\n[y]\n[a]\n[b]' -a two -a - --arg-file=one "${show[@]}"
	gives 'x\n' '[x]' -a - "${show[@]}"
}

@test "standard input by a name of the system is read, as - is" {
	local name
	for name in /dev/stdin /dev/fd/0; do
		run -0 "$PEXEC" -j1 -a "$name" echo got <<<item
		assert_output 'got item'
		run -0 "$PEXEC" -j1 echo got ::: a :::: "$name" <<<item
		assert_output 'got a item'
	done
	run -1 "$PEXEC" -a - -a /dev/stdin echo <<<item
	assert_output --partial 'named more than once'
	run -0 "$PEXEC" --as parallel echo got :::: /dev/stdin <<<item
	assert_output 'got item'
	run -0 "$PEXEC" --as xargs -a /dev/stdin echo got <<<item
	assert_output 'got item'
}

@test "jobs read /dev/null wherever the items come from, and with --share-stdin pexec's own stdin" {
	file one 'a\n'
	gives 'a\nb\n' '0\n0' sh -c 'wc -c'
	gives 'a' '0' sh -c 'wc -c' :::: -
	gives 'a' '0' sh -c 'wc -c' ::: a :::: -
	gives hello 0 -a one sh -c 'wc -c'
	gives hello 0 sh -c 'wc -c' ::: a
	gives hello 0 sh -c 'wc -c' :::: one
	gives hello 5 --share-stdin -a one sh -c 'wc -c'
	gives hello 5 --share-stdin sh -c 'wc -c' ::: a
	gives hello 5 --share-stdin sh -c 'wc -c' :::: one
}

@test "jobs leave the loop around pexec its lines" {
	file hosts 'a\nb\nc\n'
	while read -r host; do
		"$PEXEC" -c 'cat >/dev/null; echo "$1"' ::: "$host"
	done <hosts >out
	cmp hosts out
}

@test "jobs that read do not wait for an open pipe that is pexec's stdin" {
	mkfifo pipe
	exec 7<>pipe
	printf 'a\n' >items
	prints 'a' timeout 60 "$PEXEC" -c 'cat; echo "$1"' ::: a <&7
	prints 'a' timeout 60 "$PEXEC" -a items -c 'cat; echo "$1"' <&7
	exec 7>&-
}

@test "several ::: give every combination, the last one fastest" {
	gives '' '[a][1][x]\n[a][1][y]\n[a][2][x]\n[a][2][y]\n[b][1][x]\n[b][1][y]\n[b][2][x]\n[b][2][y]' \
		"${show[@]}" ::: a b ::: 1 2 ::: x y
	gives '' '1a\n2a\n1b\n2b' echo '{2}{1}' ::: a b ::: 1 2
}

@test "--link takes the lists side by side, the shorter ones again from their start" {
	gives '' '[a][1][x]\n[b][2][x]\n[c][1][x]' --link "${show[@]}" ::: a b c ::: 1 2 ::: x
	seq 2 >two
	gives 'x\ny\nz\n' '[1][x]\n[2][y]\n[1][z]' --link "${show[@]}" :::: two -
}

@test "a stream combined with a list runs as it arrives" {
	open_queue "$PEXEC" -j1 -a - echo ::: x y
	echo a >&4
	next_output "a x"
	next_output "a y"
	close_queue
}

@test "-C splits items into columns at a regular expression; missing columns are empty" {
	gives 'a\tb c\td\n' '[b c][a][d]' -C '\t' "${show[@]}" '{2}' '{1}' '{3}'
	gives 'a,b.c\n' '[b][b.c]' -C , "${show[@]}" '{2.}' '{-1}'
	gives 'a,b,c\nd\n\n' '[c][c][a][]\n[][d][][]\n[][][][]' -C , "${show[@]}" '{3}' '{-1}' '{-3}' '{4}'
	gives 'a,;b;c\n' '[a][b][c]' --colsep '[,;]+' "${show[@]}" '{1}' '{2}' '{3}'
	gives 'a,,b,\n' '[a][][b][][]' -C , "${show[@]}" '{1}' '{2}' '{3}' '{4}' '{5}'
	gives 'a.b|c\n' '[a][b|c]' -C '\.' "${show[@]}" '{1}' '{2}'
	gives 'a.b|c\n' '[a.b][c]' -C '\x7c' "${show[@]}" '{1}' '{2}'
	gives 'a1b22c\n' '[a][b][c]' -C '[[:digit:]]+' "${show[@]}" '{1}' '{2}' '{3}'
	gives 'abc\n' '[abc][]' -C 'x*' "${show[@]}" '{1}' '{2}'
	gives 'aab\n' '[][ab][]' -C '^a' "${show[@]}" '{1}' '{2}' '{3}'
}

@test "-C leaves {} the whole item, and takes items apart wherever they come from" {
	gives 'a,b\n' '[a,b][b]' -C , "${show[@]}" '{}' '{2}'
	gives '' '[b][a]\n[d][c]' -C , "${show[@]}" '{2}' '{1}' ::: a,b c,d
	gives '' '[1][2][3][4]' -C , "${show[@]}" '{1}' '{2}' '{3}' '{4}' ::: 1,2 ::: 3,4
}

@test "--header: the first line names the columns" {
	gives 'name,size\na.txt,1\nb,2\n' '[1][a.txt][a][b.txt]\n[2][b][b][b.txt]' \
		--header -C , "${show[@]}" '{size}' '{name}' '{name.}' 'b.txt'
	gives 'file\n/a/b.c\n' '[b.c][/a][b][/a/b.c]' --header "${show[@]}" '{file/}' '{file//}' '{file/.}' '{1}'
	gives 'a b,c\n1,2\n' '[1][{x;}][{c ]' --header -C , "${show[@]}" '{a b}' '{x;}' '{c '
}

@test "--header takes a line off every file; the first file's names the columns" {
	file one 'x,y\n1,2\n'
	file two 'p,q\n3,4\n'
	gives '' '[2][{q;}]\n[4][{q;}]' --header -C , -a one -a two "${show[@]}" '{y}' '{q;}'
}

@test "--header: a {name} that no column has is plain text, and named with the names that there are" {
	known='is plain text, as no column has this name; these are the names: {na me} {size}'
	for typed in '{nmae}' '{name}' '{sizes}' '{size.x}' '{Size/}' '{na me2.}' '{_}' '{gr\303\266\303\237e}'; do
		typed=$(printf '%b' "$typed")
		run -0 --separate-stderr "$PEXEC" --header -C , printf '%s|' "x$typed" '{size}' < <(printf 'na me,size\na,1\n')
		assert_output "x$typed|1|"
		[ "$typed" = '{size.x}' ] && expected='' || expected="pexec: $typed $known"
		[[ $stderr == "$expected" || $typed == *[^a-zA-Z{}/._\ 2]* && $stderr == *"$known" ]]
	done
	# In tags as well.
	run -0 --separate-stderr "$PEXEC" --header -C , --tagstring '{nmae}' echo '{size}' < <(printf 'na me,size\na,1\n')
	assert_output $'{nmae}\t1'
	assert_equal "$stderr" "pexec: {nmae} $known"
	# These are no names, or there are none.
	for typed in '{na me}' '{size.}' '${x}' '{print $1}' '{a,b}' '{1..3}' '{ x}' '{}' '{2}' '{-1}' '{#}' '{x' '{x;}'; do
		run -0 --separate-stderr "$PEXEC" --header -C , true "$typed" < <(printf 'na me,size\na,1\n')
		assert_equal "$stderr" ''
	done
	run -0 --separate-stderr "$PEXEC" true '{x}' < <(printf 'a\n')
	assert_equal "$stderr" ''
}

@test "--header: a list of names that is too long for a line of its own is cut" {
	run -0 --separate-stderr "$PEXEC" --header -C , true '{x}' < <(seq -s, 100000 101000)
	[[ $stderr == *'these are the names: {100000} {100001} {'*' ...' ]]
	((${#stderr} < 1300))
}

@test "--header: a byte-order mark is not part of the first name, however it arrives" {
	mark='\357\273\277'
	gives "${mark}x,y\n1,2\n" '[1][2]' --header -C , "${show[@]}" '{x}' '{y}'
	file one "${mark}x\n1\n"
	file two "${mark}y\n2\n"
	gives '' '[1]\n[2]' --header -a one -a two "${show[@]}" '{x}'
	gives '' '[1-2]' --header "${show[@]}" '{x}-{y}' :::: one two
	open_queue "$PEXEC" -j1 --header echo '{x}'
	for byte in '\357' '\273' '\277' x '\n' a '\n'; do
		printf '%b' "$byte" >&4
	done
	next_output a
	close_queue
	# What only begins like one, and one elsewhere, stays.
	gives '\357\273x\n1\n' '[1]' --header "${show[@]}" $'{\357\273x}'
	gives '\357' '' --header "${show[@]}"
	gives "x\n${mark}1\n" '[\357\273\2771]' --header "${show[@]}" '{x}'
	gives "${mark}a\n" '[\357\273\277a]' "${show[@]}"
}

# Fails before anything runs: fails MESSAGE ARGUMENT...
fails() {
	run -1 "$PEXEC" -j1 "${@:2}"
	assert_output "pexec: $1"
}

@test "--csv: quoted fields may have separators, quotes and newlines in them" {
	show_columns=(--csv "${show[@]}" '{1}' '{2}' '{3}')
	gives 'a,b c, d \n' '[a][b c][ d ]' "${show_columns[@]}"
	gives '"a,b","c ""q"" d"\n"1\n\n2",,"\n"\n' '[a,b][c "q" d][]\n[1\n\n2][][\n]' "${show_columns[@]}"
	gives 'a,"b"\r\n"c\r\nd",e\r\nf,\r' '[a][b][]\n[c\r\nd][e][]\n[f][][]' "${show_columns[@]}"
	gives '\357\273\277"a,b",c\n' '[a,b][c][]' "${show_columns[@]}"
	gives ',\n\n""' '[][][]\n[][][]\n[][][]' "${show_columns[@]}"
	gives '"a"",\n"\nb\n' '["a"",\n"]\n[b]' --csv "${show[@]}" '{}'
	gives '"a\nb",1\n\n"c",2' '[a\nb][1][c][2]' --csv -r -n 9 "${show[@]}" '{1}' '{2}' '{3}' '{4}'
}

@test "--csv: the separator is that of --colsep" {
	gives 'a,b;"c;d"\n' '[c;d][a,b]' --csv -C ';' "${show[@]}" '{2}' '{1}'
	gives 'a\t"b\tc"\t \n' '[a][b\tc][ ]' --csv --colsep '\t' "${show[@]}" '{1}' '{2}' '{3}'
	gives 'a|"|"\n' '[|]' --colsep '|' --csv "${show[@]}" '{2}'
	gives ' a , b \n' '[a][b]' --csv --trim lr "${show[@]}" '{1}' '{2}'
	for separator in ab '"' '\n' '\r'; do
		fails '--csv: what -C names has to be one byte, and neither a quote nor the end of a line' --csv -C "$separator" echo
	done
}

@test "--csv --header: the first record names the columns, also in lists" {
	gives '"na ""me""",b\n"1\n2",3\n' '[3][1\n2]' --csv --header "${show[@]}" '{b}' '{na "me"}'
	file one 'x,"y\nz"\n1,"2,3"\n'
	gives '' '[1-2,3]' --csv --header "${show[@]}" '{x}-{2}' :::: one
	gives '' '[1-2,3-p q]' --csv --header "${show[@]}" '{x}-{2}-{w}' :::: one ::: w '"p q"'
	printf 'a"b,c\n1,2\n' >items
	fails 'the header (a"b,c), byte 2: a quote in a field that does not begin with one' --csv --header echo <items
}

@test "--csv: a record that is broken fails, is named with the reason, and the next one runs" {
	printf '%s\n' 'a,b' '"ab"c,d' 'a"b,c' 'e,f' 'g,"open' 'h,i' >items
	for options in -n1 -n3 -X; do
		run -123 --separate-stderr "$PEXEC" -q -j1 --csv $options -a items -c 'printf "<%s>" "$@"' '{}'
		assert_output '<a,b><e,f>'
		[[ ${stderr_lines[0]} == *'("ab"c,d): byte 5 of the record: a field goes on behind its closing quote' ]]
		[[ ${stderr_lines[1]} == *'(a"b,c): byte 2 of the record: a quote in a field that does not begin with one' ]]
		[[ ${stderr_lines[2]} == *'(g,"open\nh,i\n): byte 3 of the record: a quote is not closed' ]]
		assert_equal "${#stderr_lines[@]}" 3
	done
	[[ ${stderr_lines[0]} == 'pexec: job 2 ('* ]]
}

@test "--csv: a record runs when its last line has arrived" {
	open_queue "$PEXEC" -j2 --csv -c 'echo "$1" | tr "\n" .; echo' '{2}'
	printf 'a,"b' >&4
	printf '\nc"' >&4
	printf '\nd,e\n' >&4
	read -r -t "$patience" one <&5
	read -r -t "$patience" two <&5
	assert_equal "$(printf '%s\n' "$one" "$two" | sort)" $'b.c.\ne.'
	close_queue
}

@test "--csv reads what --results writes" {
	printf 'a b,"q""\n",\n' >items
	"$PEXEC" -j1 --csv --results table.csv -a items -c 'printf "%s\n" "$2" "x,y"' '{1}' '{2}'
	gives '' '[a b][q"\n][q"\n\nx,y\n]' --csv --header -a table.csv "${show[@]}" '{V1}' '{V2}' '{Stdout}'
}

@test "--csv: a command's records, and what it has no place with" {
	run -0 "$PEXEC" -j1 --csv --source 'printf "\"a\nb\",c\n"' echo '{2}'
	assert_output c
	fails '--csv: a record ends with a newline' --csv -0 echo
	fails '--csv: a record ends with a newline' --csv -d , echo
	fails '--follow takes every line for an item, and a record of --csv may have several' --csv --follow -a items echo
}

@test ":::+ goes with :::: files, --shuf, -a and a :::+ that is empty" {
	file one 'a\nb\nc\n'
	# shellcheck disable=SC2154 # run sets lines
	run -0 "$PEXEC" -j1 --shuf echo '{1}{2}{3}' ::: a b :::+ 1 2 ::: x y
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort | tr '\n' ' ')" 'a1x a1y b2x b2y '
	gives 'p\nq\n' '[p][a][1]\n[p][b][2]\n[q][a][1]\n[q][b][2]' -a - "${show[@]}" ::: a b :::+ 1 2
	run -0 "$PEXEC" -j1 echo ::: a b :::+
	assert_output 'pexec: list 2 has no items: there is no combination, and nothing is run'
	fails '::::+ needs the name of a file' echo ::: a ::::+
	fails ':::+ is about the list of ::: or :::: before it, and there is none' -a one echo :::+ a
	# The share of a list whose length is known.
	run -125 --separate-stderr "$PEXEC" -q -j1 --halt soon,fail=50% -c 'echo "$1"; exit 1' '{1}' ::: a b :::+ 1 2 3 ::: x y
	assert_output $'a\na'
}

@test "--header: a file without a line does not take the names away" {
	: >empty
	file one 'x\n1\n'
	gives '' '[1]' --header -a empty -a one "${show[@]}" '{x}'
}

@test "--header: the first item of each ::: and :::: list is its name" {
	file one 'file\nf\ng\n'
	gives '' '[1][a]\n[2][a]\n[1][b]\n[2][b]' --header "${show[@]}" '{n}' '{l}' ::: l a b ::: n 1 2
	gives '' '[f][1]\n[g][1]' --header "${show[@]}" '{file}' '{n}' :::: one ::: n 1
	gives '' '[a][1]\n[b][2]' --header --link "${show[@]}" ::: l a b ::: n 1 2
}

@test "--shuf leaves the header and --skip alone" {
	gives 'x\n1\n' '[1]' --shuf --header "${show[@]}" '{x}'
	gives '1\n1\n1\n' '[1]' --shuf --skip 2 "${show[@]}"
}

@test "--skip leaves out the first items, over files and combinations; jobs are numbered behind it" {
	file one 'a\nb\n'
	file two 'c\nd\n'
	gives '' '[d][1]' --skip 3 -a one -a two "${show[@]}" '{}' '{#}'
	gives '' '[b][2][1]' --skip 3 "${show[@]}" '{1}' '{2}' '{#}' ::: a b ::: 1 2
	gives 'a\nb\n' '[a]\n[b]' --skip 0 "${show[@]}"
	gives 'a\nb\n' '' --skip 2 "${show[@]}"
	gives 'a\nb\n' '' --skip 3 "${show[@]}"
	gives 'h\na\nb\n' '[b]' --header --skip 1 "${show[@]}"
}

@test "--shuf --skip leaves out the first items as they come, and shuffles the rest" {
	for _ in 1 2 3; do
		run -0 "$PEXEC" -j1 --shuf --skip 2 echo ::: x y a b
		assert_equal "$(sort <<<"$output")" $'a\nb'
		run -0 "$PEXEC" -j1 --shuf --skip 2 echo ::: x a ::: 1 2
		assert_equal "$(sort <<<"$output")" $'a 1\na 2'
	done
	gives 'a\nb\n' '' --shuf --skip 3 "${show[@]}"
}

@test "-r leaves out empty items, and those that --trim makes empty" {
	gives 'a\n\nb\n\n' '[a]\n[b]' -r "${show[@]}"
	gives 'a\n \nb\n' '[a]\n[ ]\n[b]' -r "${show[@]}"
	gives 'a\n \nb\n' '[a]\n[b]' --no-run-if-empty --trim lr "${show[@]}"
	gives 'a\n\nb\n' '[a][b]' -r -n 2 "${show[@]}"
}

@test "-r and -E hold for the items of a list too, and its header is split by --colsep" {
	run -0 "$PEXEC" -j1 -r echo ::: a '' b
	assert_output $'a\nb'
	run -0 "$PEXEC" -j1 -E c echo ::: a b c d
	assert_output $'a\nb'
	run -0 "$PEXEC" --header -C , echo '{two} {one}' ::: one,two 1,2
	assert_output '2 1'
}
