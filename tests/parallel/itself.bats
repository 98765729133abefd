#!/usr/bin/env bats
# All rules of parallel: a shell reads the command, lists, placeholders, what is shown and recorded; and sem.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # the arrays are set in originals.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals

@test "the words of the command are joined, and read by a shell" {
	run -0 "${parallel_itself[@]}" -k 'echo {} | tr a-z A-Z; echo "<$(echo {})>"' ::: a 'b c'
	assert_output $'A\n<a>\nB C\n<b c>'
	run -0 "${parallel_itself[@]}" -k echo {} '|' wc -w ::: 'a b'
	assert_output 2
}

@test "exported functions are commands" {
	f() { echo "<$1>"; }
	export -f f
	PARALLEL_SHELL=$BASH run -0 "${parallel_itself[@]}" -k f ::: a 'b  c'
	assert_output $'<a>\n<b  c>'
}

@test "several values stand side by side; -X repeats the word around them" {
	run -0 "${parallel_itself[@]}" -k -n2 echo '[{}]' ::: 1 2 3
	assert_output $'[1 2]\n[3]'
	for option in -n2 -l2 '-L2 -m' '-L2 --xargs'; do
		# shellcheck disable=SC2086 # several words
		run -0 "${parallel_itself[@]}" -k $option echo 'x{}y' ::: 1 2 3
		assert_output $'x1 2y\nx3y'
	done
	for option in -N2 -L2 '-n2 -X' '-N2 -m'; do
		# shellcheck disable=SC2086 # several words
		run -0 "${parallel_itself[@]}" -k $option echo 'x{}y' ::: 1 2 3
		assert_output $'x1y x2y\nx3y'
	done
	run -0 "${parallel_itself[@]}" -j1 -X echo 'a{}b' ::: 1 2
	assert_output 'a1b a2b'
	run -0 "${parallel_itself[@]}" -j1 -m echo 'a{}b' ::: 1 2
	assert_output 'a1 2b'
}

@test "columns are arguments of their own" {
	run -0 "${parallel_itself[@]}" --colsep , printf "'[%s]'" ::: a,b
	assert_output '[a][b]'
}

@test "a value has several lines, unless -0" {
	run -0 "${parallel_itself[@]}" -k echo x ::: $'a\nb'
	assert_output $'x a\nx b'
	run -0 "${parallel_itself[@]}" -0 echo x ::: $'a\nb'
	assert_output $'x a\nb'
}

@test "several -a are lists; :::+ stands side by side" {
	printf '%s\n' a b >first
	printf '%s\n' 1 2 >second
	run -0 "${parallel_itself[@]}" -k -a first -a second echo
	assert_output $'a 1\na 2\nb 1\nb 2'
	run -0 "${parallel_itself[@]}" -k echo :::: first :::+ x y
	assert_output $'a x\nb y'
}

@test "a command that a placeholder names is text, as lines are" {
	run -0 "${parallel_itself[@]}" -k '{} 2>&1' ::: 'echo a' 'echo b >&2'
	assert_output $'a\nb'
}

@test "--plus: parts of a value" {
	run -0 "${parallel_itself[@]}" --plus echo '{..} {+..} {%.gz} {/a/b} {^.} {:2}' ::: d/a.tar.gz
	assert_output 'd/a tar.gz d/a.tar d/b.tar.gz D/a.tar.gz a.tar.gz'
	run -0 "${parallel_itself[@]}" -k --plus echo '{0#}/{##}' ::: $(seq 10)
	assert_line 01/10
}

@test "other placeholders: the longest name counts" {
	run -0 "${parallel_itself[@]}" --bnr ,b --dnr ,d --bner ,be echo ,b ,d ,be ::: x/y.z
	assert_output 'y.z x y'
}

