#!/usr/bin/env bats
# From an item to a command: placeholders, batches, scripts, and commands in print.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # run --separate-stderr sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/items

# pexec prints OUTPUT (for printf %b): gives OUTPUT ARGUMENT...
gives() {
	prints "$1" "$PEXEC" -j1 "${@:2}"
}

@test "{#} counts the jobs from 1, {%} is the slot, and the job's environment has both" {
	gives '[1 1 a 1 1 1]\n[2 1 b 2 1 1]' \
		sh -c 'echo "[$0 $PEXEC_SEQ $PEXEC_SLOT $PEXEC_ATTEMPT]"' '{#} {%} {}' ::: a b
	run "$PEXEC" -j2 sh -c '[ "$0" = "$PEXEC_SLOT:$PEXEC_SEQ" ] || echo "$0"' '{%}:{#}' ::: {1..20}
	assert_success
	refute_output
}

@test "what is put in is text: placeholders in an item are not looked at" {
	gives '[{}][1]\n[{#}{%}][2]\n[{1}{.}][3]\n[{/}{//}][4]' \
		"${show[@]}" '{}' '{#}' ::: '{}' '{#}{%}' '{1}{.}' '{/}{//}'
	gives '[{2}][{1}]' "${show[@]}" '{1}' '{2}' ::: '{2}' ::: '{1}'
	gives '[{x}]' --header "${show[@]}" '{x}' ::: x '{x}'
}

@test "what only looks like a placeholder is text" {
	gives '[{0}][{x}][{ }][{][}][}{][{-}][{1x}][{..}][{///}][{+1}][{##}][a]' \
		"${show[@]}" '{0}' '{x}' '{ }' '{' '}' '}{' '{-}' '{1x}' '{..}' '{///}' '{+1}' '{##}' ::: a
}

@test "{N} is the N-th list, from the end when negative, with parts; one that is not there is empty" {
	gives '[/d/b.c][a][b.c][b][/d][/d/b]' "${show[@]}" '{2}' '{1}' '{2/}' '{-1/.}' '{2//}' '{2.}' ::: a ::: /d/b.c
	gives '[][][a][][]' "${show[@]}" '{3}' '{-3}' '{-2}' '{99999999999999999999}' '{-99999999999999999999}' ::: a ::: b
}

@test "several lists: {} is each value as a word of its own" {
	gives '[a][1]\n[a][2]' "${show[@]}" ::: a ::: 1 2
	gives '[xay][x1y][z]' "${show[@]}" 'x{}y' z ::: a ::: 1
}

@test "-n N: N items a job, the last one gets the rest; a word with {} is repeated" {
	gives '[1][2]\n[3][4]\n[5]' -n 2 "${show[@]}" ::: {1..5}
	gives '[1][2][3]' -n 3 "${show[@]}" ::: 1 2 3
	gives '[1][2]' --max-args 100 "${show[@]}" ::: 1 2
	gives '[-x1-][-x2-][e]\n[-x3-][e]' -n 2 "${show[@]}" '-x{}-' e ::: 1 2 3
	gives '[1][2][1.2][0 1]\n[3][3.][0 2]' -n 2 "${show[@]}" '{}' '{1}.{2}' '0 {#}' ::: 1 2 3
}

@test "-X: as many items a job as fit into -s bytes, each word with its NUL" {
	gives '[1][2][3]' -X "${show[@]}" ::: 1 2 3
	gives 'aa bb\ncc dd\ne' -X -s 11 echo ::: aa bb cc dd e
	gives 'aa\nbb\ncc d\nd' -X -s 10 echo ::: aa bb cc d d
	gives 'aa\nbb' --fill --max-chars=8 echo ::: aa bb
	gives 'x.aa x.bb e\nx.cc e' -X -s 17 echo 'x.{}' e ::: aa bb cc
	gives 'x.aa e\nx.bb e\nx.cc e' -X -s 16 echo 'x.{}' e ::: aa bb cc
	gives 'aaaa bb\ncc' -X -s 13 echo '{}{}' ::: aa b c
	gives 'aaaa\nbb cc' -X -s 12 echo '{}{}' ::: aa b c
}

