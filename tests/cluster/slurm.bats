#!/usr/bin/env bats
# --shard auto under a real Slurm, and under Open MPI: what they put into the environment, and what becomes of a queue
# when a node dies, or when a job is to make room. The scripts of sbatch are the recipes of the manual.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell to expand
# shellcheck disable=SC1083 # braces are for pexec

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/manual
load ../lib/slurm

setup_file() {
	needs_slurm
	# An instrumented pexec is many times as slow.
	export items=10000
	[ -z "${SANITIZE:-}" ] || items=1000
	slurm_start
}

teardown_file() {
	slurm_stop
}

setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	make_queue "$items"
	# The scripts call it by its name.
	pexec_has_its_name
}

# A queue of N items: make_queue N
make_queue() {
	seq "$1" >queue
}

# Each item was printed once, by any task: each_once FILE...
each_once() {
	diff <(sort -n "$@") queue
}

# The journals of all parts have each job once, and it has succeeded.
journals_are_complete() {
	diff <(awk 'FNR > 1 { print $1 }' run.*.log | sort -n) queue
	run awk 'FNR > 1 && ($7 != 0 || $8 != 0)' run.*.log
	refute_output
}

# Makes ./job of the script on stdin, behind a line that notes where and in which round an item begins.
make_job() {
	{
		echo '#!/bin/sh'
		echo 'echo "$1" >>"began.${ROUND:-1}.${SLURMD_NODENAME:-here}"'
		cat
	} >job
	chmod +x job
}

# Journals have so many jobs, or more: recorded N FILE...
recorded() {
	[ "$(cat "${@:2}" 2>/dev/null | grep -vc '^Seq')" -ge "$1" ]
}

# Slurm has nothing any more that runs or is to run.
no_jobs() {
	[ -z "$(squeue --noheader)" ]
}

@test "srun: each of four tasks on four nodes runs its part" {
	srun -N 4 -n 4 -o out.%t pexec --shard auto -j 2 --joblog run.{shard}.log -a queue echo
	each_once out.[0-3]
	journals_are_complete
	assert_equal "$(wc -l out.* | awk '$2 != "total" { print $1 }' | sort -u)" "$((items / 4))"
}

@test "srun: a node dies, and three tasks go on with what four had left" {
	local task
	# What the dead node has begun is some forty items, and then two that last.
	make_job <<-'END'
		[ "$ROUND$SLURMD_NODENAME" != 1node3 ] || [ "$1" -le 160 ] || exec sleep 1000
	END
	ROUND=1 srun -N 4 -n 4 pexec --shard auto -j 2 --joblog run.{shard}.log -a queue ./job 2>said 3>&- &
	task=$!
	wait_until recorded 40 run.2.log
	slurm_kill_node 3
	wait_until recorded "$((items * 3 / 4))" run.[013].log
	slurm_tell_death 3
	# Its status may be 0 all the same.
	wait "$task" || true
	grep -q 'Node failure on node3' said
	cp run.2.log before
	ROUND=2 srun -N 3 -n 3 pexec --shard auto -j 2 --resume --joblog run.{shard}.log -a queue ./job 2>&1
	slurm_repair_node 3
	# Nothing was lost, and nothing begun twice but what the dead node had begun and not recorded: one job a slot.
	diff <(sort -nu began.*) queue
	cat began.* | sort -n | uniq -d >twice
	[ "$(wc -l <twice)" -le 2 ]
	run grep -vxFf began.1.node3 twice
	refute_output
	run grep -xFf <(cut -f 1 before) twice
	refute_output
	journals_are_complete
}

@test "sbatch: each element of an array runs its part" {
	make_queue 2000
	make_job </dev/null
	manual_text 'With Slurm' | sed 's/--array=0-15/--array=1-7:2/' >script
	grep -q '1-7:2' script
	sbatch script
	wait_until no_jobs
	each_once began.*
	journals_are_complete
	assert_equal "$(echo run.*.log)" 'run.0.log run.1.log run.2.log run.3.log'
}

@test "sbatch: a job that is to make room drains, is requeued, and goes on" {
	make_queue 2000
	# The first eight jobs hold both slots of each task. Half of them tell that the signal has come, which reaches every
	# process of the step; to the others it would be the end.
	make_job <<-'END'
		[ "$1" -le 8 ] || exit 0
		[ "$1" -gt 4 ] || exec perl -e '
			$SIG{USR2} = sub { open my $told, ">", "told.$ARGV[0]" };
			open my $ready, ">", "ready.$ARGV[0]";
			select undef, undef, undef, 0.01 until -e "go"' "$1"
		: >"ready.$1"
		until [ -e go ]; do sleep 0.01; done
	END
	manual_text 'With Slurm' 2 >script
	job=$(sbatch --parsable --output=said script)
	wait_until eval '[ "$(echo ready.[1-8] | wc -w)" = 8 ]'
	scancel --signal=USR2 "$job"
	wait_until eval '[ "$(echo told.[1-4] | wc -w)" = 4 ]'
	: >go
	wait_until no_jobs
	run scontrol show job "$job"
	assert_output --regexp 'JobState=COMPLETED .*Restarts=1 .*ExitCode=0:0'
	each_once began.*
	journals_are_complete
}

# As root Open MPI wants to be told twice that this is meant; it starts more than there are processors when told.
mpi() {
	OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "$@"
}

@test "mpirun: each rank runs its part" {
	type -P mpirun >/dev/null || skip "needs Open MPI: mpirun is not here"
	make_queue 300
	make_job </dev/null
	mpi mpirun --oversubscribe -n 3 pexec --shard auto --joblog run.{shard}.log -a queue ./job
	each_once began.*
	assert_equal "$(wc -l run.*.log | awk '{ print $1, $2 }')" $'101 run.0.log\n101 run.1.log\n101 run.2.log\n303 total'
}

@test "mpirun in an allocation: its ranks count, not those of the tasks that srun has started for it" {
	type -P mpirun >/dev/null || skip "needs Open MPI: mpirun is not here"
	make_queue 300
	make_job </dev/null
	mpi salloc -N 2 -n 3 mpirun pexec --shard auto --joblog run.{shard}.log -a queue ./job
	each_once began.*
	assert_equal "$(wc -l run.*.log | awk '{ print $1, $2 }')" $'101 run.0.log\n101 run.1.log\n101 run.2.log\n303 total'
}
