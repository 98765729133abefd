#!/usr/bin/env bats
# From an item to a command: placeholders, batches, and commands in print, as with GNU parallel -q.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # run --separate-stderr sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals
load ../lib/items

# parallel prints OUTPUT (for printf %b): gives OUTPUT ARGUMENT...
gives() {
	prints "$1" "${parallel[@]}" -j1 "${@:2}"
}

@test "without a placeholder the item is the last argument" {
	gives '[a][x]\n[a][y z]' "${show[@]}" a ::: x 'y z'
	gives '[a b][][*][x]' "${show[@]}" 'a b' '' '*' ::: x
}

@test "the parts of an item: {} {.} {/} {//} {/.}" {
	while read -r item whole stem base directory name; do
		gives "[$whole][$stem][$base][$directory][$name]" \
			"${show[@]}" '{}' '{.}' '{/}' '{//}' '{/.}' ::: "$item"
	done <<-'END'
		x           x           x         x         .         x
		a.txt       a.txt       a         a.txt     .         a
		a.tar.gz    a.tar.gz    a.tar     a.tar.gz  .         a.tar
		d/a.txt     d/a.txt     d/a       a.txt     d         a
		/d/e/a.txt  /d/e/a.txt  /d/e/a    a.txt     /d/e      a
		/d.e/a      /d.e/a      /d.e/a    a         /d.e      a
		/a.b        /a.b        /a        a.b       /         a
		a.          a.          a         a.        .         a
		d//a        d//a        d//a      a         d         a
	END
	gives '[.x][][.x][.][]' "${show[@]}" '{}' '{.}' '{/}' '{//}' '{/.}' ::: .x
	gives '[][][][.][]' "${show[@]}" '{}' '{.}' '{/}' '{//}' '{/.}' ::: ''
	gives '[/][/][][/][]' "${show[@]}" '{}' '{.}' '{/}' '{//}' '{/.}' ::: /
}

@test "placeholders stand inside words and any number of times" {
	gives '[-oa.o][a.c:a:a.c][x]' "${show[@]}" '-o{.}.o' '{}:{.}:{}' x ::: a.c
	gives '[{a}]' "${show[@]}" '{{}}' ::: a
	gives '[aa]' "${show[@]}" '{}{}' ::: a
}

@test "a placeholder may stand in the command's name" {
	gives 'ok\nok' '{}' ok ::: echo /bin/echo
	gives 'ok' '/bin/{}o' ok ::: ech
	gives '1 1' 'ec{}' '{#}' 1 ::: ho
	gives '[a]' '{1}' -c 'echo "[$0]"' '{2}' ::: sh ::: a
}

@test "{#} counts the jobs from 1, {%} is the slot" {
	gives '[1][1][a]\n[2][1][b]' "${show[@]}" '{#}' '{%}' '{}' ::: a b
	run "${parallel[@]}" -j2 sh -c 'mkdir $0 && sleep 0.02 && rmdir $0 || echo two in $0' 'slot{%}' ::: {1..10}
	assert_success
	refute_output
}

@test "what is put in is text: placeholders in an item are not looked at" {
	gives '[{}][1]\n[{1}{.}][2]' "${show[@]}" '{}' '{#}' ::: '{}' '{1}{.}'
	gives '[{}]\n[{.}]\n[{/}{//}]' "${show[@]}" ::: '{}' '{.}' '{/}{//}'
}

@test "what only looks like a placeholder is text" {
	gives '[{x}][{ }][{][}][}{][{-}][{1x}][{+1}][{##}][a]' \
		"${show[@]}" '{x}' '{ }' '{' '}' '}{' '{-}' '{1x}' '{+1}' '{##}' ::: a
}

@test "{N} is the N-th list, from the end when negative, with parts" {
	gives '[/d/b.c][a][b.c][b][/d][/d/b]' "${show[@]}" '{2}' '{1}' '{2/}' '{-1/.}' '{2//}' '{2.}' ::: a ::: /d/b.c
	gives '[a][b]' "${show[@]}" '{-2}' '{-1}' ::: a ::: b
}

@test "several lists: without a placeholder each value is a word of its own" {
	gives '[a][1]\n[a][2]' "${show[@]}" ::: a ::: 1 2
}

@test "-I takes another string for {}, which is text then" {
	gives '[a][xa][{}][a]' -I ITEM "${show[@]}" ITEM xITEM '{}' '{.}' ::: a
	gives '[a-a]' --replace ITEM "${show[@]}" ITEM-ITEM ::: a
	gives '[{}][a]' -I ITEM "${show[@]}" '{}' ::: a
	gives '[a.b][a.b][a]' -I '{/}' "${show[@]}" '{/}' '{/}' '{.}' ::: a.b
}

@test "-n N: N items a job, the last one gets the rest" {
	gives '[1][2]\n[3][4]\n[5]' -n 2 "${show[@]}" ::: {1..5}
	gives '[1][2][3]' -n 3 "${show[@]}" ::: 1 2 3
	gives '[1][2]' --max-args 100 "${show[@]}" ::: 1 2
	gives '[1.2]\n[3.4]' -n 2 "${show[@]}" '{1}.{2}' ::: 1 2 3 4
}

@test "-n N with -C: the columns of the items one after the other" {
	gives '[a][b][c][d]\n[e][f][][]' -n 2 -C , "${show[@]}" '{1}' '{2}' '{3}' '{4}' ::: a,b c,d e,f
}

