# Runs that follow the file q, and what they have done. Needs background.bash.
# shellcheck disable=SC2016 # the job's shell expands it
# shellcheck disable=SC2154 # pid is set in background.bash

# A job notes its item; `hold` waits until somebody opens the fifo `go`.
job='echo "$1" >>out; [ "$1" != hold ] || read -r _ <go; :'

# Starts pexec with a job for each line of the file q: follow [OPTION...]
follow() {
	start "$PEXEC" -j1 --follow -a q "$@" -c "$job"
}

# These items have run, in this order: ran ITEM...
ran() {
	[ "$(cat out 2>/dev/null)" = "$(printf '%s\n' "$@")" ]
}

# These items have run, in any order: ran_all ITEM...
ran_all() {
	[ "$(sort out 2>/dev/null)" = "$(printf '%s\n' "$@" | sort)" ]
}

# Waits until these items have run, and no others: runs ITEM...
runs() {
	wait_until ran "$@" || { cat out; return 1; }
}

# Starts pexec; the file with the line a, whose name is q.1 then, is open as descriptor 7, and a new one has
# the line b: rotated_open [OPTION...]
rotated_open() {
	echo a >q
	follow "$@"
	runs a
	exec 7>>q
	mv q q.1
	echo b >q
	runs a b
}

# Waits until a file that is written now gets a later time than FILE has: later_than FILE
later_than() {
	until : >probe && [ probe -nt "$1" ]; do :; done
	rm probe
}

# Ends the run by draining it, and it has gone well.
drain() {
	kill -s QUIT "$pid"
	ends 0
}

# Kills pexec, and waits until its journal is free.
murder() {
	kill -s KILL "$pid"
	wait "$pid" || true
	pid=
	flock log true
}

# The jobs of the journal, in their order, by their last word.
recorded() {
	sed '1d; s/.* //' log | sort | xargs
}

# These are the jobs of the journal: journal_has WORD...
journal_has() {
	[ "$(recorded)" = "$*" ]
}

# Makes a journal of the lines a and b of q, which a run with `--follow` has ended with SIGKILL.
broken_off() {
	printf 'a\nb\n' >q
	follow --joblog log
	wait_until journal_has a b
	murder
}

# A resumed run is refused, with this message, and nothing is run: refused MESSAGE
refused() {
	run -1 "$PEXEC" -j1 --follow -a q --resume --joblog log -c "$job"
	assert_output --partial "$1"
	[ "$(sort out)" = $'a\nb' ]
}

# pexec has a file open: has_open NAME
has_open() {
	find "/proc/$pid/fd" -lname "$PWD/$1" | grep -q .
}

not_open() {
	! has_open "$1"
}