@test "columns that are appended count as words of a batch, however many there are" {
	yes ,,,,,,,,, | head -n 20000 >items
	for options in -X '-n 20000' '-n 3000'; do
		# shellcheck disable=SC2086 # an option and its argument
		"$PEXEC" -j1 $options -C , -a items -c 'echo $#' >counts
		assert_equal "$(awk '{ all += $1 } END { print all }' counts)" 200000
		(
			ulimit -s 512
			# shellcheck disable=SC2086 # an option and its argument
			"$PEXEC" -j1 $options -C , -a items -c 'echo $#' >counts
			assert_equal "$(awk '{ all += $1 } END { print all }' counts)" 200000
		)
	done
	gives 'a b c' -X -s 11 -C , echo ::: a,b c
	gives 'a b\nc' -X -s 10 -C , echo ::: a,b c
}

@test "-X fills every command line to the last byte that fits: -s, or 128 KiB" {
	seq 60000 >items
	"$PEXEC" -j1 -X echo <items >out
	full_lines 131072 out
	tr ' ' '\n' <out | cmp - items
	"$PEXEC" -j1 -X -s 10k echo <items >out
	full_lines 10240 out
	tr ' ' '\n' <out | cmp - items
}

@test "-s counts the digits of {#}, and five bytes for {%}" {
	gives '1' -s 7 echo '{#}' ::: 1
	run -123 "$PEXEC" -s 6 echo '{#}' ::: 1
	seq 12 >items
	gives '1 1 2\n2 3 4\n3 5 6\n4 7 8\n5 9\n6 10\n7 11\n8 12' -X -s 11 -a items echo '{#}' '{}'
	gives '1a 1b\n2c' -X -s 13 echo '{#}{}' ::: a b c
	# The tenth job has a digit more.
	gives "$(seq 9 | sed 's/.*/& a a/')\n10 a\n11 a" -X -s 11 -a <(yes a | head -n 20) echo '{#}' '{}'
	gives '1' -s 11 echo '{%}' ::: 1
	run -123 "$PEXEC" -s 10 echo '{%}' ::: 1
}

@test "an item that does not fit into -s bytes fails, and no other" {
	for batch in -X '-n 2' '-n 1'; do
		# shellcheck disable=SC2086 # an option and its argument
		run -123 --separate-stderr "$PEXEC" -j1 $batch -s 9 echo ::: 1 toolong 2
		assert_output $'1\n2'
		assert_equal "$stderr" \
			'pexec: job 2 (toolong): item of 7 bytes does not fit into a command line of 9'
	done
}

@test "of a byte that does not fit is said so" {
	run -123 "$PEXEC" -s 6 echo ::: 1
	assert_output 'pexec: job 1 (1): item of 1 byte does not fit into a command line of 6'
}

@test "-x: an item that does not fit ends the run with status 125, after what came before it" {
	run -125 --separate-stderr "$PEXEC" -j1 -x -s 10 echo ::: a bb toolong c
	assert_output $'a\nbb'
	assert_equal "$stderr" "pexec: job 3: no room for 'toolong' in the command line; -x ends the run"
	run -125 "$PEXEC" -j1 -x -X -s 10 echo ::: toolong c
	assert_output "pexec: job 1: no room for 'toolong' in the command line; -x ends the run"
}

@test "-x: N items that do not fit together end a run with -n N, as with xargs" {
	run -125 --separate-stderr "$PEXEC" -j1 -x -n 2 -s 11 echo ::: aa bb ccc dd e
	assert_output 'aa bb'
	assert_equal "$stderr" "pexec: job 2: no room for 'dd' in the command line; -x ends the run"
}

