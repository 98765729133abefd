# Jobs that print at random, and whether what they have printed stands together.

# Prints random lines, random in number too, to stdout and stderr in turns. Each line begins with the seed
# and the stream. For awk -v seed=SEED
# shellcheck disable=SC2016,SC2034 # test files use it
noise='BEGIN {
	srand(seed)
	for (i = int(rand() * 3000); i > 0; i--) {
		line = seed " " (rand() < 0.5 ? "out" : "err")
		for (j = int(rand() * 20); j > 0; j--)
			line = line " " rand()
		if (line ~ /out/)
			print line
		else
			print line >"/dev/stderr"
		if (rand() < 0.01)
			fflush()
	}
}'

# In a file each job's lines stand together: in_groups FILE
in_groups() {
	run awk '$1 != last { if (seen[$1]++) { print "job " $1 " is in pieces"; exit 1 } last = $1 }' "$1"
	assert_success
}
