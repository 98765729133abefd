#compdef pexec
# Completion of pexec for zsh. Options and what they take are from pexec's table of options.

# SIGNAL,MS,SIGNAL,MS...: the last one, if it is a signal.
_pexec_signals() {
	(( ${#PREFIX//[^,]/} % 2 == 0 )) || return 1
	compset -P '*,'
	_wanted signals expl signal compadd -S , -q -a signals
}

# The jobs of the run that listens on a socket, by number, with their items: _pexec_jobs SOCKET
_pexec_jobs() {
	local -a jobs columns
	local line
	for line in ${(f)"$(_call_program jobs ${(q)program} --ctl ${(q)1} jobs 2>/dev/null)"}; do
		columns=("${(@ps:\t:)line}")
		jobs+=("$columns[1]:${columns[5]//:/\\:}")
	done
	_describe -t jobs 'running job' jobs
}

# What stands behind the command's name: words[1] is that name.
_pexec_behind() {
	local socket=${(Q)opt_args[--ctl]}
	if (( ${words[(I)(:::|:::+|::::|::::+)]} && ${words[(i)(:::|:::+|::::|::::+)]} < CURRENT )); then
		# Items are files more often than not.
		_files
	elif [[ -n $socket && $words[1] == kill ]]; then
		_pexec_jobs $socket
	elif [[ -n $socket && $words[1] == status ]]; then
		compadd -- --json
	else
		_normal
	fi
}

_pexec() {
	local curcontext=$curcontext state line expl program=$words[1] ret=1
	local -A opt_args
	local -a specs told
	told=(@ctl-commands@)
	specs=(
@zsh@	)
	_arguments -C -s -S -A '-*' : $specs '(-)1:command:->command' '*:: :->behind' && ret=0
	case $state in
	command)
		if [[ -n $opt_args[--ctl] ]]; then
			_wanted ctl-commands expl 'command of --ctl' compadd -a told && ret=0
		fi
		_command_names -e && ret=0
		;;
	behind) _pexec_behind && ret=0 ;;
	esac
	return ret
}

_pexec "$@"
