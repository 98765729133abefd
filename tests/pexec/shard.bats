#!/usr/bin/env bats
# Parts of a queue: --shard, by what launchers say, and the journals of all parts.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand

bats_require_minimum_version 1.5.0
load ../lib/helper

# Whoever runs the tests may have been started by a launcher.
unset "${!SLURM_@}" "${!SGE_@}" "${!LSB_@}" "${!PBS_@}" "${!OMPI_@}" "${!MV2_@}" "${!PMI_@}" "${!PEXEC_@}" JOB_COMPLETION_INDEX

# Runs a part of the queue in `queue`, which prints the items that it runs: part K/N [OPTION...]
part() {
	"$PEXEC" -j2 -k --shard "$1" --joblog 'log.{shard}' -a queue "${@:2}" echo
}

# The items that a run prints, in a line.
in_line() {
	"$@" | tr '\n' ' '
}

@test "each part has each Nth job, by the numbers of the whole queue" {
	seq -f 'item%g' 8 >queue
	assert_equal "$(in_line "$PEXEC" -j1 --shard 1/3 -a queue echo '{#}={}')" '1=item1 4=item4 7=item7 '
	assert_equal "$(in_line "$PEXEC" -j1 --shard 2/3 -a queue echo '{#}={}')" '2=item2 5=item5 8=item8 '
	# Whoever counts from 0 has the same parts.
	assert_equal "$(in_line "$PEXEC" -j1 --shard 0/3 -a queue echo '{#}={}')" '3=item3 6=item6 '
	assert_equal "$(in_line "$PEXEC" -j1 --shard 3/3 -a queue echo '{#}={}')" '3=item3 6=item6 '
	# More parts than jobs: some have none.
	run -0 "$PEXEC" --shard 9/20 -a queue echo
	refute_output
}

@test "a part is of jobs: batches, blocks and combinations are whole" {
	assert_equal "$(in_line "$PEXEC" -j1 -n 3 --shard 2/2 echo ::: 1 2 3 4 5 6 7 8)" '4 5 6 '
	assert_equal "$(in_line "$PEXEC" -j1 --shard 1/2 echo ::: a b ::: 1 2)" 'a 1 b 1 '
	assert_equal "$(seq 6 | in_line "$PEXEC" -j1 --pipe -n 2 --shard 2/3 cat)" '3 4 '
	assert_equal "$(printf 'name\na\nb\nc\n' | in_line "$PEXEC" -j1 --header --shard 2/2 echo '{name}')" 'b '
}

@test "what is known of the length of the queue is of the part" {
	run -0 "$PEXEC" -j1 --shard 1/3 --events events true ::: 1 2 3 4 5 6 7 8
	assert_equal "$(head -n 1 events | grep -o '"total":[0-9]*')" '"total":3'
	# Ended by its second job: of the part one is left.
	run -125 "$PEXEC" -j1 --shard 1/3 --halt soon,fail=1 --summary sh -c '[ $0 != 4 ]' ::: 1 2 3 4 5 6 7 8 9
	assert_output --partial '1 item not begun'
}

@test "{shard} in the name of a file is the number of the part" {
	seq 4 >queue
	"$PEXEC" --shard 1/2 -j1 --joblog 'log.{shard}' --events 'events.{shard}' --results 'table.{shard}.csv' -a queue true
	assert_equal "$(echo log.* events.* table.*)" 'log.1 events.1 table.1.csv'
	# Without parts it is 0.
	"$PEXEC" -j1 --joblog 'one.{shard}' -a queue true
	assert [ -s one.0 ]
}

@test "--resume goes by the journals of all parts, also with another number of them" {
	seq 20 >queue
	part 0/4 >/dev/null
	part 1/4 >/dev/null
	# Two of four never ran. What is left is what two others make of it.
	assert_equal "$(in_line part 1/2 --resume)" '3 7 11 15 19 '
	assert_equal "$(in_line part 2/2 --resume)" '2 6 10 14 18 '
	# And all that is left there is nothing of.
	assert_equal "$(in_line part 1/3 --resume)" ''
	run -0 "$PEXEC" -j1 --resume --joblog 'log.*' -a queue echo
	refute_output
	assert_equal "$(cat log.* | grep -c '^[0-9]')" 20
}

@test "--resume of a name with a star takes journals of any name" {
	seq 6 >queue
	"$PEXEC" -j1 --joblog run.here.log --shard 1/2 -a queue echo
	assert_equal "$(in_line "$PEXEC" -j1 --resume --joblog 'run.*.log' -a queue echo)" '2 4 6 '
	assert_equal "$(echo run.*)" 'run.0.log run.here.log'
}

