#!/usr/bin/env bats
# How options are read: their spellings, -j in all its forms, and what is no option.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/slots

# pexec, called with ARGUMENTS, ends with 1 and says MESSAGE: says MESSAGE ARGUMENT...
# Like run with what follows it, but without a process more than pexec.
says() {
	local status=0 output
	"$PEXEC" "${@:2}" >said 2>&1 || status=$?
	IFS= read -r -d '' output <said || true
	assert_equal "$output" "$1"$'\n'
	assert_equal "$status" 1
}

@test "-h and --help print to stdout and end with 0" {
	run --separate-stderr "$PEXEC" --help
	assert_success
	assert_equal "${stderr:-}" ''
	assert_line --index 0 'pexec runs a command once for every item of a queue, a fixed number at a time.'
	[ "$("$PEXEC" -h)" = "$output" ]
}

@test "-V and --version print the version of the Makefile" {
	version=$(sed -n 's/^VERSION = //p' "$project/Makefile")
	for option in -V --version; do
		run "$PEXEC" $option
		assert_success
		assert_output "pexec $version"
	done
}

@test "--as NAME, as the first option, says whose rules are followed; pexec's own by default" {
	for as in '--as pexec' --as=pexec; do
		# shellcheck disable=SC2086 # an option and its argument
		run "$PEXEC" $as -j1 echo '{.}' ::: a.c
		assert_success
		assert_output a
	done
	says 'pexec: --as: it has to be the first option' -q --as pexec true
	says 'pexec: --as needs the name of a program' --as
	run -1 "$PEXEC" --as no-such true
	assert_output --partial 'pexec: --as no-such: not one of pexec'
	run "$PEXEC" -j1 echo --as ::: a
	assert_output -- '--as a'
}

@test "--help wins over what comes behind it, not over what is wrong before it" {
	run "$PEXEC" -h -n 0
	assert_success
	run "$PEXEC" --help=slots -n 0
	assert_success
	run "$PEXEC" -n 0 --help
	assert_failure 1
}

@test "letters can be joined, and long names cut short while only one fits" {
	printf 'a\0b\0c' >items
	run "$PEXEC" -0xn2 -uj1 echo <items
	assert_output $'a b\nc'
	run "$PEXEC" -j1 --dry --nul echo <items
	assert_output $'echo a\necho b\necho c'
}

@test "the last one of two counts, -a adds up" {
	printf 'a;b;c' >items
	run "$PEXEC" -j9 -P1 -n 3 -X -n 2 -d , -0 -d ';' -a items -a items echo
	assert_success
	assert_output $'a b\nc a\nb c'
}

@test "options end at the command, which has its own, or at --" {
	run "$PEXEC" -j1 printf '%s,' -n 2 --help ::: a
	assert_output -- '-n,2,--help,a,'
	run "$PEXEC" -j1 -- printf '%s,' -- -n ::: a
	assert_output -- '--,-n,a,'
	mkdir bin
	printf '#!/bin/sh\necho "$@"\n' >bin/-odd
	chmod +x bin/-odd
	PATH=$PWD/bin:/usr/bin:/bin run "$PEXEC" -j1 -- -odd ::: a
	assert_output a
}

@test "-q is taken and changes nothing" {
	run "$PEXEC" -j1 -q --quote printf '[%s]' 'a b' ::: 'c d'
	assert_output '[a b][c d]'
}

@test "-j N, -P N, --jobs and --max-procs make N slots" {
	for option in -j3 '-P 3' --jobs=3 --max-procs=3; do
		# shellcheck disable=SC2086 # an option and its argument
		slots 3 "$PEXEC" $option
	done
}

@test "-j -N leaves CPUs of the process to others" {
	cpus=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
	[ ! -e /sys/fs/cgroup/cpu.max ] || grep -q ^max /sys/fs/cgroup/cpu.max || skip "a CPU quota counts too"
	run "$PEXEC" -j "-$cpus" true
	assert_failure 1
	assert_output "pexec: -j -$cpus: fewer than one slot left (CPUs to use here: $cpus)"
	slots $((cpus + 1)) "$PEXEC" -j+1
}

@test "-j0 runs everything at once" {
	# A gate for all of them at once; of 20 jobs none may wait for another to end.
	mkfifo gate
	exec 4<>gate
	seq 20 | "$PEXEC" -j0 sh -c 'echo >>started; read -r go <gate' 2>/dev/null 3>&- 4>&- &
	local pool=$!
	wait_until has_at_least 20 || kill $pool
	seq 20 >&4
	wait $pool
	exec 4>&-
}