@test "-x: also for what the system does not take as one argument" {
	for bytes in 200000 3000000; do
		{ echo a && head -c $bytes /dev/zero | tr '\0' x && printf '\nb\n'; } >items
		run -125 --separate-stderr "$PEXEC" -j1 -x -a items printf '%.5s\n'
		assert_output a
	done
}

@test "-c: the item is \$1 of a script, whatever is in it, and \$0 is pexec" {
	gives '[it'\''s][sh]\n["q"][sh]\n[$(echo x)][sh]\n[-n][sh]\n[a  b][sh]\n[`x`;|&*][sh]' \
		-c 'printf "[%s][%s]\n" "$1" "$0"' ::: "it's" '"q"' '$(echo x)' -n 'a  b' '`x`;|&*'
}

@test "-c: the script is no template, what follows it is" {
	gives '{} {#} a' -c 'echo "{} {#}" $1' ::: a
	gives '[x][a][1]' -c 'printf "[%s]" "$@"; echo' x '{}' '{#}' ::: a
	gives '[1][2]\n[3]' -n 2 --script 'printf "[%s]" "$@"; echo' ::: 1 2 3
	gives '[a][b]' -C , -c 'printf "[%s]" "$@"; echo' '{1}' '{2}' ::: a,b
}

@test "-c: a script that begins with a dash or a plus is no option of sh" {
	run "$PEXEC" -c '-x; echo "$1"' ::: a
	assert_line a
	run "$PEXEC" -c '+x; echo "$1"' ::: a
	assert_line a
}

