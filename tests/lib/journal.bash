# The journal of a run, `log`.

# shellcheck disable=SC2034 # test files use it
header=$'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'

# A line of a journal: line SEQ EXITVAL COMMAND
line() {
	printf '%d\t:\t1700000000.000\t     0.001\t0\t0\t%d\t0\t%s\n' "$@"
}

# The numbers of the jobs that are in the journal, in their order.
seqs() {
	sed 1d log | cut -f 1 | sort -n | tr '\n' ' '
}

# The items of the jobs that have left a mark since the last call, in their order.
ran() {
	[ ! -e ran ] || tr '\n' ' ' <ran
	rm -f ran
}
