# A machine that is made up: files in the place of those from which pexec learns what is free. Needs background.bash.

# Whether such files can be put there.
needs_made_up_machine() {
	unshare -rm mount -t tmpfs none /mnt || skip "no mounts of our own here"
}

# Becomes a command for which each argument FILE=OURS in front of -- is a file of ours in the place of FILE, and no
# control group says anything: made_up FILE=OURS... -- COMMAND...
made_up() {
	local binds=
	while [ "$1" != -- ]; do
		binds+="mount --bind '$PWD/${1#*=}' '${1%%=*}' && "
		shift
	done
	shift
	# shellcheck disable=SC2016 # for the other shell
	exec unshare -rm sh -c '{ [ ! -d /sys/fs/cgroup ] || mount -t tmpfs none /sys/fs/cgroup; } && '"$binds"'exec "$@"' sh "$@"
}

# So much memory is free, in MiB: free_memory MIB
free_memory() {
	printf 'MemTotal: 99999999 kB\nMemAvailable: %15d kB\n' $(($1 * 1024)) 1<>meminfo
}