@test "no command: each line is a shell command, read by sh as it stands" {
	run "$PEXEC" -j1 <<-'END'
		echo "a  b" | tr a c
		printf '%s\n' {} {#} '$x'

		exit 0; echo no
		-no-such-option || echo "$0"
	END
	assert_success
	assert_line --index 0 'c  b'
	assert_line --index 1 '{}'
	assert_line --index 2 '{#}'
	assert_line --index 3 '$x'
	assert_line --index 4 'sh'
	gives 'a\nb' ::: 'echo a' 'echo b'
}

@test "no command: the values of several lists, or the columns, are its words" {
	gives 'a\nb' ::: echo ::: a b
	gives '1 x\n2 x\n1 y\n2 y' --link ::: 'echo 1' 'echo 2' 'echo 1' 'echo 2' ::: x x y y
	gives 'a b\nx' -C , ::: 'echo,a , b' "printf,'%s\\n',x"
	gives 'a' -s 16 ::: echo ::: a
	run -123 "$PEXEC" -s 15 ::: echo ::: a
	gives "sh -c -- 'echo a'" --dry-run ::: echo ::: a
	printf 'echo\nprintf %%s\n' >commands
	gives 'a\nb\nab' -a commands ::: a b
}

@test "no command: several items a job are refused, as only one of them would run" {
	for batch in '-n 2' '-L 3' -X; do
		# shellcheck disable=SC2086 # an option and its argument
		run -1 "$PEXEC" $batch ::: 'touch a' 'touch b'
		assert_output "pexec: -n and -X put several items into one command: without a command each item is one itself"
	done
	[ ! -e a ] && [ ! -e b ]
	gives 'a\nb' -n 1 ::: 'echo a' 'echo b'
}

@test "--dry-run prints the commands in order and runs none, not even looks for them" {
	gives "./missing 1 -x\n./missing 2 -x" -j8 --dry-run ./missing '{}' -x ::: 1 2
	gives "touch ran" --dry-run touch ::: ran
	[ ! -e ran ]
	gives "sh -c 'echo \$1' sh 'a b'" --dry-run -c 'echo $1' ::: 'a b'
	gives "sh -c -- 'echo a'" --dry-run ::: 'echo a'
	gives "echo a 1\necho b 1" --dry-run echo '{}' '{%}' ::: a b
}

@test "-c: an error in the script is the shell's, and does not look like one of pexec" {
	run -123 --separate-stderr "$PEXEC" -q -c '$1' ::: ./nosuch
	assert_regex "$stderr" '^sh: .*nosuch: not found$'
	gives '[sh][a]' -c 'printf "[%s]" "$0" "$@"; echo' ::: a
}

@test "--dry-run quotes only what needs it" {
	gives "echo a-b_c.d/e:f,g@h%i+j=k1" --dry-run echo ::: a-b_c.d/e:f,g@h%i+j=k1
	gives "echo '' 'a b' 'it'\\\\''s' '~' '\$x'" --dry-run echo '' 'a b' "it's" '~' ::: '$x'
}

@test "a shell reads back what --dry-run prints, exactly" {
	awkward_items >items
	"$PEXEC" -0 --dry-run printf '%s\0' <items >script
	for shell in sh bash; do
		$shell script >back
		cmp items back
	done
}

@test "a shell reads the command's name back, also where it looks like syntax" {
	mkdir bin
	printf '#!/bin/sh\nprintf "[%%s]\\n" "${0##*/}"\n' >show
	chmod +x show
	cat >names <<-'END'
		a=b
		if
		then
		{
		}
		!
		[[
		~
		case
		function
		while
		a b
		#x
		it's
		$x
		*
		$'\n'
		+a
		@a
	END
	while read -r name; do
		ln -s ../show "bin/$name"
	done <names
	"$PEXEC" --dry-run '{}' <names >script
	for shell in sh bash; do
		PATH=$PWD/bin:/usr/bin:/bin $shell script >back
		sed 's/.*/[&]/' names | cmp - back
	done
}

@test "a NUL in an item fails that item, by number and with the reason, and no other" {
	printf 'a\nb\0c\nd\n' >items
	run -123 --separate-stderr "$PEXEC" -j1 -a items echo
	assert_output $'a\nd'
	assert_equal "$stderr" 'pexec: job 2 (b\0c): item of 3 bytes has a NUL byte in it, which no argument can have'
	run -123 --separate-stderr "$PEXEC" -j1 -n 3 -a items echo
	assert_output $'a\nd'
	assert_equal "$stderr" 'pexec: job 2 (b\0c): item of 3 bytes has a NUL byte in it, which no argument can have'
}

@test "what comes behind a line of 3,000,000 bytes comes, and once, also in batches" {
	{ echo a && x 3000000 && printf '\nb\nc\nd\n'; } >items
	for batch in -X '-n 2' '-n 3'; do
		# shellcheck disable=SC2086 # an option and its argument
		# It once never came to an end.
		run bash -c 'timeout 20 "$@" 2>&1 | head -n 9; echo "${PIPESTATUS[0]}"' bash \
			"$PEXEC" -j1 $batch -k -a items printf '%s\n'
		assert_equal "${#lines[@]}" 6
		assert_regex "$output" $'^a\npexec: job 2 \\(x{63}\\.\\.\\.\\): argument of 3000000 bytes [^\n]*\nb\nc\nd\n123$'
	done
}

@test "the longest item that the system takes as an argument arrives" {
	x 131071 | "$PEXEC" printf '%s' | cmp - <(x 131071)
}

@test "a batch counts every word and column that its items become" {
	seq 150000 | "$PEXEC" -j1 -n 150000 true {} {}
	seq -f "%.0f $(x 30)" 60000 | "$PEXEC" -j1 -n 60000 -C , true '{}{1}'
	# The directory of nothing is longer than nothing.
	head -c 240000 /dev/zero | "$PEXEC" -j1 -0 -n 240000 true '{//}'
}

@test "columns that may be too long for a batch keep no item from being a job of its own" {
	x 30000 >item
	run "$PEXEC" -j1 -X -C , -c 'echo ${#1} ${#2}' '{1}{2}{3}{4}{5}' {} ::: "$(<item),b" "$(<item)"
	assert_success
	assert_output $'30001 30002\n30000 30000'
}