@test "--plus: {uniq} and {choose_k} leave jobs out" {
	run -2 "${parallel_itself[@]}" -j1 --plus --joblog log echo '{uniq}' ::: a b ::: a b
	assert_output $'a b\nb a'
	assert_equal "$(cut -f 1,7 log | tr '\t\n' '= ')" 'Seq=Exitval 1=-2 2=0 3=0 4=-2 '
	run -6 "${parallel_itself[@]}" -k --plus echo '{choose_k} {2}' ::: A B C ::: A B C
	assert_output $'A B B\nA C C\nB C C'
	run -1 "${parallel_itself[@]}" -k --plus -N2 echo '{uniq}' ::: A A B C A
	assert_output $'B C\nA'
	run -1 "${parallel_itself[@]}" -k --plus --dry-run echo '{choose_k}' ::: A ::: A
	assert_output 'echo A A'
	run -0 "${parallel_itself[@]}" -k echo '{uniq}' ::: A ::: A
	assert_output '{uniq} A A'
}

@test "--plus: two marks and nothing else are one mark and an expression" {
	run -0 "${parallel_itself[@]}" --plus echo '{^^} {,,} {%%} {slot}' ::: ',a%'
	assert_output ',a% ,a% ,a 1'
}

@test "--dry-run, -v and -t show the command as it was typed, with quoted values" {
	run -0 "${parallel_itself[@]}" --dry-run 'cat {} >{}.n' ::: 'a b'
	assert_output "cat 'a b' >'a b'.n"
	run -0 "${parallel_itself[@]}" -k -v echo ::: "it's"
	assert_output "echo 'it'\"'\"'s'"$'\n'"it's"
}

@test "-q: no shell reads the words" {
	run -0 "${parallel_itself[@]}" -q printf '<%s>;' '$x' ::: 'a  b'
	assert_output '<$x>;<a  b>;'
}

@test "the exit status counts the jobs that have failed" {
	run -3 "${parallel_itself[@]}" exit ::: 1 0 2 3
	run -101 "${parallel_itself[@]}" -j4 false ::: $(seq 110)
	run -7 "${parallel_itself[@]}" -j1 --halt now,fail=1 exit ::: 0 7 1
	run -50 "${parallel_itself[@]}" -j1 --halt now,fail=50% exit ::: 0 1 1 1
	run -255 "${parallel_itself[@]}" --no-such-option echo ::: a
	run -255 "${parallel_itself[@]}" echo :::: no-such-file
}

@test "--results: the files have the names of the values" {
	"${parallel_itself[@]}" --results out 'echo {1}; echo {2} >&2' ::: a ::: b/c
	assert_equal "$(cat out/1/a/2/'b\_c'/stdout out/1/a/2/'b\_c'/stderr out/1/a/2/'b\_c'/seq)" $'a\nb/c\n1'
	"${parallel_itself[@]}" --results 'log/{}.txt' echo ::: a
	assert_equal "$(cat log/a.txt)" a
}

@test "--joblog +FILE adds to it, and --resume goes by numbers" {
	"${parallel_itself[@]}" -j1 --joblog log echo ::: a
	run -0 "${parallel_itself[@]}" -j1 --joblog log --resume echo again ::: a b
	assert_output 'again b'
	"${parallel_itself[@]}" -j1 --joblog +log true ::: c
	assert_equal "$(cut -f 1,9 log | tr '\t\n' '= ')" 'Seq=Command 1=echo a 2=echo again b 1=true c '
}

@test "--retry-failed without a journal runs all" {
	run -0 "${parallel_itself[@]}" -k --joblog new --retry-failed echo ::: a b
	assert_output $'a\nb'
	run -0 "${parallel_itself[@]}" --joblog new --retry-failed echo ::: a b
	refute_output
}

@test "--retry-failed runs the commands that the journal has" {
	run -2 "${parallel_itself[@]}" -j1 --joblog log 'echo {}; [ {} = 1 ] || exit 1; : {#}' ::: 1 2 3
	assert_output $'1\n2\n3'
	sed 's/exit 1/exit 0/' log >mended
	run -0 "${parallel_itself[@]}" -j1 --joblog mended --retry-failed </dev/null
	assert_output $'2\n3'
	run -2 "${parallel_itself[@]}" -j1 --joblog log --retry-failed echo other ::: a b c d
	assert_output $'2\n3'
	assert_equal "$(cut -f 1,7 log | tr '\t\n' '= ')" 'Seq=Exitval 1=0 2=1 3=1 2=1 3=1 '
	run -0 "${parallel_itself[@]}" -j1 --joblog mended --retry-failed </dev/null
	assert_output ''
}

