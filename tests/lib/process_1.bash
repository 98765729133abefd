# A namespace of processes, in which a command is process 1.
# shellcheck disable=SC2154 # patience is set in helper.bash

# Skips where no such namespace can be made.
needs_process_1() {
	unshare --fork --pid --mount-proc true 2>/dev/null || skip "needs the right to make a namespace"
}

# Runs something as process 1: as_process_1 COMMAND...
as_process_1() {
	timeout "$patience" unshare --fork --pid --mount-proc "$@"
}
