# Terminals, and what their screens show.
# shellcheck disable=SC2154 # helper.bash sets project
# shellcheck disable=SC2034 # what tests use

# A Python that has pyte. Debian's has it, and may not be the first one.
python_of_screens() {
	local python
	for python in python3 /usr/bin/python3; do
		! "$python" -c 'import pyte' 2>/dev/null || break
	done
	echo "$python"
}

needs_screen() {
	"$(python_of_screens)" -c 'import pyte' 2>/dev/null || skip "python3-pyte is not installed"
}

# Runs a command in a terminal, and prints its screen: on_screen [EXPECTED ACTION]... -- COMMAND...   See screen.py.
on_screen() {
	"$(python_of_screens)" "$project/tests/lib/screen.py" "$@"
}

# The last line of that, where the terminal is as it was before.
untouched='cursor visible echo on wrap on scrolls whole'
