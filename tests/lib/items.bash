# What becomes of items: commands that show what they got, and queues that are filled bit by bit.
# shellcheck disable=SC2154 # patience is set in helper.bash

# Prints its arguments, each in brackets, on a line: show [ITEM...]
# shellcheck disable=SC2016,SC2034 # test files use it, and the job's shell expands it
show=(sh -c 'printf "[%s]" "$@"; echo' sh)

# A command ends with status 0, and prints OUTPUT (for printf %b): prints OUTPUT COMMAND...
prints() {
	local expected
	printf -v expected '%b' "$1"
	run "${@:2}"
	assert_success
	assert_output -- "$expected"
}

# Starts a command with a queue on descriptor 4 that is filled bit by bit, and its output on 5. Sets pool:
# open_queue COMMAND...
open_queue() {
	rm -f in out
	mkfifo in out
	"$@" <in >out 3>&- &
	pool=$!
	exec 4>in 5<out
}

# The next line of the output is as said: next_output LINE
next_output() {
	local line
	read -r -t "$patience" line <&5
	assert_equal "$line" "$1"
}

# Ends the queue, and waits for the command.
close_queue() {
	exec 4>&-
	wait "$pool"
}

# What no quoting may be wrong about: every byte, words of the shell, mixtures; each ends with NUL.
awkward_items() {
	local byte octal
	for byte in {1..255}; do
		printf -v octal '\\0%o' "$byte"
		printf '%b\0' "$octal" "a${octal}b"
	done
	printf '%s\0' '' -n -- --help a=b '~' '~root' 'a:~' '*' '?' '[a-z]' '{a,b}' '{1..3}' '!!' \
		'if' 'then' 'fi' '{' '}' '!' time case in coproc function \
		'$HOME' '$(echo x)' '`echo x`' "\\" "\\\\" '\n' "'" "''" "'\\''" '"' "'\"'\"'" \
		$'\n' $'a\n\nb\n' $'\t\r\v' ' ' '  a  ' '#a' 'a #b' 'a;b' 'a&b' 'a|b' '<a' '>a' \
		$'\377\376' $'\303' $'caf\303\251' '{}' '{#}' '%s' '\c' "it's \"so\" \$1"
	head -c 20000 /dev/urandom | tr '\n' '\0'
	printf '\0'
}

# Prints N times the letter x: x N
x() {
	head -c "$1" /dev/zero | tr '\0' x
}

# Each line of FILE, as arguments of echo, takes at most BYTES, and the next item would be too
# much: full_lines BYTES FILE
full_lines() {
	run awk -v bytes="$1" '
		{ size = length("echo") + 1 + length($0) + 1 }
		size > bytes || (NR > 1 && before + length($1) + 1 <= bytes) { print "line " NR }
		{ before = size }' "$2"
	refute_output
}