@test "-j0 is bounded by the limit of processes" {
	[ "$(id -u)" = 0 ] || skip "others than root cannot start anything beyond it"
	run bash -c 'ulimit -u 5; seq 100 | "$0" -j0 sh -c "echo \$PEXEC_SLOT"' "$PEXEC"
	assert_success
	run sort -n <<<"$output"
	((${lines[-1]} <= 5))
}

@test "-j of no sense is refused, and what would do is named" {
	for value in x '' 1x x1 4.5 0x4 ' 4' + - % +% -% +x --1 ++1 +50% -50% 1%% 1-2 123456789012345678901234567890; do
		says "pexec: -j $value: invalid (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536)" -j "$value" touch ran ::: a
	done
	for value in 65537 +65537 -65537 1000001%; do
		says "pexec: -j $value: too large (N, +N, -N or N% of the CPUs, or 0 for the most; N up to 65536)" -j "$value" touch ran ::: a
	done
	[ ! -e ran ]
}

# pexec called with ARGUMENTS runs nothing, ends with 1 and says MESSAGE: refuses MESSAGE ARGUMENT...
refuses() {
	says "pexec: $1" "${@:2}" touch ran ::: a b
	[ ! -e ran ]
}

@test "numbers out of their bounds, or none at all" {
	local batch='(a number from 1 to 2147483647)' skip='(a number from 0 to 9223372036854775807)'
	refuses "-n 0: too small $batch" -n 0
	refuses "-n -1: too small $batch" -n -1
	refuses "-n x: invalid $batch" -n x
	refuses "-n : invalid $batch" -n ''
	refuses "-n 2x: invalid $batch" -n2x
	refuses "-n 2147483648: too large $batch" --max-args=2147483648
	refuses "-L 0: too small $batch" -L 0
	refuses "--skip -1: too small $skip" --skip -1
	refuses "--skip x: invalid $skip" --skip=x
	refuses "--nice 20: too large (a number from -20 to 19)" --nice 20
	refuses "--nice -21: too small (a number from -20 to 19)" --nice -21
}

@test "sizes that are none" {
	for value in 0 x '' -1 1q 1.5k 99999999999999999999; do
		refuses "-s $value: not a size in bytes (like 131072, or 128k)" -s "$value"
	done
}

@test "times that are none" {
	for value in x '' -1 . 1w 1sm 1,5 inf nan 1e99 0x10; do
		refuses "--grace $value: not a time (like 1.5, 200ms, 30s, 5m, 2h or 1d)" --grace "$value"
	done
	for value in 0 1 .5 1.5 200ms 30s 5m 2h 1d; do
		"$PEXEC" --grace "$value" true </dev/null
	done
}

@test "delimiters that are not one byte" {
	for value in '' ab '\q' '\x' '\x1' '\xg0' '\x411' '\na' '\\a'; do
		refuses "-d ${value//\\/\\\\}: not a single byte (like , or \\t \\n \\0 \\x1f)" -d "$value"
	done
	refuses "-d \\M-C\\M-): not a single byte (like , or \\t \\n \\0 \\x1f)" -d 'é'
}

@test "expressions, trims and strings that are none" {
	refuses "-C (: Unmatched ( or \\(" -C '('
	refuses "-C: an empty expression separates nothing" -C ''
	refuses "-I: an empty string cannot be replaced" -I ''
	refuses "--trim x: not one of n, l, r, lr" --trim x
	refuses "--trim : not one of n, l, r, lr" --trim=
}

@test "--link and :::: without their lists" {
	refuses "--link takes its lists from ::: and ::::, not from -a or stdin" --link -a items
	run "$PEXEC" --link true </dev/null
	assert_failure 1
	assert_output "pexec: --link takes its lists from ::: and ::::, not from -a or stdin"
	run -0 "$PEXEC" --link -j1 echo ::: a b
	assert_output $'a\nb'
	printf 'c\nd\n' >list
	run -0 "$PEXEC" --link -j1 echo :::: list
	assert_output $'c\nd'
	run -0 "$PEXEC" --link -j1 echo :::: - <list
	assert_output $'c\nd'
	for list in :::: ':::: ::: a' '::: a ::::'; do
		# shellcheck disable=SC2086 # several words
		run "$PEXEC" true $list
		assert_failure 1
		assert_output "pexec: :::: needs the name of a file"
	done
}

@test "stdin named more than once" {
	for arguments in 'echo :::: - :::: -' 'echo :::: - -' '-a - echo :::: -' '-a - -a - echo' \
		'--link echo :::: - -' '-a - echo ::: a :::: -'; do
		# shellcheck disable=SC2086 # several words
		run -1 "$PEXEC" $arguments <<<x
		assert_output "pexec: stdin (-) is named more than once: its items come only once"
	done
}