@test "-L N: N lines a job" {
	prints '[1][2]\n[3]' "${parallel[@]}" -j1 -L 2 "${show[@]}" < <(seq 3)
}

@test "-X: as many items a job as fit, a word with {} is repeated" {
	gives '[1][2][3]' -X "${show[@]}" ::: 1 2 3
	gives '[x1y][x2y][z]' -X "${show[@]}" 'x{}y' z ::: 1 2
}

@test "-X: all items come, in their order" {
	seq 60000 >items
	"${parallel[@]}" -j1 -X echo <items | tr ' ' '\n' >out
	cmp items out
}

@test "-N is -n, and -m is -X for a word that is the item alone; --group is the default" {
	gives '[1][2]\n[3]' -N 2 "${show[@]}" ::: 1 2 3
	gives '[1][2]\n[3]' --max-replace-args 2 "${show[@]}" ::: 1 2 3
	gives '[1][2][3]' -m "${show[@]}" ::: 1 2 3
	gives '[1][2][3]' --xargs "${show[@]}" ::: 1 2 3
	gives '[1]' --group "${show[@]}" ::: 1
	gives '[1]' --halt-on-error now,fail=1 "${show[@]}" ::: 1
}

@test "-X: what is left at the end is shared out to all slots" {
	run -0 "${parallel[@]}" -j8 -k -X echo < <(seq 60)
	assert_equal "${#lines[@]}" 8
	assert_output "$(seq 60 | xargs -n 8 echo)"
	run -0 "${parallel[@]}" -j4 -k -X echo ::: a b c
	assert_output $'a\nb\nc'
	run -0 "${parallel[@]}" -j2 -k -X echo ::: 1 2 3 ::: x y
	assert_output $'1 x 1 y 2 x\n2 y 3 x 3 y'
	run -0 "${parallel[@]}" -j2 --dry-run -k -X echo ::: 1 2 3
	assert_output $'echo 1 2\necho 3'
	run -0 "${parallel[@]}" -j1 -X echo ::: 1 2 3
	assert_output '1 2 3'
}

@test "-X: a full job is not shared out, what follows it is" {
	seq 100000 >items
	"${parallel[@]}" -j4 -k -X printf '%s.' <items | tr . '\n' >out
	cmp items out
	run -0 "${parallel[@]}" -j4 -k -X sh -c 'echo $#' sh <items
	# The last four have the same number, and far fewer than a full one.
	((${#lines[@]} > 4 && lines[-2] < lines[-5] / 2))
	assert_equal "${lines[-4]} ${lines[-3]}" "${lines[-2]} ${lines[-2]}"
}

@test "a batch counts every word and column that its items become" {
	seq 20000 | "${parallel[@]}" -j1 -n 20000 true {} {}
	seq -f "%.0f $(printf %030d 0)" 6000 | "${parallel[@]}" -j1 -n 6000 -C , true '{}{1}'
}

@test "-q is taken, and words are never read by a shell" {
	gives '[a b][$x][`y`;][*][c d]' --quote "${show[@]}" 'a b' '$x' '`y`;' '*' ::: 'c d'
}

@test "a shell reads back what -t prints, exactly" {
	awkward_items >items
	"${parallel[@]}" -j1 -0 -n 100 -t printf '%s\0' <items >direct 2>script
	cmp items direct
	sh script >back
	cmp items back
}

@test "-t prints each command to stderr as it starts, and runs it" {
	run --separate-stderr "${parallel[@]}" -j1 -t echo 'a b' ::: 1 2
	assert_success
	assert_output $'a b 1\na b 2'
	assert_equal "$stderr" $'echo \'a b\' 1\necho \'a b\' 2'
	mkfifo gate
	"${parallel[@]}" -j1 --verbose sh -c 'read -r x <gate' ::: a 2>trace 3>&- &
	local pool=$!
	wait_until grep -q "^sh -c 'read -r x <gate' a$" trace
	echo go >gate
	wait $pool
	# What waits for its start has not been printed, and may never be.
	run --separate-stderr "${parallel[@]}" -j2 -t --delay 20 --halt soon,fail=1 false ::: 1 2
	assert_regex "${stderr_lines[0]}" '^false [12]$'
	# Which of the slots comes first is not said.
	[[ $stderr != *"false $((3 - ${stderr_lines[0]#false }))"* ]]
}

@test "--dry-run prints the commands in order and runs none" {
	gives 'touch ran' --dry-run touch ::: ran
	gives './missing 1 -x\n./missing 2 -x' --dry-run -k -j8 ./missing '{}' -x ::: 1 2
	[ ! -e ran ]
}

@test "a shell reads back what --dry-run prints" {
	printf '%s\0' '' -n -- --help a=b '~' '*' '?' '{a,b}' 'if' '{' '}' '!' '$HOME' '$(echo x)' '`echo x`' "\\" "\\\\" \
		'\n' "'" "''" '"' ' ' '  a  ' '#a' 'a;b' 'a&b' 'a|b' '<a' $'\377\376' $'caf\303\251' "it's \"so\" \$1" >items
	"${parallel[@]}" -0 -k --dry-run printf '%s\0' <items >script
	bash script | cmp - items
}

@test "a long item arrives" {
	head -c 20000 /dev/zero | tr '\0' x >item
	"${parallel[@]}" printf '%s' <item >out
	cmp item out
}
