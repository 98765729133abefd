# Runs that listen on the socket S, and calls to them. Needs background.bash.
# shellcheck disable=SC2016,SC2034 # test files use what is set here, and the job's shell expands it

# Calls the run: ctl COMMAND [ARGUMENT]
ctl() {
	"$PEXEC" --ctl S "$@"
}

# The run listens.
listens() {
	[ -S S ] && ctl status
}

# Starts a run that listens on S: serve ARGUMENT...
serve() {
	start "$PEXEC" --ctl S "$@"
	wait_until listens
}

# The answer to a command contains a text: tells TEXT COMMAND...
tells() {
	[[ $(ctl "${@:2}") == *"$1"* ]]
}

# A job that says that it has started, and waits at a fifo of its own.
waiting='echo "$0" >>started; read -r x <"go$0" || :'

# Fifos for such jobs: gates ITEM...
gates() {
	: >started
	mkfifo "${@/#/go}"
}

# What has started, in any order, is: has_started ITEM...
has_started() {
	has_lines "$#" started && [ "$(sort started)" = "$(printf '%s\n' "$@" | sort)" ]
}
