#!/usr/bin/env bats
# Several runs that take the jobs of one queue: --share. The locks of open files are Linux's.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2030,SC2031 # each test has a job of its own
# shellcheck disable=SC2154 # pid is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background

# Whoever runs the tests may have been started by a launcher.
unset "${!PEXEC_@}"

# A run that shares the queue in `queue`: share [OPTION...] COMMAND...
share() {
	"$PEXEC" -j2 --share file --joblog 'log.{shard}' -a queue "$@"
}

# The numbers in all journals, in their order.
recorded() {
	cat log.* | cut -f 1 | grep '^[0-9]' | sort -n
}

# The lines of the file that take jobs: taken ID
taken() {
	sed -n "s/^take $1 //p" file
}

# A job that leaves its item in `ran`, and waits for a file of that name behind `go-`, where it is a letter.
job='echo "$1" >>ran; case $1 in [a-z]) until [ -e "go-$1" ]; do read -r -t 0.02 _ <>wait || :; done;; esac'

# So many runs are alive, or their guardians are: each has a lock.
are_alive() {
	[ "$(grep -c "OFDLCK.*:$(stat -c %i file) " /proc/locks)" = "$1" ]
}

# Starts a run whose jobs are the ones above: start_run [OPTION...]
start_run() {
	[ -e wait ] || mkfifo wait
	start "$PEXEC" --share file -a queue "$@" bash -c "$job" bash 2>>messages
}

# It ends with this status: ends_with STATUS PID
ends_with() {
	local status=0
	wait "$2" || status=$?
	assert_equal "$status" "$1"
}

# Kills it, and waits until nothing is left of it; so many others live: kill_run PID OTHERS
kill_run() {
	kill -9 "$1"
	wait "$1" || :
	wait_until are_alive "$2"
}

# A run is killed that has job a, while another one has job ITEM, which pid is then: one_is_killed ITEM [OPTION...]
one_is_killed() {
	local dead
	start_run -j1 "${@:2}"
	dead=$pid
	wait_until grep -q a ran
	start_run -j1 "${@:2}"
	wait_until grep -q "$1" ran
	kill_run "$dead" 1
}

@test "runs that share a queue do each of its jobs once" {
	seq 500 >queue
	for _ in 1 2 3; do
		share echo >>out &
	done
	wait
	assert_equal "$(sort -n out | cmp - queue && echo same)" same
	assert_equal "$(recorded | cmp - queue && echo same)" same
	assert_equal "$(echo log.*)" 'log.0 log.1 log.2'
	# What they have written: who came, who took what, and that all is done.
	assert_equal "$(head -n 1 file)" 'pexec share 1'
	assert_equal "$(grep -c '^part' file) $(grep -c '^end' file)" '3 3'
	assert_equal "$(awk '$1 == "take" { for (i = $3; i <= $4; i++) print i }' file | cmp - queue && echo same)" same
}

@test "the chunks become smaller towards the end, and are small where jobs take long" {
	seq 2000 >queue
	share true
	assert [ "$(taken 0 | awk '{ n = $2 - $1 + 1; if (n > most) most = n } END { print most }')" -ge 16 ]
	assert_equal "$(taken 0 | tail -n 1)" '2000 2000'
	# No chunk is more than half of what is left.
	assert_equal "$(taken 0 | awk '$2 - $1 + 1 > 1 && $2 - $1 + 1 > (2000 - $1 + 1) / 2')" ''
	# Jobs of a fifth of a second: after the first ones, which fill the slots, one or two at a time.
	rm file log.0
	seq 12 >queue
	share sh -c 'sleep 0.2'
	assert_equal "$(taken 0 | tail -n 6 | awk '$2 - $1 > 1')" ''
}

@test "as long as no job has ended a run takes no more than it has slots" {
	printf '%s\n' a b c d e f g h >queue
	mkfifo wait
	start_run -j4 -a /dev/null
	wait_until eval '[ $(wc -l <ran) = 4 ]'
	start_run -j4
	wait_until eval '[ $(wc -l <ran) = 8 ]'
	touch go-{a..h}
	wait
	assert_equal "$(awk '$1 == "take" { for (i = $3; i <= $4 && i <= 8; i++) n[$2]++ } END { print n[0], n[1] }' file)" '4 4'
}

@test "a list, and blocks of a file, are shared, too" {
	for _ in 1 2; do
		"$PEXEC" -j1 --share file echo ::: a b ::: 1 2 3 >>out &
	done
	wait
	assert_equal "$(sort out | tr '\n' ' ')" 'a 1 a 2 a 3 b 1 b 2 b 3 '
	seq 100 >queue
	for _ in 1 2; do
		"$PEXEC" -j1 --share blocks --pipe -n 7 -a queue cat >>blocks_out &
	done
	wait
	assert_equal "$(sort -n blocks_out | cmp - queue && echo same)" same
}

