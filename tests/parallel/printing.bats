#!/usr/bin/env bats
# What jobs print: whole, in order, line by line, with a tag, as with GNU parallel.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/originals
load ../lib/output

@test "random output of many jobs: each job's stdout is whole, and its stderr" {
	mapfile -t seeds < <(seq 24)
	"${parallel[@]}" -j5 awk -v 'seed={}' "$noise" ::: "${seeds[@]}" >out 2>err
	for seed in "${seeds[@]}"; do awk -v "seed=$seed" "$noise"; done >serial.out 2>serial.err
	[ -s serial.out ] && [ -s serial.err ]
	for stream in out err; do
		in_groups $stream
		sort -s -n -k1,1 $stream | cmp - serial.$stream
	done
}

@test "stdout and stderr into one file: still no line is broken, nor lost" {
	mapfile -t seeds < <(seq 12)
	"${parallel[@]}" -j5 awk -v 'seed={}' "$noise" ::: "${seeds[@]}" >both 2>&1
	in_groups both
	for seed in "${seeds[@]}"; do awk -v "seed=$seed" "$noise"; done >serial.out 2>serial.err
	sort serial.out serial.err | cmp - <(sort both)
}

@test "bytes of all kinds pass as they are, with and without a newline at the end" {
	perl -e 'print map chr, 0 .. 255' >bytes
	"${parallel[@]}" cat ::: bytes >out
	cmp out bytes
	"${parallel[@]}" -j1 printf ::: '' a '\n' b >out
	printf 'a\nb' | cmp - out
}

@test "a job's output arrives as soon as the job is over, not at the end of the run" {
	mkfifo go
	start "${parallel[@]}" -j2 sh -c '[ $0 = 1 ] || read -r x <go; echo $0' ::: 1 2 >out
	wait_until has_lines 1 out
	release go
	ends 0
	assert_equal "$(cat out)" $'1\n2'
}

@test "grouped: nothing of a job arrives before its end" {
	mkfifo go
	start "${parallel[@]}" -j2 sh -c 'echo $0; [ $0 = 2 ] || read -r x <go; echo $0' ::: 1 2 >out
	wait_until has_lines 2 out
	release go
	ends 0
	assert_equal "$(cat out)" $'2\n2\n1\n1'
}

@test "-u: output arrives while the job runs" {
	mkfifo go
	start "${parallel[@]}" -u sh -c 'echo early; read -r x <go; echo late' ::: a >out
	wait_until has_lines 1 out
	release go
	ends 0
	assert_equal "$(cat out)" $'early\nlate'
}

@test "stdout goes to stdout and stderr to stderr, also of a job that fails" {
	run --separate-stderr "${parallel[@]}" sh -c 'echo out; echo err >&2; exit 1' ::: a
	assert_failure
	assert_output out
	assert_equal "$stderr" err
}

@test "a job that closes its output goes on until its process ends" {
	mkfifo go
	start "${parallel[@]}" -j1 sh -c 'exec >&- 2>&-; [ $0 = 2 ] || read -r x <go; echo $0 >>order' ::: 1 2
	release go
	ends 0
	assert_equal "$(cat order)" $'1\n2'
}

@test "a reader that is slow gets everything, and does not hold up jobs that run" {
	mkfifo out
	exec 5<>out
	start "${parallel[@]}" -j2 sh -c 'head -c 3000000 /dev/zero | tr "\0" $0; echo; echo >>finished' ::: 1 2 >out
	# The first is stuck in the fifo, the second gets done nevertheless.
	wait_until has_lines 2 finished
	exec 6<out 5>&-
	cat <&6 >all
	ends 0
	assert_equal "$(tr -s 12 <all | sort)" $'1\n2'
	assert_equal "$(stat -c %s all)" 6000002
}

@test "-k: the order is that of the queue, whatever the order in which jobs end" {
	mkfifo go1 go2 go3 go4
	start "${parallel[@]}" -k -j4 sh -c 'read -r x <go$0; echo $0; echo e$0 >&2; echo >>finished' ::: 1 2 3 4 >out 2>err
	for i in 4 2 3 1; do
		assert_equal "$(cat out err)" ''
		release go$i
		[ $i = 1 ] || wait_until test -s finished
		rm -f finished
	done
	ends 0
	assert_equal "$(cat out)" "$(seq 4)"
	assert_equal "$(cat err)" $'e1\ne2\ne3\ne4'
}

@test "-k: what a running job has printed to stderr comes after its stdout" {
	run bash -c '"$@" 2>&1' bash "${parallel[@]}" -k -j2 sh -c 'echo e$0 >&2; echo $0' ::: 1 2 3
	assert_output $'1\ne1\n2\ne2\n3\ne3'
}

@test "--lb: lines arrive when they are complete" {
	mkfifo go
	for option in --lb --line-buffer; do
		start "${parallel[@]}" $option sh -c 'printf "one\ntw"; echo >>printed; read -r x <go; printf "o\n"' ::: a >out
		wait_until has_lines 1 printed
		wait_until is_size 4 out
		release go
		ends 0
		assert_equal "$(cat out)" $'one\ntwo'
		rm printed
	done
}