@test "what only looks like the journal of a part is none" {
	seq 4 >queue
	"$PEXEC" -j1 --joblog 'run.{shard}' --results 'run.{shard}.csv' -a queue echo
	for name in run.0.old run.0~ run.x run.; do
		cp run.0 "$name"
	done
	rm run.0
	run -0 "$PEXEC" -j1 --resume --joblog 'run.{shard}' -a queue echo
	assert_output $'1\n2\n3\n4'
	# Bytes that mean something in patterns are themselves.
	mkdir 'a[b]?'
	"$PEXEC" -j1 --shard 1/2 --joblog 'a[b]?/\{shard}' -a queue echo
	assert [ -s 'a[b]?/\1' ]
	run -0 "$PEXEC" -j1 --shard 0/1 --resume --joblog 'a[b]?/\{shard}' -a queue echo
	assert_output $'2\n4'
}

@test "--chdir: journals of all parts are where the name was typed" {
	seq 4 >queue
	mkdir there
	part 1/2 >/dev/null
	run -0 "$PEXEC" -j1 --resume --chdir there --joblog 'log.{shard}' -a queue echo
	assert_output $'2\n4'
}

@test "a job that might be another one in another run is refused" {
	seq 400000 >queue
	run -1 "$PEXEC" -n 400000 --shard 1/2 -a queue bash -c : "$(head -c 100000 /dev/zero | tr '\0' x)"
	assert_output --partial 'not all of its items fit into the command line here'
	run -1 "$PEXEC" -n 2 -s 1000 --shard 1/2 -a queue true
}

@test "among several journals a job that was done is done; one that failed is tried again" {
	echo 1 >queue
	"$PEXEC" -j1 --joblog log.7 -a queue sh -c '[ -e good ]' || :
	: >good
	run -0 "$PEXEC" -j1 -t --resume-failed --joblog 'log.{shard}' -a queue sh -c '[ -e good ]'
	assert_output "sh -c '[ -e good ]' 1"
	# Now log.7 says that it has failed, and log.0 that it was done.
	run -0 "$PEXEC" -j1 -t --resume-failed --joblog 'log.{shard}' -a queue sh -c '[ -e good ]'
	refute_output
}

@test "a journal of another part that is damaged, or of another queue, ends the run before it begins" {
	seq 6 >queue
	part 1/2 >/dev/null
	part 2/2 >/dev/null
	sed -i 's/echo 4$/echo 5/' log.2
	run -1 part 1/3 --resume
	assert_output --partial "--joblog log.2 has job 4 as 'echo 5', and now it is 'echo 4'"
}

@test "a journal that another part has begun meanwhile is named where it differs" {
	seq 4 >queue
	"$PEXEC" -j1 --shard 2/2 --joblog 'log.{shard}' -a queue true
	run -1 part 0/2 --resume
	assert_output --partial "--joblog log.2 has job 2 as 'true 2', and now it is 'echo 2'"
}

@test "the journals of the others are only read" {
	seq 6 >queue
	part 1/2 >/dev/null
	part 2/2 >/dev/null
	# What a crash has torn is another run's to mend.
	printf '9\t:\t17' >>log.1
	cp log.1 before
	assert_equal "$(in_line part 2/3 --resume)" ''
	cmp log.1 before
	printf 'no line\n' >log.1
	run -1 part 2/3 --resume
	assert_output 'pexec: --joblog log.1: line 1 is damaged; nothing is run before it is mended or removed'
}

@test "--dry-run --resume shows what is left of all parts" {
	seq 6 >queue
	part 1/2 >/dev/null
	assert_equal "$(in_line "$PEXEC" --dry-run --resume --joblog 'log.*' -a queue echo)" 'echo 2 echo 4 echo 6 '
	assert [ ! -e log.0 ]
}

# The parts that launchers make: auto VARIABLE=VALUE...
auto() {
	env "$@" "$PEXEC" -j1 --shard auto --joblog '{shard}' echo ::: 1 2 3 4 5 6 7 8 9 10 11 12 | tr '\n' ' '
	echo "/ $(echo [0-9]*)"
	rm -f [0-9]*
}

@test "--shard auto: processes of srun, MPI" {
	assert_equal "$(auto SLURM_PROCID=1 SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=4)" '1 5 9 / 1'
	assert_equal "$(auto OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4)" '4 8 12 / 0'
	assert_equal "$(auto PMI_RANK=2 PMI_SIZE=4)" '2 6 10 / 2'
	assert_equal "$(auto MV2_COMM_WORLD_RANK=3 MV2_COMM_WORLD_SIZE=4)" '3 7 11 / 3'
	# mpirun in an allocation: the daemons that start the ranks are a step of srun.
	assert_equal "$(auto OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1)" '2 6 10 / 2'
}