@test "--shard says which part of --share a run is" {
	seq 4 >queue
	share --shard 7/9 true
	assert [ -s log.7 ]
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 '
	assert_equal "$(sed -n 3p file)" 'part 0 7'
}

@test "what a run had taken that was killed is taken over by the one that is idle" {
	printf '%s\n' a b 3 4 5 6 7 h 9 >queue
	start_run -j2 --joblog 'log.{shard}'
	dead=$pid
	wait_until grep -q b ran
	start_run -j1 --joblog 'log.{shard}'
	wait_until grep -q h ran
	kill_run "$dead" 1
	touch go-a go-b go-h
	ends_with 0 "$pid"
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 5 6 7 8 9 '
	assert_equal "$(sort ran | uniq -d | tr '\n' ' ')" 'a b '
	assert_equal "$(cat messages)" 'pexec: --share file: part 0 is dead, and had taken jobs: those that are not done are run now'
	assert_equal "$(grep -c '^end' file)" 2
}

@test "a run that was killed is waited for until its jobs are dead" {
	printf '%s\n' a 2 3 d >queue
	start_run -j1 --shard 1/2 --joblog 'log.{shard}'
	wait_until grep -q a ran
	# What a run leaves that was killed: its lines, and its place in the file for as long as its guardian has it.
	printf 'part 1 0\ntake 1 2 3\n' >>file
	mkfifo gone
	perl -e 'open my $file, "+<", "file";
		my $lock = pack("s s x![q] q q l x![q]", 1, 0, 1 << 61, 1, 0);
		fcntl($file, 37, $lock) or die $!;
		open my $held, ">", "held"; close $held; open my $gone, "<", "gone"' 3>&- &
	wait_until test -e held
	touch go-a go-d
	wait_until grep -q '^4' log.1
	# It is at the end of the queue, and waits.
	: >gone
	ends_with 0 "$pid"
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 '
	assert_equal "$(cat messages)" 'pexec: --share file: part 0 is dead, and had taken jobs: those that are not done are run now'
}

@test "a part that comes back right after it was killed waits until its jobs are dead" {
	printf '%s\n' a 2 3 >queue
	start_run -j1 --shard 3/9 --joblog 'log.{shard}'
	wait_until grep -q a ran
	kill -9 "$pid"
	: >go-a
	run -0 "$PEXEC" -j1 --share file --shard 3/9 --resume --joblog 'log.{shard}' -a queue bash -c "$job" bash
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 '
}

@test "what runs have left of an older queue is not believed" {
	printf '%s\n' a 2 3 4 5 6 7 h >queue
	# Of another time, and of more parts.
	for part in 2 3; do
		"$PEXEC" --shard "$part/4" --joblog 'log.{shard}' -a queue bash -c : bash
		sed -i "s/bash -c : bash/bash -c '&'/" "log.$part"
	done
	one_is_killed h --joblog 'log.{shard}'
	touch go-a go-h
	ends_with 0 "$pid"
	assert_equal "$(cat log.0 log.1 | cut -f 1 | grep '^[0-9]' | sort -n | tr '\n' ' ')" '1 2 3 4 5 6 7 8 '
}

@test "a run that was through is not called dead by later ones" {
	printf '%s\n' a c d 4 5 >queue
	# It does what it has taken, and cannot take over what another one had.
	start_run -j1
	dead=$pid
	wait_until grep -q a ran
	start_run -j1
	through=$pid
	wait_until grep -q c ran
	start_run -j1
	wait_until grep -q d ran
	kill_run "$dead" 2
	: >go-c
	ends_with 1 "$through"
	: >go-d
	ends_with 1 "$pid"
	assert_equal "$(cut -d : -f 3 messages | sort | uniq -c | tr -s ' ')" ' 2 part 0 is dead, and had taken jobs'
}

@test "--resume-failed: what has failed in this run is not run again when it is taken over" {
	job+='; ! [[ $1 = [12] ]]'
	mkfifo wait
	printf '%s\n' 1 2 >queue
	run -123 "$PEXEC" -j1 --joblog log.0 -a queue bash -c "$job" bash
	rm ran
	printf '%s\n' c 4 d 5 >>queue
	start_run -j1 --resume-failed --joblog 'log.{shard}'
	dead=$pid
	wait_until grep -q c ran
	start_run -j1 --resume-failed --joblog 'log.{shard}'
	wait_until grep -q d ran
	kill_run "$dead" 1
	touch go-c go-d
	ends_with 0 "$pid"
	assert_equal "$(sort ran | tr '\n' ' ')" '1 2 4 5 c c d '
}

