# The program under test in tests/xargs and tests/parallel: arrays that command lines begin with. With
# ORIGINALS=1 it is the real xargs, or the real GNU parallel. What stands in an array beside the program
# takes away a difference that is meant; the tests below these folders show no other one.
# shellcheck disable=SC2034 # test files use them

if [ -z "${ORIGINALS:-}" ]; then
	# One item a job, and one job at a time; xargs does not name what has failed.
	xargs=("$PEXEC" -q -P 1)
	# The test says how many items a job has: -n, -L or -I.
	xargs_batch=("${xargs[@]}")
	# As many items a job as fit.
	xargs_fill=("$PEXEC" -q -P 1 -X)
	# Options that the real xargs takes only without -d: items without blanks, quotes and backslashes.
	xargs_words=("$PEXEC" -q -P 1)
	# All of its rules.
	xargs_itself=("$PEXEC" --as xargs)
	# One item a job, and as many jobs at a time as there are CPUs.
	parallel=("$PEXEC" -q)
	# Items that are commands for a shell.
	parallel_commands=("$PEXEC" -q)
	# All of its rules.
	parallel_itself=("$PEXEC" --as parallel)
	sem=("$PEXEC" --as sem)
else
	# Items are lines, and without one nothing runs.
	xargs_fill=(xargs -r -d '\n')
	xargs_batch=("${xargs_fill[@]}")
	xargs=("${xargs_fill[@]}" -n 1)
	xargs_words=(xargs -r -n 1)
	xargs_itself=(xargs)
	# No shell reads the words of the command.
	parallel=(parallel --will-cite -q)
	parallel_commands=(parallel --will-cite)
	parallel_itself=(parallel --will-cite)
	sem=(sem --will-cite)
fi