@test "--share-stdin where stdin is not the jobs'" {
	for arguments in 'cat' '-a - cat' 'cat :::: -' 'cat ::: a :::: -'; do
		# shellcheck disable=SC2086 # several words
		run -1 "$PEXEC" --share-stdin $arguments <<<x
		assert_output "pexec: --share-stdin: items come from stdin, there is nothing else in it for the jobs"
	done
	refuses "--share-stdin gives jobs our stdin, and a daemon has none" --share-stdin --daemon cat ::: a
	for option in --source --next; do
		refuses "--share-stdin: with --source and --next jobs have no stdin" --share-stdin $option 'echo a' cat
	done
}

# pexec with ARGUMENTS ends with 1, says MESSAGE and where to read more: puzzled MESSAGE ARGUMENT...
puzzled() {
	says "pexec: $1
pexec: try 'pexec --help', or 'man pexec'" "${@:2}"
}

@test "a missing argument, one too many, a name that fits several" {
	puzzled "-n needs an argument" -n
	puzzled "-n needs an argument" -ur0n
	puzzled "--max-args needs an argument" --max-args
	puzzled "--null takes no argument" --null=3
	puzzled "--shuf takes no argument" --shuf=
	puzzled "--max is the beginning of several options" --max 3
	puzzled "--max=3 is the beginning of several options" --max=3
}

@test "an unknown long option: the nearest known one is named" {
	while read -r typed nearest; do
		puzzled "unknown option $typed (the nearest known one is --$nearest)" "$typed" true
	done <<-'END'
		--dryrun     dry-run
		--dry_run    dry-run
		--nulll      null
		--arg-fiel   arg-file
		--argfile    arg-file
		--col-sep    colsep
		--headers    header
		--shuffle    shuf
		--jobz       jobs
		--job-s      jobs
		--maxargs    max-args
		--maxprocs   max-procs
		--verbsoe    verbose
		--linked     link
		--Help       help
	END
	puzzled "unknown option --job-s=4 (the nearest known one is --jobs)" --job-s=4 true
}

@test "options have the names that GNU parallel has for them, too" {
	mkdir folder
	while IFS='|' read -r ours theirs; do
		for names in "$ours" "$theirs"; do
			eval "words=($names)"
			"$PEXEC" -j1 "${words[@]}" ::: 1 2 3 >out 2>err || echo $? >>out
			[ "$names" = "$ours" ] || { cmp out ours && cmp err ours.err; }
			mv out ours
			mv err ours.err
		done
	done <<-'END'
		-n 2 echo|-N 2 echo
		-n 2 echo|--max-replace-args=2 echo
		-X echo x{}y|-m echo x{}y
		-X echo|--xargs echo
		-t echo|-v echo
		-tX echo|-vm echo
		--halt now,fail=1 false|--halt-on-error now,fail=1 false
		--chdir folder pwd|--workdir folder pwd
		--chdir folder pwd|--wd=folder pwd
		--lb echo|--group --lb echo
	END
	# The last one of two that contradict each other counts.
	run -0 "$PEXEC" -j1 -u --group --tag echo ::: a
	assert_output $'a\ta'
	run -1 "$PEXEC" -j1 --group -u --tag echo ::: a
}

@test "an unknown letter: the same letter, large or small, is the nearest" {
	while read -r typed nearest; do
		run "$PEXEC" "$typed" true
		assert_failure 1
		assert_line --index 0 --regexp "^pexec: unknown option $typed \(the nearest known one is ($nearest)\)$"
	done <<-'END'
		-K  -k|--keep-order
		-A  -a|--arg-file
	END
}

@test "an unknown option that is near to none: none is named" {
	local long
	printf -v long '%070d' 0
	for typed in -y -Z --- --zz --zzzzzzzz "--$long" --lb"$long"; do
		puzzled "unknown option $typed" "$typed" true
	done
}

@test "an unknown letter among known ones is the one that is named" {
	run "$PEXEC" -0uZn 3 true
	assert_failure 1
	assert_line --index 0 'pexec: unknown option -Z'
	assert_line --index 1 "pexec: try 'pexec --help', or 'man pexec'"
}

@test "an option from outside is made safe to print" {
	run "$PEXEC" $'--x\e[31m' true
	assert_failure 1
	refute_output --partial $'\e'
	run "$PEXEC" $'-\e' true
	assert_failure 1
	refute_output --partial $'\e'
}

@test "--help and --version on a full disk end with 1 and the reason" {
	for option in --help --version; do
		run bash -c '"$0" "$1" >/dev/full' "$PEXEC" $option
		assert_failure 1
		assert_output 'pexec: stdout: No space left on device'
	done
}
