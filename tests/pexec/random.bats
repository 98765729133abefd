#!/usr/bin/env bats
# Jobs that print random amounts at random, in every way that output is passed on, beside a serial run.
# SOAK=1: a thousand of them.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's awk to expand

bats_require_minimum_version 1.5.0
load ../lib/helper

# Few lines mostly, now and then many; in pieces that begin and end anywhere. Each begins with the number
# of the job, so that it is known whose it is.
noise='BEGIN {
	srand(seed)
	count = rand() < 0.09 ? rand() * 4000 : rand() * 40
	for (i = 0; i < count; i++) {
		to = rand() < 0.6 ? "/dev/stdout" : "/dev/stderr"
		printf "%s %s ", seed, i >to
		if (rand() < 0.1)
			fflush(to)
		for (j = int(rand() * 20); j > 0; j--)
			printf "%s", rand() >to
		printf "\n" >to
	}
}'

# The jobs, run by pexec with these options: run_all OPTION...
run_all() {
	"$PEXEC" -j4 --buffer 200k -a seeds "$@" awk -v "seed={}" "$noise" >out 2>err
}

# Both outputs are those of the serial run, whatever a filter has to change in these before:
# same FILTER... ; by_job sorts by jobs, and leaves what each has printed in its order
same() {
	for stream in out err; do
		cmp <("$@" <$stream) serial.$stream || return
	done
}

by_job() {
	sort -s -n -k 1,1
}

untag() {
	# Every line has the tag of its own job.
	sed 's/^\([0-9]*\)\t\1 /\1 /' | "$@"
}

# In a file the lines of a job stand together.
in_groups() {
	awk '$1 != last { if (seen[$1]++) exit 1; last = $1 }' "$1"
}

setup_file() {
	# The tests of this file share a folder.
	export BATS_NO_PARALLELIZE_WITHIN_FILE=true
	cd "$BATS_FILE_TMPDIR" || return
	first=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
	count=${SOAK:+1000}
	seq "$first" "$((first + ${count:-100} - 1))" >seeds
	xargs -I SEED awk -v seed=SEED "$noise" <seeds >serial.out 2>serial.err
}

setup() {
	untraced_at_first
	cd "$BATS_FILE_TMPDIR" || return
	echo "seeds from $(head -n 1 seeds) to $(tail -n 1 seeds)"
	[ -s serial.out ] && [ -s serial.err ]
}

@test "grouped" {
	run_all
	same by_job
	in_groups out
	in_groups err
}

@test "-k" {
	run_all -k
	same cat
}

@test "--lb" {
	run_all --lb
	same by_job
}

@test "-k --lb" {
	run_all -k --lb
	same cat
}

@test "--tag" {
	run_all --tag
	same untag by_job
	in_groups out
}

@test "-k --tag --lb" {
	run_all -k --tag --lb
	same untag cat
}

@test "--results DIR" {
	run_all --results dir
	same by_job
	eval "cat dir/{1..$(wc -l <seeds)}/stdout" | cmp - serial.out
	eval "cat dir/{1..$(wc -l <seeds)}/stderr" | cmp - serial.err
	assert_equal "$(cat dir/*/item | sort -n)" "$(cat seeds)"
}

@test "--results FILE" {
	run_all -k --results table.json
	python3 -c '
import json
out, err = open("table.out", "w"), open("table.err", "w")
for line in open("table.json"):
	record = json.loads(line)
	out.write(record["Stdout"])
	err.write(record["Stderr"])'
	cmp table.out serial.out
	cmp table.err serial.err
	cat out err | cmp - /dev/null
}
