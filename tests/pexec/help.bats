#!/usr/bin/env bats
# --help: all of it, a group, an option. The texts of options are those of the manual.

bats_require_minimum_version 1.5.0
load ../lib/helper

# shellcheck disable=SC2154 # tests/lib sets project
page=$project/man/pexec.1

# The titles of --help, and the options below each: outline FILE
outline() {
	sed -nE 's/^([A-Z][A-Za-z ]*):$/\1/p; s/^  (-.*)$/\1/p' "$1" | sed -E 's/(.*[^ ])   *.*/\1/'
}

@test "--help has the groups of the manual and then placeholders, statuses and examples" {
	"$PEXEC" --help >help
	sed -n '/^\.Sh OPTIONS/,/^\.Sh PLACEHOLDERS/s/^\.Ss //p' "$page" >groups
	(($(wc -l <groups) > 5))
	assert_equal "$(sed -nE 's/^([A-Z][A-Za-z ]*):$/\1/p' help)" "$(cat groups)
Placeholders
Exit status
Examples"
}

@test "--help has all names of the options, in the order of the manual" {
	"$PEXEC" --help >help
	sed -n '/^\.Sh OPTIONS/,/^\.Sh PLACEHOLDERS/s/^\.It //p' "$page" |
		sed -E 's/Fl /-/; s/ , /\n/' | grep -oE -- '^-[^ ]+' | sed 's/^--*\(.\)$/-\1/; s/^-\([^-].\)/--\1/' |
		sort >manual
	sed -nE 's/^  (-.*)$/\1/p' help | grep -oE -- '(^|, )-[^][ ,]+' | sed 's/, //' | sort >names
	(($(wc -l <names) > 80))
	assert_equal "$(diff manual names)" ''
	# The first long name of each row stands for it: others have entries of their own in the manual.
	sed -nE 's/^  (-.*)$/\1/p' help | sed -E 's/^[^-]*(-[^-], )*--([^][ ,]*).*/\2/' >rows
	sed -n '/^\.Sh OPTIONS/,/^\.Sh PLACEHOLDERS/s/^\.It //p' "$page" | grep -oE -- ' -[^ ]+' | tr -d ' ' |
		sed 's/^-//' | grep -xFf rows >order
	assert_equal "$(diff rows order)" ''
}

@test "no line of any help is wider than 80 columns" {
	{
		"$PEXEC" --help
		for group in input command slots output outcome pace fetched life placeholders status examples; do
			"$PEXEC" --help $group
		done
	} >all
	(($(wc -l <all) > 300))
	run ! grep -nE '^.{81}' all
	run ! grep -nE ' $' all
}

@test "the examples of --help are examples of the manual, the statuses its statuses" {
	"$PEXEC" --help examples | sed -n 's/^  //p' >commands
	assert_equal "$(wc -l <commands)" 3
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/p' "$page" | sed 's/\\-/-/g; s/\\(aq/'\''/g' >manual
	run -1 grep -vxFf manual commands
	assert_output ''
	assert_equal "$("$PEXEC" --help status | grep -oE '^ +[0-9 ]+' | xargs)" "0 1 123 125 126 127 128"
}

# A page as words, without the marks of quotes: words
words() {
	tr "\`" "'" | tr -s ' \n' '\n' | grep .
}

@test "--help OPTION: the paragraphs of the manual, word for word" {
	mandoc -Tascii -O width=1000 "$page" | sed 's/.\x08//g' |
		awk '/^[^ ]/ { on = $0 == "OPTIONS" }
			on && /^     -/ { name = $0; sub(/^ *(-[^-], )?--/, "", name); sub(/[[ =].*/, "", name); print "@" name
				if (sub(/^     -[^ ]*( [^ ]+)*  +/, "")) print; next }
			on && sub(/^             /, "")' >texts
	local checked=0
	while read -r name; do
		awk -v name="@$name" '/^@/ { on = $0 == name; next } on' texts | words >manual
		"$PEXEC" --help "$name" | sed -n 's/^      //p' | words >help
		[ -s manual ] || fail "$name is not in the manual"
		diff manual help || fail "--help $name"
		checked=$((checked + 1))
	done < <("$PEXEC" --help | sed -nE 's/^  (-[^-], )*--([^][ ,]*).*/\2/p')
	((checked > 50))
}

@test "an option is shown by any of its names, with or without dashes, with its argument or not" {
	"$PEXEC" --help jobs >help
	run -0 cat help
	assert_line --index 0 '  -j, -P, --jobs, --max-procs N'
	for name in -j -P --jobs --max-procs max-procs -j4 --jobs=4 j; do
		assert_equal "$("$PEXEC" --help "$name")" "$output"
		assert_equal "$("$PEXEC" --help="$name")" "$output"
	done
}

@test "a group is shown with the texts of its options" {
	run -0 "$PEXEC" --help SLOTS
	assert_line --index 0 'Slots:'
	"$PEXEC" --help jobs >option
	assert_equal "$("$PEXEC" --help slots | tail -n +2 | head -n "$(wc -l <option)")" "$(cat option)"
}

@test "what is no option and no group is an error that lists the groups" {
	run -1 --separate-stderr "$PEXEC" --help nonsense
	assert_output ''
	# shellcheck disable=SC2154 # run sets stderr
	assert_equal "$stderr" "pexec: --help nonsense: not an option, and not a group: input command slots output outcome \
pace fetched life placeholders status examples"
	for name in '' - -- --= $'\e[2J' -é; do
		run -1 "$PEXEC" "--help=$name"
		assert_output --partial 'not an option, and not a group: input'
		refute_output --partial $'\e'
	done
	run -1 "$PEXEC" --help tmpdir
	assert_output 'pexec: --help tmpdir: here it is the variable TMPDIR'
}

@test "-h takes no word: it is joined with other letters, and shows all" {
	for arguments in -h '-h nonsense' -hn -0h '-0 -h -n'; do
		# shellcheck disable=SC2086 # several words
		assert_equal "$("$PEXEC" $arguments)" "$("$PEXEC" --help)"
	done
}

@test "a macro that the generator of these texts does not know fails the build, with its line" {
	{ printf '.Sh OPTIONS\n.It Fl a , -abc Ar X\nText.\n.Xx word\n'; } >manual
	run -1 --separate-stderr awk -f "$project/src/dist/help-texts" manual
	assert_equal "$stderr" 'manual:4: help-texts does not know .Xx'
}