@test "--ctag, --color and --color-failed: jobs have colours" {
	local reset=$'\e[m' seq color
	run -0 "${parallel_itself[@]}" -k --ctag echo ::: {1..12}
	seq=0
	for color in 134 021 243 149 102 231 203 078 073 208 167 006; do
		seq=$((seq + 1))
		assert_line --index $((seq - 1)) --regexp "^.\[48;5;$color;38;5;(000|231)m.\[K$seq"$'\t'"$seq.\[m\$"
	done
	run -0 "${parallel_itself[@]}" --color 'printf "a\n\nb\n"; :' ::: a
	color=$'\e[48;5;134;38;5;231m\e[K'
	assert_output "${color}a$reset"$'\n'"$color$reset"$'\n'"${color}b$reset"
	run -1 "${parallel_itself[@]}" -k --color-failed --tag 'echo {}; exit {}' ::: 0 1
	color=$'\e[48;5;196;38;5;231m\e[K'
	assert_output $'0\t0\n'"${color}1"$'\t'"1$reset"
}

@test "--workdir is made, and may differ from job to job" {
	run -0 "${parallel_itself[@]}" -k --wd 'new/{}' 'basename $PWD; : ' ::: a b
	assert_output $'a\nb'
}

@test "jobs know their numbers" {
	run -0 "${parallel_itself[@]}" -j1 -k 'echo $PARALLEL_SEQ $PARALLEL_JOBSLOT; :' ::: a b
	assert_output $'1 1\n2 1'
}

@test "sem: a command waits for those with its name, and goes on in the background" {
	"${sem[@]}" --id "$PWD" 'sleep 0.3; echo first >>said'
	"${sem[@]}" --id "$PWD" 'echo second >>said'
	"${sem[@]}" --wait --id "$PWD"
	assert_equal "$(cat said)" $'first\nsecond'
	run -3 "${sem[@]}" --fg --id "$PWD" 'exit 3'
}

@test "sem: the command has all that a job of a run has" {
	run -255 "${sem[@]}" --fg --id "$PWD" --timeout 0.3 'sleep 100; :'
	run -137 "${sem[@]}" --fg --id "$PWD" 'kill -9 $$'
	run -0 "${sem[@]}" --fg --id "$PWD" cat <<<'from stdin'
	assert_output 'from stdin'
	echo 'from a file' >input
	run -0 "${sem[@]}" --fg --id "$PWD" -a input cat
	assert_output 'from a file'
	run -0 "${sem[@]}" --fg --id "$PWD" --tagstring T echo a
	assert_output $'T\ta'
	run -2 "${sem[@]}" --fg --id "$PWD" --joblog log 'exit 2'
	assert_equal "$(cut -f 1,7 log)" $'Seq\tExitval\n1\t2'
	run -0 "${parallel_itself[@]}" --fg --id "$PWD" echo a
	assert_output a
}

@test "sem: without a name and a terminal all have the same one" {
	"${sem[@]}" 'until [ -e go ]; do sleep 0.1; done; echo first >>said' </dev/null
	(sleep 0.2 && touch go) &
	(cd / && "${sem[@]}" --wait </dev/null)
	assert_equal "$(cat said)" first
}

@test "sem: a unit is taken until the output of its command has been passed on" {
	mkfifo slow
	exec 5<>slow
	"${sem[@]}" --id "$PWD" 'head -c 5000000 /dev/zero; touch ended' >slow 3>&-
	wait_until [ -e ended ]
	run ! "${sem[@]}" --fg --id "$PWD" --st -1 'echo no'
	refute_line no
	head -c 5000000 <&5 >taken
	"${sem[@]}" --wait --id "$PWD"
	exec 5>&-
}

@test "sem --st: gives up, or runs without a unit" {
	"${sem[@]}" --id "$PWD" 'until [ -e go ]; do sleep 0.1; done'
	run ! "${sem[@]}" --fg --id "$PWD" --st -1 'echo no'
	refute_line no
	run -0 "${sem[@]}" --fg --id "$PWD" --st 1 'echo yes'
	assert_line yes
	touch go
	"${sem[@]}" --wait --id "$PWD"
}

