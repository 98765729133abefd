#!/usr/bin/env bats
# CPUs that the process may use: what -j, -j FILE and --ctl slots count.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC1083 # braces are for pexec
# shellcheck disable=SC2154 # pid and nap are set in background.bash, stderr by run --separate-stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control
load ../lib/slots

# Runs a function in a shell that from then on may use one CPU alone: on_one_cpu FUNCTION [ARGUMENT...]
on_one_cpu() {
	local list
	list=$(taskset -cp "$BASHPID")
	taskset -cp "$(grep -o '[0-9]*' <<<"${list##*: }" | head -n 1)" "$BASHPID"
	"$@"
}

@test "slots takes what -j takes, and nothing else" {
	on_one_cpu serve -j1 sleep "$nap" ::: 0
	assert_equal "$(ctl slots 300%)" '3 slots'
	assert_equal "$(ctl slots +4)" '5 slots'
	for wrong in x -100000 '' '1 2' 99999999; do
		run -1 --separate-stderr ctl slots "$wrong"
		assert_equal "$output" ''
		[[ $stderr == 'pexec: --ctl S: slots: '* ]]
	done
	kill "$pid"
	ends 143
}

@test "-j FILE: fewer slots, and every form of a number" {
	echo 3 >slots
	gates 1 2 3 4 5
	on_one_cpu serve -j slots sh -c "$waiting" ::: 1 2 3 4 5
	wait_until has_started 1 2 3
	echo 1 >slots
	wait_until tells '; 1 slot' status
	release go1
	release go2
	wait_until tells '1 running' status
	has_started 1 2 3
	printf ' 400%%\n\n' >slots
	wait_until tells '; 4 slots' status
	kill "$pid"
	ends 143
}

# The only CPU that commands behind it may use: one_cpu COMMAND...
one_cpu() {
	local list
	# Not line by line: read goes back in the file, which the system then makes anew.
	list=$(</proc/self/status)
	read -r list _ <<<"${list##*Cpus_allowed_list:}"
	taskset -c "${list%%[-,]*}" "$@"
}

@test "-j counts the CPUs that the process may use: +N, -N, N%, and the default is all of them" {
	while read -r expected option; do
		# shellcheck disable=SC2086 # an option, or none
		slots "$expected" one_cpu "$PEXEC" $option
	done <<-'END'
		1
		1 -j100%
		1 -j1%
		2 -j101%
		3 -j300%
		1 -j+0
		1 -j-0
		4 -j+3
	END
}

@test "-j that leaves no slot is refused, with the number of CPUs" {
	for value in -1 -5 0% -65536; do
		run one_cpu "$PEXEC" -j "$value" true ::: a
		assert_failure 1
		assert_output "pexec: -j $value: fewer than one slot left (CPUs to use here: 1)"
	done
}
