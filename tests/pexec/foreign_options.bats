#!/usr/bin/env bats
# Options of xargs, GNU parallel and others that pexec does not have under these names: it says what they are here.
# shellcheck disable=SC2154 # tests/lib sets project

bats_require_minimum_version 1.5.0
load ../lib/helper

# pexec, called with an option alone, ends with 1, says MESSAGE and where to read more: puzzled MESSAGE OPTION
puzzled() {
	run -1 "$PEXEC" "$2" true </dev/null
	assert_output "pexec: $1
pexec: try 'pexec --help', or 'man pexec'"
}

# The options of stdin, one a line, are either pexec's or have a hint, or are spelled otherwise by dashes alone.
all_are_explained() {
	local option line nearest
	while read -r option; do
		"$PEXEC" "$option" x </dev/null >said 2>&1 || true
		read -r line <said || true
		[[ $line != *'is the beginning of several options' ]] || fail "$option: $line"
		[[ $line == *'unknown option'* ]] || continue
		nearest=${line##*nearest known one is }
		nearest=${nearest%)}
		[[ $line =~ ^'pexec: unknown option '[^:\ ]+': '.+ || ${nearest//-/} == "${option//-/}" ]] ||
			fail "$option: $line"
	done
}

@test "an option of xargs, GNU parallel, rush or make: what it is called here, not what is spelled like it" {
	while IFS='|' read -r typed hint; do
		puzzled "unknown option $typed: $hint" "$typed"
	done <<-'END'
		--xapply|here it is --link
		--tmpdir=/tmp|here it is the variable TMPDIR
		-J|here it is -I STR
		-i|{} is replaced without an option; for another word it is -I STR
		--process-slot-var|PEXEC_SLOT is always set, and counts from 1
		--stop-on-error|here it is --fail-fast
		--output-sync|that is so without an option
	END
}

@test "every foreign option has its hint, and every option that a hint names is one of pexec's" {
	local source=$project/src/cli/foreign_options.c name
	sed -n 's/^    {"\([^"]*\)", .*/\1/p' "$source" >names
	(($(wc -l <names) > 80))
	while read -r name; do
		if [ ${#name} = 1 ]; then name=-$name; else name=--$name; fi
		! "$PEXEC" "$name" </dev/null >said 2>&1
		read -r line <said
		[[ $line =~ ^"pexec: unknown option $name: "[^:]+$ ]] || fail "$line"
	done <names
	grep -oE -- '(^|[ ",;])--?[a-zA-Z][a-z-]*' <(sed -n '/^static/,/^};/s/"[a-zA-Z-]*", //p; s/^static const char.*= *//p' "$source") |
		grep -oE -- '-.*' | sort -u >named
	(($(wc -l <named) > 15))
	while read -r name; do
		run ! grep 'unknown option' < <("$PEXEC" "$name" </dev/null 2>&1)
	done <named
}

@test "dashes within a name are of no account, and it may have an argument" {
	for option in --sqlworker --sql-worker --sql_worker --s-q-l-worker; do
		puzzled "unknown option $option: here it is --next COMMAND, or --results FILE.csv" $option
	done
	puzzled "unknown option --sqlworker=x: here it is --next COMMAND, or --results FILE.csv" --sqlworker=x
}

@test "an abbreviation of GNU parallel's that fits several of ours" {
	puzzled 'unknown option --res: here it is --results DIR' --res
	puzzled 'unknown option --dr: here it is --dry-run' --dr
}

@test "every option of xargs is known, or explained" {
	xargs --help | grep -E '^ +-' | sed -E 's/^ *((-.|--[a-z-]+).*)/\1/; s/  +.*//' | grep -oE -- '(^|, )--?[a-zA-Z0-9][a-z-]*' | tr -d ', ' | sort -u >options
	(($(wc -l <options) > 25))
	all_are_explained <options
}

@test "every option of GNU parallel is known, or explained" {
	command -v parallel >/dev/null || skip "there is no parallel"
	grep -q '^sub options_completion_hash' "$(command -v parallel)" || skip "this parallel has no table of options"
	# Its own table; names that begin with _ are for its own use.
	perl -e 'undef $/; $_ = <>; /^(sub options_completion_hash.*?^\})/ms or die; eval $1;
		%table = options_completion_hash();
		for (keys %table) { s/\[.*//s; s/[=:+!].*//s; print join("\n", split /\|/), "\n"; }' "$(command -v parallel)" |
		grep -v '^_' | sed 's/^..\{1,\}/--&/; s/^.$/-&/' | sort -u >options
	(($(wc -l <options) > 250))
	all_are_explained <options
}
