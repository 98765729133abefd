# A Slurm cluster on this machine: munged, slurmctld, and a slurmd for each of four nodes, which all have the
# address of this host and a port of their own. All that it writes is in one folder. Needs helper.bash.
#
# A file of tests has one cluster, from setup_file to teardown_file. srun, sbatch and the others find it by
# SLURM_CONF.

# Skips where there is no Slurm: needs_slurm
needs_slurm() {
	local program
	for program in munged slurmctld slurmd srun; do
		PATH=$PATH:/usr/sbin type -P "$program" >/dev/null || skip "needs Slurm: $program is not here"
	done
}

# Prints N ports of this host that nobody has, from below those that the system itself gives to clients: free_ports N
free_ports() {
	perl -MSocket -e '
		my ($wanted, %open) = @ARGV;
		while (keys %open < $wanted) {
			my $port = 10000 + int rand 20000;
			socket my $socket, AF_INET, SOCK_STREAM, 0 or die "socket: $!";
			$open{$port} = $socket if bind $socket, pack_sockaddr_in($port, INADDR_ANY);
		}
		print "$_\n" for keys %open' "$1"
}

# Writes slurm.conf. What would take minutes is short; but that a node has died Slurm learns from the test alone, when
# that says so. Signals go to all processes of a step, as they do with control groups.
slurm_configure() {
	local ports node
	mapfile -t ports < <(free_ports 5)
	cat >"$SLURM_CONF" <<-END
		ClusterName=test
		SlurmctldHost=$(hostname -s)(127.0.0.1)
		SlurmctldPort=${ports[0]}
		SlurmUser=$(id -un)
		SlurmdUser=$(id -un)
		AuthType=auth/munge
		AuthInfo=socket=$slurm/munge.socket,cred_expire=5
		CredType=cred/munge
		StateSaveLocation=$slurm/state
		SlurmdSpoolDir=$slurm/%n
		SlurmctldPidFile=$slurm/slurmctld.pid
		SlurmdPidFile=$slurm/%n.pid
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		MpiDefault=none
		AccountingStorageType=accounting_storage/none
		JobAcctGatherType=jobacct_gather/none
		JobCompType=jobcomp/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		SchedulerType=sched/builtin
		SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
		SlurmdParameters=config_overrides
		ReturnToService=2
		SlurmdTimeout=300
		KillWait=1
		MessageTimeout=2
		PartitionName=all Nodes=ALL Default=YES
	END
	for node in 1 2 3 4; do
		echo "NodeName=node$node NodeHostname=node$node NodeAddr=127.0.0.1 Port=${ports[node]} CPUs=4"
	done >>"$SLURM_CONF"
}

# Starts a daemon of the cluster in the foreground, in a folder of its own: slurm_daemon NAME COMMAND...
# That folder tells whose process it is, also of a slurmstepd, which hides its environment.
slurm_daemon() {
	mkdir -p "$slurm/$1"
	(cd "$slurm/$1" && PATH=$PATH:/usr/sbin exec "${@:2}" >"$slurm/$1.log" 2>&1 </dev/null 3>&- 4>&-) &
	disown
}

# Node N begins: slurm_start_node N
slurm_start_node() {
	slurm_daemon "node$1" slurmd -D -N "node$1" -f "$SLURM_CONF"
}

# Slurm learns that node N has died: slurm_tell_death N
slurm_tell_death() {
	scontrol update NodeName="node$1" State=DOWN Reason=died
}

# Node N is repaired: slurm_repair_node N
slurm_repair_node() {
	slurm_start_node "$1"
	scontrol update NodeName="node$1" State=RESUME
	wait_until slurm_idle 4
}

# That many nodes are idle, and answer: slurm_idle N
slurm_idle() {
	[ "$(sinfo --noheader --Node --format=%t | grep -cx idle)" = "$1" ]
}

# The cluster is there when this is done.
slurm_start() {
	local node
	export slurm=$BATS_FILE_TMPDIR/slurm
	export SLURM_CONF=$slurm/slurm.conf
	mkdir -p "$slurm/state"
	head -c 128 /dev/urandom >"$slurm/munge.key"
	chmod 600 "$slurm/munge.key"
	slurm_configure
	slurm_daemon munged munged --foreground --force --socket="$slurm/munge.socket" --key-file="$slurm/munge.key" \
		--pid-file="$slurm/munged.pid" --seed-file="$slurm/munged.seed" --log-file="$slurm/munged.log"
	wait_until test -S "$slurm/munge.socket"
	slurm_daemon slurmctld slurmctld -D -i -c -f "$SLURM_CONF"
	for node in 1 2 3 4; do slurm_start_node "$node"; done
	wait_until slurm_idle 4 || { tail "$slurm"/*.log; return 1; }
}

# The processes of node N, or, where N is empty, of the whole cluster, in found: daemons, which work in their
# folders, and jobs, which have the name of their node beside our SLURM_CONF: slurm_find N
slurm_find() {
	local process words
	mapfile -t found < <(
		find /proc/[1-9]*/cwd -maxdepth 0 -lname "$slurm/${1:+node$1}*" 2>/dev/null | cut -d / -f 3
	)
	for process in /proc/[1-9]*; do
		mapfile -d '' -t words <"$process/environ" || continue
		[[ " ${words[*]} " != *" SLURM_CONF=$SLURM_CONF "* ]] ||
			[[ " ${words[*]} " != *" SLURMD_NODENAME=node$1"* ]] || found+=("${process#/proc/}")
	done 2>/dev/null
}

# No process of node N, or of the whole cluster, is left: slurm_is_gone N
slurm_is_gone() {
	local found
	slurm_find "$1"
	[ "${#found[@]}" = 0 ]
}

# Node N dies, as if its power had failed. First all is stopped: nobody there sees that others die.
# With an empty N the whole cluster dies: slurm_kill_node N
slurm_kill_node() {
	local found before=none
	slurm_find "$1"
	while [ "${found[*]}" != "$before" ]; do
		kill -s STOP "${found[@]}" 2>/dev/null || true
		before=${found[*]}
		slurm_find "$1"
	done
	kill -s KILL "${found[@]}" 2>/dev/null || true
	wait_until slurm_is_gone "$1"
}

# Ends the cluster, and whatever jobs have left there.
slurm_stop() {
	[ -z "${slurm:-}" ] || slurm_kill_node ''
}