@test "--lb: a line that comes in pieces is not cut by those of others" {
	mkfifo go1 go2
	start "${parallel[@]}" --lb -j2 sh -c '
		for part in a b c; do printf "$0$part"; echo >>printed; read -r x <go$0; done; echo' ::: 1 2 >out
	for round in 2 4 6; do
		wait_until has_lines $round printed
		is_size 0 out
		[ $round = 6 ] || { release go1; release go2; }
	done
	release go2
	wait_until is_size 7 out
	release go1
	ends 0
	assert_equal "$(cat out)" $'2a2b2c\n1a1b1c'
}

# What jobs print, in its order, under every way to pass it on: passes OUTPUT ARGUMENT...
passes() {
	local output=$1 mode
	shift
	for mode in '' --lb -k '-k --lb'; do
		# shellcheck disable=SC2086 # several options
		"${parallel[@]}" -j1 $mode "$@" >out
		printf %b "$output" | cmp - out
	done
}

@test "--tag: the item and a tab before every line, empty ones too, and before nothing else" {
	passes 'x\ta\nx\t\nx\tb\ny\ta\ny\t\ny\tb\n' --tag sh -c 'printf "a\n\nb\n"' ::: x y
	passes '' --tag true ::: x y
}

@test "--tag: stderr has it too" {
	"${parallel[@]}" -j1 --tag sh -c 'printf "a\nb\n" >&2' ::: x y 2>err
	printf 'x\ta\nx\tb\ny\ta\ny\tb\n' | cmp - err
}

@test "--tagstring: a template" {
	passes '[1] file:\tj\n' --tagstring '[{#}] {/.}:' sh -c 'echo j' ::: a/file.c
	passes 'b-a\tj\n' --tagstring '{2}-{1}' sh -c 'echo j' ::: a ::: b
	passes 'same\tj\nsame\tj\n' --tagstring same sh -c 'echo j' ::: 1 2
	passes 'b\tj\n' -C : --tagstring '{2}' sh -c 'echo j' ::: a:b
}

@test "--tag with several values" {
	passes '1 a\tj\n1 b\tj\n2 a\tj\n2 b\tj\n' --tag sh -c 'echo j' ::: 1 2 ::: a b
}

@test "--results FILE: a table, and nothing is printed" {
	for kind in csv tsv json; do
		run "${parallel[@]}" -j1 --results table.$kind sh -c 'printf "out $0"; printf "err $0" >&2; [ $0 != b ]' ::: a b
		assert_output ''
	done
	python3 - >told <<-'END'
		import csv, json
		def show(row, value):
		    print(row['Seq'], row['Exitval'], row['Signal'], value, row['Stdout'], row['Stderr'])
		for row in csv.DictReader(open('table.csv')):
		    show(row, row['V1'])
		for row in csv.DictReader(open('table.tsv'), delimiter='\t'):
		    show(row, row['V1'])
		for line in open('table.json'):
		    show(json.loads(line), json.loads(line)['V'][0])
	END
	assert_equal "$(uniq told)" "$(printf '1 0 0 a out a err a\n2 1 0 b out b err b\n%.0s' 1 2 3)"
}

@test "--tmpdir: the files of --files are there" {
	mkdir there
	run -0 "${parallel_itself[@]}" --tmpdir there --files echo ::: a
	[[ $output == there/* ]]
	assert_equal "$(cat "$output")" a
}

@test "--results with --files: the names of the files are printed" {
	run -0 "${parallel_itself[@]}" -k --results dir --files echo ::: a b
	assert_output $'dir/1/a/stdout\ndir/1/b/stdout'
	run -0 "${parallel_itself[@]}" -k --results 'x{}' --files echo ::: a b
	assert_output $'xa\nxb'
	assert_equal "$(cat dir/1/a/stdout xb)" $'a\nb'
}

@test "--results: each item of a batch begins with the first name" {
	run -0 "${parallel_itself[@]}" -j1 --results dir -N2 echo ::: a b
	[ -f dir/1/a/1/b/stdout ]
	run -0 "${parallel_itself[@]}" -j1 --results fills -X echo ::: a b ::: c
	[ -f fills/1/a/2/c/1/b/2/c/stdout ]
	run -0 "${parallel_itself[@]}" -j1 --results split --colsep , -N2 echo ::: a,b c,d
	[ -f split/1/a/2/b/1/c/2/d/stdout ]
	run -0 "${parallel_itself[@]}" -j1 --results named --header : -N2 echo ::: h a b
	[ -f named/h/a/h/b/stdout ]
}

@test "--results: -v is in the file, not printed" {
	run -0 "${parallel_itself[@]}" -j1 -v --results dir echo ::: a
	refute_output
	assert_equal "$(cat dir/1/a/stdout)" $'echo a\na'
}

@test "--results: a long value has a shorter name" {
	run -0 "${parallel_itself[@]}" --results dir echo ::: "$(printf %0300d 1)"
	assert_equal "$(cat dir/1/000*/stdout)" "$(printf %0300d 1)"
}

@test "--results: tables have quotes where they are needed" {
	run -0 "${parallel_itself[@]}" -k --results -.tsv echo ::: a 'b"c'
	assert_equal "$(cut -f 1,9- <<<"$output")" $'Seq\tCommand\tV1\tStdout\tStderr
1\t"echo a"\ta\t"a
"
2\t"echo \'b""c\'"\t"b""c"\t"b""c
"'
	run -0 "${parallel_itself[@]}" -k --results -.csv echo ::: a ,
	assert_equal "$(cut -d , -f 1,9- <<<"$output")" $'Seq,Command,V1,Stdout,Stderr
1,"echo a",a,"a
"
2,"echo \',\'",",",",
"'
}
