# How many slots a call makes.
# shellcheck disable=SC2016 # the job's shell expands it

# So many jobs have started: has_at_least N
has_at_least() {
	local lines
	mapfile -t lines <started && [ ${#lines[@]} -ge "$1" ]
}

# pexec, called with COMMAND, makes as many slots as EXPECTED: slots EXPECTED COMMAND...
# So many jobs come to a gate that opens for all of them when the expected number is there. The
# number of the highest slot then tells whether there have been more.
slots() {
	local jobs=$(($1 + 3)) pool slot most=0
	[ -p gate ] || mkfifo gate
	: >started
	mapfile -t items < <(seq $jobs)
	printf '%s\n' "${items[@]}" >items
	exec 4<>gate
	"${@:2}" sh -c 'echo $PEXEC_SLOT >>started; read -r go <gate' <items 3>&- 4>&- &
	pool=$!
	wait_until has_at_least "$1" || kill $pool
	printf '%s\n' "${items[@]}" >&4
	wait $pool
	exec 4>&-
	while read -r slot; do
		((slot <= most)) || most=$slot
	done <started
	assert_equal "$most" "$1"
}