@test "a run that cannot begin leaves nothing in the file" {
	printf '%s\n' a 2 3 >queue
	start_run -j1 --shard 0/2 --joblog 'log.{shard}'
	wait_until grep -q a ran
	cp file before
	run -1 "$PEXEC" --share file --shard 1/2 --joblog 'none/log.{shard}' -a queue true
	cmp file before
	run -0 "$PEXEC" --share file --shard 1/2 --joblog 'log.{shard}' -a queue true
	: >go-a
	wait
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 '
}

@test "a file that is removed, or made shorter, while runs are at it ends them" {
	for damage in 'rm file' 'mv file other' ': >file'; do
		rm -f file ran go-* messages
		printf '%s\n' a 2 3 4 >queue
		start_run -j1
		wait_until grep -q a ran
		eval "$damage"
		: >go-a
		ends_with 1 "$pid"
		run cat messages
		assert_output --regexp '^pexec: --share file: it (has been removed, or has another name now|is damaged behind byte [0-9]+)$'
	done
}

@test "what is not done when the last run has died is done by the next one with --resume" {
	printf '%s\n' 1 b 3 d 5 6 >queue
	for _ in 1 2; do
		start_run -j1 --joblog 'log.{shard}'
		runs+=("$pid")
	done
	wait_until grep -q b ran
	wait_until grep -q d ran
	kill_run "${runs[0]}" 1
	kill_run "${runs[1]}" 0
	touch go-b go-d
	run -1 "$PEXEC" --share file -a queue --joblog 'log.{shard}' bash -c "$job" bash
	assert_output 'pexec: --share file: it is of a run that is over: --resume goes on from it, and without it there is another run'
	for _ in 1 2 3; do
		start_run -j1 --joblog 'log.{shard}' --resume
	done
	wait
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 5 6 '
	assert_equal "$(sort ran | uniq -d | tr '\n' ' ')" 'b d '
}

@test "a run that comes late, when all is done, has nothing to do with --resume, and fails without it" {
	seq 5 >queue
	share echo
	run -1 share echo
	assert_output --partial 'it is of a run that is over'
	run -0 share --resume echo
	assert_output ''
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 5 '
}

@test "a run that comes back while others are at it goes on, with --resume alone" {
	printf '%s\n' a 2 3 d 5 6 7 8 >queue
	start_run -j1 --shard 0/2 --joblog 'log.{shard}'
	dead=$pid
	wait_until grep -q a ran
	start_run -j1 --shard 1/2 --joblog 'log.{shard}'
	other=$pid
	wait_until grep -q d ran
	# As long as it lives there is no other of this part.
	run -1 "$PEXEC" --share file --shard 0/2 -a queue true
	assert_output 'pexec: --share file: another pexec is part 0'
	kill_run "$dead" 1
	run -1 "$PEXEC" --share file --shard 0/2 -a queue true
	assert_output 'pexec: --share file: part 0 has been in it before: --resume goes on with it'
	: >go-a
	run -0 "$PEXEC" -j1 --share file --shard 0/2 -a queue --joblog 'log.{shard}' --resume bash -c "$job" bash
	: >go-d
	wait "$other"
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 5 6 7 8 '
	assert_equal "$(sort ran | uniq -d | tr '\n' ' ')" 'a '
}

@test "a run that is drained leaves what it has taken to the others" {
	printf '%s\n' a 2 3 4 5 6 g 8 >queue
	start_run -j1 --joblog 'log.{shard}'
	drained=$pid
	wait_until grep -q a ran
	start_run -j1 --joblog 'log.{shard}'
	wait_until grep -q g ran
	other=$pid
	kill -QUIT "$drained"
	pid=$drained
	wait_until signals_taken
	: >go-a
	ends_with 125 "$drained"
	wait_until are_alive 1
	: >go-g
	ends_with 0 "$other"
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 5 6 7 8 '
	assert_equal "$(sort ran | uniq -d)" ''
}

@test "what is left cannot be taken over without journals, nor from a pipe: that is said" {
	printf '%s\n' a 2 3 d >queue
	one_is_killed d
	: >go-d
	ends_with 1 "$pid"
	assert_equal "$(cat messages)" 'pexec: --share file: part 0 is dead, and had taken jobs: without a --joblog of {shard} it is not known which are done'
	rm -f file go-d ran messages
	start_run -j1 --joblog 'log.{shard}'
	dead=$pid
	wait_until grep -q a ran
	start bash -c 'cat queue | "$1" --share file --joblog "log.{shard}" -j1 bash -c "$2" bash 2>messages' bash "$PEXEC" "$job"
	wait_until grep -q d ran
	kill_run "$dead" 1
	: >go-d
	ends_with 1 "$pid"
	assert_equal "$(cat messages)" 'pexec: --share file: part 0 is dead, and had taken jobs: the input cannot be read again, --resume runs the rest'
}

