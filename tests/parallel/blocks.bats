#!/usr/bin/env bats
# Blocks of the input, which jobs have as their standard input: --pipe and what goes with it, as with GNU parallel.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets parallel_itself

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/originals

# With INPUT (for printf %b) on stdin, parallel prints OUTPUT: gives INPUT OUTPUT ARGUMENT...
gives() {
	run -0 "${parallel_itself[@]}" --pipe -k "${@:3}" < <(printf '%b' "$1")
	assert_output "$(printf '%b' "$2")"
}

@test "records: lines, so many a block, or as many as fit" {
	gives '1\n2\n3\n4\n5\n' '1 2\n3 4\n5' -N2 'echo $(cat)'
	gives '1\n2\n3\n' '1 2\n3' -n 2 'echo $(cat)'
	gives '1\n2\n3\n4\n5\n' '1 2 3 4\n5' -L2 -N2 'echo $(cat)'
	run -0 "${parallel_itself[@]}" --pipe -k --block 1k cat < <(seq 2000)
	assert_output "$(seq 2000)"
	run -0 "${parallel_itself[@]}" --pipe -j1 -L 3 --block 1k 'echo $(($(wc -l) % 3))' < <(seq 3000)
	assert_equal "$(sort -u <<<"$output")" 0
	gives '' '' cat
	gives '1\n2\n' '\tx' --tag 'echo {}x'
}

@test "records: texts, expressions, bytes" {
	gives 'a;b;c' 'a;\nb;\nc' -N1 --recend ';' 'cat; echo'
	gives '>a\nx\n>b\n' '>a x\n>b' -N1 --recstart '>' 'echo "$(cat)" | tr "\\n" " " | sed "s/ $//"; echo'
	gives 'p1\np1\n\np2\n' 'p1 p1\np2' -N1 --recend '\n\n' 'echo $(cat)'
	gives 'a1b22c' 'a1\nb22\nc' -N1 --regexp --recend '\d+' 'cat; echo'
	gives 'abcde' 'ab\ncd\ne' --recend '' --block 2 'cat; echo'
}

@test "--header: each block has it" {
	gives 'h\n1\n2\n3\n' 'h 1 2\nh 3' -N2 --header : 'echo $(cat)'
	gives 'g\nh\n1\n2\n' 'g h 1\ng h 2' -N1 --header 2 'echo $(cat)'
	gives '#g\n#h\n1\n2\n' '#g #h 1\n#g #h 2' -N1 --header '(#.*\n)*' 'echo $(cat)'
}

@test "--cat and --fifo: a file with the block in the place of {}" {
	gives '1\n2\n3\n' '1 2 1 2\n3 3' -N2 --cat 'echo $(cat {} {})'
	gives '1\n2\n3\n' '1 2\n3' -N2 --fifo 'echo $(cat {})'
}

@test "--tee: each job has all of the input" {
	gives '1\n2\n3\n' '3\n3' --tee ::: 'wc -l' 'tail -n 1'
	gives '1\n2\n3\n12\n' '2\n2' --tee 'grep -c {}' ::: 1 2
	seq 100000 >numbers
	run -0 "${parallel_itself[@]}" --pipe --tee -k ::: md5sum 'head -n 1' <numbers
	assert_output "$(md5sum <numbers)"$'\n1'
}

@test "--pipe-part: of files, also so many blocks a slot; --round-robin: jobs that live to the end" {
	seq 30000 >numbers
	run -0 "${parallel_itself[@]}" --pipepart -a numbers -k -j2 --block 20k cat
	assert_output "$(cat numbers)"
	run -0 "${parallel_itself[@]}" --pipe-part -a numbers -k -j2 --block -2 'wc -l'
	assert_equal "${#lines[@]}" 4
	run -0 "${parallel_itself[@]}" --pipe --round-robin -j2 --block 10k wc -l <numbers
	assert [ "${#lines[@]}" -le 2 ]
	assert_equal "$(awk '{ sum += $1 } END { print sum }' <<<"$output")" 30000
	run -0 "${parallel_itself[@]}" --pipepart -k wc -l :::: numbers
	assert_equal "$(awk '{ sum += $1 } END { print sum }' <<<"$output")" 30000
	assert [ "${#lines[@]}" -gt 1 ]
	run -255 "${parallel_itself[@]}" --pipe -N3 <numbers
}