@test "--shard auto: job arrays of Slurm, SGE, LSF, PBS, Kubernetes" {
	assert_equal "$(auto SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=4)" '2 6 10 / 2'
	assert_equal "$(auto SGE_TASK_ID=30 SGE_TASK_FIRST=10 SGE_TASK_LAST=40 SGE_TASK_STEPSIZE=10)" '2 6 10 / 2'
	assert_equal "$(auto LSB_JOBINDEX=3 LSB_JOBINDEX_END=7 LSB_JOBINDEX_STEP=2)" '1 5 9 / 1'
	assert_equal "$(auto PBS_ARRAY_INDEX=3 PEXEC_SHARDS=1-7:2)" '1 5 9 / 1'
	assert_equal "$(auto PBS_ARRAYID=4 PEXEC_SHARDS=4)" '4 8 12 / 0'
	assert_equal "$(auto JOB_COMPLETION_INDEX=3 PEXEC_SHARDS=4)" '3 7 11 / 3'
}

@test "--shard auto: processes in each element of an array" {
	array='SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=1 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=2 SLURM_STEP_NUM_TASKS=3'
	for element in 0 1; do
		for process in 0 1 2; do
			# shellcheck disable=SC2086 # words
			auto $array SLURM_ARRAY_TASK_ID=$element SLURM_PROCID=$process
		done
	done >parts
	assert_equal "$(cut -d / -f 2 parts | tr -d '\n')" ' 0 1 2 3 4 5'
	assert_equal "$(cut -d / -f 1 parts | tr -s ' ' '\n' | grep . | sort -n | uniq -c | awk '{ print $1 }' | tr -d '\n')" 111111111111
}

@test "--shard auto: what says nothing is not listened to" {
	# A batch script has the number of a process, and is one alone.
	run auto SLURM_PROCID=0 SLURM_NTASKS=4
	assert_output --partial 'has started this'
	# So is one that was submitted from within a step.
	run auto SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=2
	assert_output --partial 'has started this'
	# Jobs of SGE and LSF that are no array.
	run auto SGE_TASK_ID=undefined LSB_JOBINDEX=0
	assert_output --partial 'neither a job array nor a launcher of processes has started this'
	for name in SLURM_ARRAY_TASK_ID SGE_TASK_ID LSB_JOBINDEX PBS_ARRAY_INDEX PBS_ARRAYID JOB_COMPLETION_INDEX OMPI_COMM_WORLD_RANK MV2_COMM_WORLD_RANK PMI_RANK SLURM_PROCID; do
		assert_output --partial "$name"
	done
}

@test "--shard auto: what contradicts itself is refused" {
	run auto SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=2
	assert_output --partial 'SLURM_ARRAY_TASK_COUNT is 2, but there are 5 numbers in 3-7:1: an array with gaps'
	# Those that are run again, of an array that was whole.
	assert_equal "$(auto PEXEC_SHARDS=0-3 SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=2)" '3 7 11 / 3'
	run auto JOB_COMPLETION_INDEX=3
	assert_output --partial 'JOB_COMPLETION_INDEX tells which part this is, but not of how many: set PEXEC_SHARDS'
	run auto JOB_COMPLETION_INDEX=3 PEXEC_SHARDS=0
	assert_output --partial 'PEXEC_SHARDS=0 is neither N nor FIRST-LAST:STEP'
	run auto JOB_COMPLETION_INDEX=4 PEXEC_SHARDS=4
	assert_output --partial 'JOB_COMPLETION_INDEX is 4, and PEXEC_SHARDS 4'
	run auto PBS_ARRAYID=5 PEXEC_SHARDS=4
	assert_output --partial 'PBS_ARRAYID is 5, and not one of 0-4:1'
	run auto SLURM_ARRAY_TASK_ID=5 PEXEC_SHARDS=0-3
	assert_output --partial 'SLURM_ARRAY_TASK_ID is 5, and not one of 0-3:1'
	run auto PBS_ARRAY_INDEX=4 PEXEC_SHARDS=1-7:2
	assert_output --partial 'PBS_ARRAY_INDEX is 4, and not one of 1-7:2'
	run auto PMI_RANK=4 PMI_SIZE=4
	assert_output --partial 'PMI_RANK is 4, and PMI_SIZE 4'
	run auto PMI_RANK=x PMI_SIZE=4
	assert_output --partial 'PMI_RANK=x is no number'
	run auto SGE_TASK_ID=3
	assert_output --partial 'SGE_TASK_FIRST is missing'
}

@test "--shard: what is no part is refused" {
	for wrong in '' 1 1/ /2 1/0 3/2 -1/2 1/2/3 one/2 1/2x 99999999999999999999/2; do
		run -1 "$PEXEC" --shard "$wrong" echo ::: 1
		assert_output --partial 'not K/N, part K of N, or auto'
	done
	run -1 "$PEXEC" --shard 1/2 --shuf echo ::: 1
	run -1 "$PEXEC" --shard 1/2 -X echo ::: 1
	run -1 "$PEXEC" --shard 1/2 --next true echo
	run -1 "$PEXEC" --shard 1/2 --follow -a queue echo
	run -1 "$PEXEC" --shard 1/2 --pipe --spread cat </dev/null
	assert_output --partial '--shard takes each Nth job'
}
