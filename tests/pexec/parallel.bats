#!/usr/bin/env bats
# Under the name parallel: what differs from the original, and is meant to.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # tests/lib sets variables

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/screen

setup_file() {
	mkdir -p "$BATS_FILE_TMPDIR/bin"
	ln -s "$PEXEC" "$BATS_FILE_TMPDIR/bin/parallel"
	ln -s "$PEXEC" "$BATS_FILE_TMPDIR/bin/sem"
	export PATH=$BATS_FILE_TMPDIR/bin:$PATH
}

@test "a value is the same in whatever quotes the braces are, and runs nothing" {
	# shellcheck disable=SC1003 # a backslash alone is a value
	values=('$(touch x)' '`touch x`' '";touch x;"' "';touch x;'" '&touch x' '~' '-n' 'a  b' '\' '*')
	for place in '{}' '"{}"' "'{}'" '"$(printf %s {})"' 'x{}' '"x{}y"'; do
		parallel -k "printf '%s\\0'" "$place" ::: "${values[@]}" >got
		case $place in
		x{}) printf 'x%s\0' "${values[@]}" ;;
		'"x{}y"') printf 'x%sy\0' "${values[@]}" ;;
		*) printf '%s\0' "${values[@]}" ;;
		esac | cmp - got
	done
	[ ! -e x ]
}

@test "what there is not is refused by name, with what to use instead" {
	for option in '-S host' '--rpl x' '--pipe --rrs' --tmux '--sqlmaster x' '--shard 1'; do
		# shellcheck disable=SC2086 # an option and its argument
		run -255 parallel $option echo ::: a
		assert_equal "${#lines[@]}" 1
	done
	run -255 parallel echo '{= uq =}' ::: a
	assert_output --partial '{= =}'
	run -255 parallel --tagstring '{= uq =}' echo ::: a
	assert_output --partial '{= =}'
	run -255 parallel echo '{=' uq '=}' ::: a
	assert_output --partial '{= =}'
	run -255 parallel --parens '(())' 'echo {}((' x '))' ::: a
	assert_output --partial Perl
	run -0 parallel -S : echo ::: a
	assert_output a
}

@test "--limit and --load: no job starts before there is room" {
	parallel --limit '[ -e room ]' touch ::: ran &
	parallel --limit '[ -e asked ] || { touch asked; exit 1; }' echo ::: a >said
	assert_equal "$(cat said)" a
	[ ! -e ran ]
	touch room
	wait
	[ -e ran ]
	for option in '--memfree 900g' '--memsuspend 900g' '--limit false'; do
		eval "run -0 parallel $option echo </dev/null"
		refute_output
	done
	echo 9999 >most
	for option in '--load 9999' '--load +9999' '--load 999999%' '--load most' '--memfree 1k' '--memsuspend 1k' \
		'--limit load\ 9999' '--limit mem\ 1k' '--noswap'; do
		eval "run -0 parallel $option echo ::: a"
		assert_output a
	done
	run -255 parallel --load x echo ::: a
	run -255 parallel --limit 'mem x' echo ::: a
	run -255 parallel -j nofile echo ::: a
}

@test "--results: long values that begin alike have files of their own" {
	long=$(printf %0300d 1)
	parallel -k --results dir echo ::: "${long}a" "${long}b" >/dev/null
	assert_equal "$(cat dir/1/*/stdout | sort)" "${long}a"$'\n'"${long}b"
}

@test "what changes nothing here is taken" {
	run -0 --separate-stderr parallel --will-cite --gnu --no-notice --bar --eta --progress --compress echo ::: a
	assert_output a
}

@test "profiles and \$PARALLEL come before the command line" {
	mkdir -p home/.parallel
	echo '--tag' >home/.parallel/config
	echo '-j1 --tagstring "x {}"' >home/.parallel/mine
	HOME=$PWD/home run -0 parallel echo ::: a
	assert_output $'a\ta'
	HOME=$PWD/home run -0 parallel -J mine echo ::: a
	assert_output $'x a\ta'
	HOME=$PWD/home PARALLEL='--dry-run' run -0 parallel --plain echo ::: a
	assert_output a
	HOME=$PWD PARALLEL='--dry-run' run -0 parallel echo ::: a
	assert_output 'echo a'
}

@test "a #! line: the file is a list of commands" {
	printf '#!/usr/bin/env -S parallel --shebang -k\necho one\necho two\n' >tasks
	chmod +x tasks
	run -0 ./tasks
	assert_output $'one\ntwo'
}

@test "the call that bats makes" {
	printf '#!/bin/bash\nfor a; do printf "(%%s)" "$a"; done; echo\n' >exec-file
	chmod +x exec-file
	run -0 parallel --keep-order --jobs 2 --halt now,fail=1 -- ./exec-file "-T --filter a\\ b" "{#}" "{}" out \
		< <(printf '%s\n' t1.bats 't 2.bats')
	assert_output $'(-T)(--filter)(a b)(1)(t1.bats)(out)\n(-T)(--filter)(a b)(2)(t 2.bats)(out)'
}

@test "sem: the unit of a process that was killed is free" {
	sem --id "$PWD" --fg 'kill -KILL $PPID; sleep 0.1' || true
	run -0 sem --id "$PWD" --fg --st -5 'echo free'
	assert_output free
}

@test "--bar, --eta and --progress show a line in a terminal, and nothing elsewhere" {
	local option
	needs_screen
	mkfifo go
	for option in --bar --eta --progress '--bar --eta --progress'; do
		# shellcheck disable=SC2086 # several options
		run -0 on_screen '0/3 0%' show: '' 'sh:echo >go' -- \
			parallel $option -j1 'if [ {} = 1 ]; then read -r _ <go; fi; echo job' ::: 1 2 3
		assert_line --regexp '^\[\.+\] 0/3 0%, 1 running'
		assert_line --index 2 'job'
	done
	run -0 --separate-stderr parallel --bar --total-jobs 3 echo ::: a
	assert_equal "$stderr" ''
}

@test "--bar does not mix with lines in colours" {
	local options
	needs_screen
	mkfifo go
	for options in '' --lb --tag; do
		# shellcheck disable=SC2086 # several options
		run -0 on_screen '0/3 0%' 'sh:echo >go' -- \
			parallel --bar --color $options -k -j1 'if [ {} = 1 ]; then read -r _ <go; fi; echo job; echo {}' ::: 1 2 3
		refute_output --partial running
		assert_equal "$(grep -c 'job$' <<<"$output")" 3
		assert_equal "${#lines[@]}" 7
		assert_equal "${lines[-1]}" "$untouched"
	done
}

@test "--cat and --fifo: the status is the command's, and no file is left" {
	mkdir own
	TMPDIR=$PWD/own run -3 parallel --pipe -N1 --cat 'test $(cat {}) -gt 3' < <(seq 4)
	TMPDIR=$PWD/own run -3 parallel --pipe -N1 --fifo 'test $(cat {}) -gt 3' < <(seq 4)
	rmdir own
	run -255 parallel --pipe --tee --cat wc ::: a < <(seq 4)
	run -255 parallel --pipe --tee -a a -a b ::: wc
}