# Its own call, in Debian's version and in later ones: the options of the tests are one word.
@test "what bats calls runs one file of tests a job, and stops when it is told to" {
	cat >exec-file <<'EOF'
#!/bin/bash
printf '<%s>' "$@"
echo
[ "${*: -2:1}" != bad.bats ]
EOF
	chmod +x exec-file
	touch list
	flags=$(printf '%q ' -T --filter 'x  y')
	run -1 "${parallel_itself[@]}" --keep-order --jobs 4 ./exec-file "$flags" {} list ::: 'a b.bats' bad.bats "it's.bats"
	assert_output $'<-T><--filter><x  y><a b.bats><list>\n<-T><--filter><x  y><bad.bats><list>\n<-T><--filter><x  y><it\'s.bats><list>'
	printf '%s\n' 'a b.bats' bad.bats "it's.bats" >files
	run -1 --separate-stderr "${parallel_itself[@]}" --keep-order --jobs 1 --halt now,fail=1 -- ./exec-file "$flags" '{#}' '{}' list <files
	assert_output $'<-T><--filter><x  y><1><a b.bats><list>\n<-T><--filter><x  y><2><bad.bats><list>'
}

@test "bats --jobs: the same as without it" {
	mkdir suite links
	printf '@test "%s" { %s; }\n' one true two 'echo seen; false' >suite/a.bats
	printf '@test "%s" { %s; }\n' three skip "it's four" 'echo "# told" >&3' >'suite/b c.bats'
	printf 'setup_file() { false; }\n@test "%s" { %s; }\n' five true >suite/d.bats
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$(command -v "${parallel_itself[0]}")" "${parallel_itself[*]:1}" >links/parallel
	chmod +x links/parallel
	# This bats has put a folder of its own in front.
	path=$(tr : '\n' <<<"$PATH" | grep -v /bats-core$ | paste -sd :)
	env -i HOME="$HOME" PATH="$path" bats suite >expected || true
	run -1 env -i HOME="$HOME" PATH="$PWD/links:$path" bats --jobs 4 suite
	assert_output "$(cat expected)"
}

@test "a list or column that is not there is no word; one that is empty is an empty word" {
	run -0 "${parallel_itself[@]}" -k printf "'[%s]'" '{1} {3} x{3}y "{3}" {2}' ::: a ::: ''
	assert_output '[a][xy][][]'
	run -0 "${parallel_itself[@]}" -k --dry-run echo '{1} {3} x{3}y "{3}" {2} end' ::: a ::: ''
	assert_output $'echo a  xy "" \'\' end'
	run -0 "${parallel_itself[@]}" -k -N2 printf "'[%s]'" '{1} {2} end' ::: a b c
	assert_output '[a][b][end][c][end]'
	run -0 "${parallel_itself[@]}" --colsep , "set -- {2} {-1} {3}; echo \$#" ::: a,b
	assert_output 2
}

@test "-d: a delimiter may have several bytes" {
	seq 30000 | sed 's/$/\r/' >items
	"${parallel_itself[@]}" -X -j1 -d '\r\n' echo <items | tr ' ' '\n' >out
	seq 30000 | cmp - out
	run -0 "${parallel_itself[@]}" -k -d '\r\n' printf "'[%s]'" < <(printf 'a\r\nb\n\r\r\nc\r')
	assert_output $'[a][b\n\r][c\r]'
	run -0 "${parallel_itself[@]}" -k -d -- echo x ::: a--b-c
	assert_output $'x a\nx b-c'
}

@test "-L: a line that ends with a blank goes on" {
	run -0 "${parallel_itself[@]}" -k -L1 echo < <(printf 'a \nb\nc\t\n\nd\ne')
	assert_output $'a b\nc\td\ne'
	run -0 "${parallel_itself[@]}" -k -L2 echo < <(printf 'a \nb\nc\nd\n')
	assert_output $'a b c\nd'
}

@test "-l: the number may be left out; the word behind it is then the command" {
	run -0 "${parallel_itself[@]}" -k -l 2 echo ::: a b c
	assert_output $'a b\nc'
	run -0 "${parallel_itself[@]}" -k -l echo ::: a b
	assert_output $'a\nb'
}