@test "a journal of a dead run that cannot be read ends the run" {
	printf '%s\n' a 2 3 d >queue
	one_is_killed d --joblog 'log.{shard}'
	echo damage >log.0
	: >go-d
	ends_with 1 "$pid"
	run -0 grep log.0 messages
	assert_output 'pexec: --joblog log.0: line 1 is damaged; nothing is run before it is mended or removed'
}

@test "a line that a run has torn, which was killed, is taken off" {
	seq 4 >queue
	printf 'pexec share 1\npart 0 0\ntake 0 1 1\ntake 0 2' >file
	run -0 share --resume echo
	assert_equal "$(recorded | tr '\n' ' ')" '1 2 3 4 '
}

@test "a file that is another one is left alone; one that is damaged, too" {
	seq 4 >queue
	for content in 'something' 'pexec share 2' $'pexec share 1\npart 0 0\ntake 0 2 1' $'pexec share 1\ntake 0 1 2' $'pexec share 1\npart 1 0' \
		$'pexec share 1\npart 0 0\nend 1' $'pexec share 1\nfoo 0 1' $'pexec share 1\ntake 0 1' $'pexec share 1\npart 0 x'; do
		printf '%s\n' "$content" >file
		cp file before
		run -1 share echo
		assert_output --partial '--share file: '
		cmp file before
	done
	assert_output 'pexec: --share file: it is damaged behind byte 14'
	# So much is no line that was torn.
	{ printf 'pexec share 1\n'; head -c 200000 /dev/zero | tr '\0' x; } >file
	run -1 share echo
	assert_output --partial 'it is damaged behind byte 14'
	assert_equal "$(wc -c <file)" 200014
	printf 'something\n' >file
	run -1 share echo
	assert_output 'pexec: --share file: this is another file'
	run -1 share --joblog file echo
	run -1 "$PEXEC" --share /dev/null echo ::: 1
	run -1 "$PEXEC" --share . echo ::: 1
	run -1 "$PEXEC" --share none/file echo ::: 1
	assert_output 'pexec: --share none/file: opening it: No such file or directory'
	# A number that has no place in the file.
	run -1 "$PEXEC" --share new --shard 1099511627776/2000000000000 echo ::: 1
	assert_output 'pexec: --share new: so many parts are too many: Invalid argument'
	run -0 "$PEXEC" --share new --shard 1099511627775/2000000000000 echo ::: 1
}

@test "--share goes with no queue that differs from run to run" {
	for options in --shuf '--order longest=log' -X '--pipe --spread' '--next true' '--source true' --follow --keep-orphans --dry-run; do
		# shellcheck disable=SC2086 # words
		run -1 "$PEXEC" --share file $options -a /dev/null cat
		assert_output --partial '--share'
	done
	assert [ ! -e file ]
}

@test "runs of a shared queue that are killed at any time: nothing is lost, nothing recorded is done again" {
	local trial trials=$((${SOAK:+17} + 3))
	local napping=(bash -c 'echo "$1" >>ran; sleep 0.0$((RANDOM % 10))' bash)
	seq 120 >queue
	for ((trial = 0; trial < trials; trial++)); do
		rm -f file log.* ran messages
		runs=()
		for _ in 1 2 3 4; do
			start "$PEXEC" -j2 --share file --joblog 'log.{shard}' -a queue "${napping[@]}" 2>>messages
			runs+=("$pid")
		done
		# All of them in each third trial, or else two.
		wait_until eval '[ $(wc -l <ran) -gt $((RANDOM % 60)) ]'
		victims=("${runs[@]}")
		[ $((trial % 3)) = 0 ] || victims=("${runs[RANDOM % 2]}" "${runs[RANDOM % 2 + 2]}")
		for victim in "${victims[@]}"; do
			kill -9 "$victim" || : # it may be through
		done
		wait || :
		recorded | uniq -d >twice
		cmp twice /dev/null
		wait_until are_alive 0
		"$PEXEC" -j4 --resume --share file --joblog 'log.{shard}' -a queue "${napping[@]}"
		recorded | cmp - queue
		# At most what ran when its run was killed has run twice.
		[ "$(sort ran | uniq -d | wc -l)" -le $((2 * ${#victims[@]})) ]
	done
}
