#!/usr/bin/env bats
# What the manual has for clusters that are not here: Kubernetes, and cron on several hosts.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells to expand
# shellcheck disable=SC2154 # pid is set in background.bash

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/manual

setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	pexec_has_its_name
	seq 40 >queue
	printf '#!/bin/sh\necho "$1" >>ran\n' >job
	chmod +x job
}

# Packages of npm, fetched once for a build: npm_packages NAME...
npm_packages() {
	type -P npm >/dev/null || skip "needs npm"
	export NODE_PATH=$BUILD/npm/node_modules
	# Where there is no network npm would try for minutes.
	[ -e "$BUILD/npm/done" ] ||
		timeout 30 npm install --silent --no-audit --no-fund --fetch-retries 0 --prefix "$BUILD/npm" "$@" >npm.out 2>&1 ||
		skip "needs $*, which npm cannot fetch here"
	: >"$BUILD/npm/done"
}

@test "Kubernetes: the manifest is one, and its pods do all of the queue, each a part" {
	npm_packages yaml@2 kubernetes-models@4
	manual_text 'With Kubernetes' >manifest.yaml
	# The schema of the API refuses values of another type, and misses fields that have to be there.
	cat >check.js <<-'END'
		const { Job } = require("kubernetes-models/batch/v1/Job");
		const job = require("yaml").parse(require("fs").readFileSync(process.argv[2], "utf8"));
		new Job(job).validate();
		const container = job.spec.template.spec.containers[0];
		console.log(job.spec.completions, ...container.env.map((one) => one.name + "=" + one.value));
		console.log(container.command.join("\n"));
	END
	node check.js manifest.yaml >checked
	sed 's/completions: 8/completions: all/' manifest.yaml >wrong.yaml
	run ! node check.js wrong.yaml
	sed '/name: pexec/s/name/nom/' manifest.yaml >wrong.yaml
	run ! node check.js wrong.yaml
	read -r completions shards <checked
	assert_equal "$shards" "PEXEC_SHARDS=$completions"
	mapfile -t command < <(sed 1d checked)
	for ((i = 0; i < completions; i++)); do
		env "$shards" JOB_COMPLETION_INDEX="$i" "${command[@]}" &
	done
	wait
	sort -n ran | cmp - queue
	assert_equal "$(find . -name 'run.*.log' | wc -l)" "$completions"
	# A pod that is started again has nothing to do.
	run -0 env "$shards" JOB_COMPLETION_INDEX=3 "${command[@]}"
	assert_equal "$(wc -l <ran)" 40
}

@test "cron: of several hosts one does the work, and another goes on when it has crashed" {
	# Cron's environment, and a folder that all have.
	manual_text 'With cron on several hosts' | sed "s,/net/night,'$PWD'," >script
	printf '#!/bin/sh\n[ "$1" != 7 ] || [ -e go ] || { : >hangs; exec sleep %s; }\necho "$1" >>ran\n' "$nap" >job
	for _ in 1 2 3; do
		start env -i HOME=/ SHELL=/bin/sh PATH="$PATH" sh script >>mail 2>&1
		hosts+=("$pid")
	done
	wait_until test -e hangs
	: >go
	for pid in "${hosts[@]}"; do
		# The one that has jobs.
		! job_is_born || break
	done
	kill -9 "$pid"
	wait "${hosts[@]}" || true
	# What was at work on that host may have run twice.
	sort -nu ran | cmp - queue
	cp ran before
	# One more finds nothing to do.
	run -0 sh script
	cmp ran before
	cmp mail /dev/null
}