@test "-s is about the command as it is shown" {
	for given in "18 echo a{}" "35 echo a{} b{}" "24 echo 'a'{}" "14 echo {}"; do
		# shellcheck disable=SC2086 # a number, and the command
		seq 3000 | "${parallel_itself[@]}" -j1 -X -s 1000 "${given#* }" >got
		assert_equal "${given%% *} $(wc -l <got)" "${given%% *} ${given%% *}"
	done
	printf '%s\n' 1 2 3 >three
	run -0 "${parallel_itself[@]}" -j1 -X -s 17 echo 'a{}b' <three
	assert_output 'a1b a2b a3b'
	run -0 "${parallel_itself[@]}" -j1 -X -s 16 echo 'a{}b' <three
	assert_output $'a1b a2b\na3b'
	run -0 "${parallel_itself[@]}" -j1 -X -s 9 echo 'a{}b' <three
	assert_output $'a1b\na2b\na3b'
	# The quotes of a value count.
	run -0 "${parallel_itself[@]}" -j1 -X -s 15 echo ::: 'a b' 'c d'
	assert_output $'a b\nc d'
	run -0 "${parallel_itself[@]}" -j1 -X -s 17 echo ::: 'a b' 'c d'
	assert_output 'a b c d'
}

@test "-s: an item that fits into no command line ends the run with 255" {
	run -255 "${parallel_itself[@]}" -k -j1 -s 20 echo ::: a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b
	refute_line b
	run -255 "${parallel_itself[@]}" -s 2 echo ::: a
	run -0 "${parallel_itself[@]}" -j1 -N3 -s 10 echo ::: a b c d
}

@test "a journal that cannot be written ends parallel with 255" {
	run -255 "${parallel_itself[@]}" --joblog /nonexistent/x echo ::: a
	refute_line a
}

@test "--shellquote quotes the command line with its values" {
	run -0 "${parallel_itself[@]}" -k --shellquote echo ::: 'a b' c
	assert_output "'echo '\"'\"'a b'\"'\"
'echo c'"
	run -0 "${parallel_itself[@]}" --shellquote 'x {}; y' ::: 'a b'
	assert_output "'x '\"'\"'a b'\"'\"'; y'"
	run -0 "${parallel_itself[@]}" --shellquote ::: 'a b' ::: 'c d'
	assert_output "'a b c d'"
	run -0 "${parallel_itself[@]}" --shellquote 'x{}' ::: 'a b'
	assert_output "'xa b'"
}

@test "--shellquote, given several times, quotes several times" {
	run -0 "${parallel_itself[@]}" --shellquote --shellquote ::: "it's" 'a b'
	assert_line "\"'\"'a b'\"'\""
	assert_line "\"'\"'it'\"'\"'\"'\"'\"'\"'\"'\"'s'\"'\""
}

@test "-S, --onall and --nonall: on this machine" {
	for logins in 1/:,2/: :,: 2/:,: '2/: -S :'; do
		# shellcheck disable=SC2086 # several words
		run -0 "${parallel_itself[@]}" -k -S $logins echo ::: a b
		assert_output $'a\nb'
	done
	run -0 "${parallel_itself[@]}" -k --onall --tag echo ::: a b
	assert_output $':\ta\n:\tb'
	run -0 "${parallel_itself[@]}" -S : --nonall --tag echo a
	assert_output $':\ta'
	run -1 "${parallel_itself[@]}" --nonall 'exit 3'
}

@test "what is for other machines is said and not done; what is for --pipe alone is taken" {
	touch a
	for options in '--trc {}.out' '--return {}.out' --transfer '--transferfile {}' --cleanup '--basefile a'; do
		# shellcheck disable=SC2086 # several words
		run -0 --separate-stderr "${parallel_itself[@]}" $options 'cp {} {}.out; echo {}' ::: a
		assert_output a
		assert_equal "$(wc -l <<<"$stderr")" 1
		[ -e a ] && rm a.out
	done
	for options in '--recend x' '--recstart x' --regexp --rrs --round-robin --tee '--parens ()'; do
		# shellcheck disable=SC2086 # several words
		run -0 "${parallel_itself[@]}" $options echo ::: a
		assert_output a
	done
}

@test "--show-limits: the command runs" {
	run -0 "${parallel_itself[@]}" --show-limits echo ran ::: a
	assert_line 'ran a'
	assert_line --partial 'Maximal size of command: '
}
