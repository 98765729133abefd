# Completion of pexec for bash. Options and what they take are from pexec's table of options.

# What the argument of an option can be: sets kind and choices. Fails when that is not the next word.
# usage: _pexec_takes OPTION
_pexec_takes() {
	local full=$1 name names='@names@'
	# A long name may be cut short while only one begins like that.
	if [[ $full == --?* && " $names " != *" $full "* ]]; then
		for name in $names; do
			[[ $name != "$1"* ]] || full=$name
		done
	fi
	kind='' choices=''
	case $full in
@bash@	*) return 1 ;;
	esac
}

# Sets words to the words of the line up to the cursor, and places to where they begin in COMP_WORDS: bash also takes
# words apart at = and :.
_pexec_words() {
	local line=$COMP_LINE word rest place
	words=() places=()
	for ((place = 0; place <= COMP_CWORD; place++)); do
		word=${COMP_WORDS[place]}
		rest=${line#"${line%%[![:blank:]]*}"}
		if ((place > 0)) && [[ $rest == "$line" ]]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word") places+=("$place")
		fi
		line=${rest#"$word"}
	done
}

# Goes over the words before the last one. Sets option to the one whose argument the last one is, command to the place
# of the command, 0 while there is none, socket to what --ctl names, and alone when that is the only option.
_pexec_look() {
	local place=1 last=$((${#words[@]} - 1)) word letters given=0
	option='' command=0 socket='' alone=
	while ((place < last)); do
		word=${words[place]}
		((++place))
		case $word in
		--)
			command=$place
			break
			;;
		--*=*)
			((++given))
			[[ $word != --ctl=* ]] || socket=${word#*=}
			;;
		--*)
			((++given))
			_pexec_takes "$word" || continue
			# It may stand alone.
			[[ $word != --help || ${words[place]} != -* ]] || continue
			((place < last)) || { option=$word && return; }
			[[ $word != --ctl ]] || socket=${words[place]}
			((++place))
			;;
		-?*)
			((++given))
			for ((letters = 1; letters < ${#word}; letters++)); do
				_pexec_takes "-${word:letters:1}" || continue
				((letters == ${#word} - 1)) || break
				((place < last)) || { option=-${word:letters:1} && return; }
				((++place))
			done
			;;
		*)
			command=$((place - 1))
			break
			;;
		esac
	done
	[[ -z $socket || $given -ne 1 ]] || alone=yes
}

# Offers what compgen finds, one a line: _pexec_offer ARGUMENT...
_pexec_offer() {
	local found
	while IFS= read -r found; do
		COMPREPLY+=("$found")
	done < <(compgen "$@" -- "$current")
}

_pexec_files() {
	compopt -o filenames 2>/dev/null
	_pexec_offer "$@"
}

# The jobs of the run that listens on the socket, by number, with their items.
_pexec_jobs() {
	local seq item
	while IFS=$'\t' read -r seq _ _ _ item; do
		[[ $seq != "$current"* ]] || COMPREPLY+=("$seq  ($item)")
	done < <("${words[0]}" --ctl "$socket" jobs 2>/dev/null)
	# One that is alone is put in.
	[[ ${#COMPREPLY[@]} -ne 1 ]] || COMPREPLY=("${COMPREPLY[0]%%  *}")
}

# SIGNAL,MS,SIGNAL,MS...: the last one, if it is a signal.
_pexec_signals() {
	local before='' commas=${current//[^,]/} name
	((${#commas} % 2 == 0)) || return
	[[ -z $commas ]] || before=${current%,*},
	compopt -o nospace 2>/dev/null
	while IFS= read -r name; do
		name=${name#SIG}
		[[ $name != "${current##*,}"* ]] || COMPREPLY+=("$before$name,")
	done < <(compgen -A signal)
}

# The argument of an option: _pexec_argument OPTION
_pexec_argument() {
	local kind choices
	_pexec_takes "$1" || true
	[[ -z $choices ]] || _pexec_offer -W "$choices"
	case $kind in
	file) _pexec_files -f ;;
	directory) _pexec_files -d ;;
	command) _pexec_offer -c ;;
	signals) _pexec_signals ;;
	esac
}

# What stands behind the command's name.
_pexec_behind() {
	local word
	for word in "${words[@]:command:${#words[@]} - 1 - command}"; do
		# Items are files more often than not.
		case $word in
		::: | :::+ | :::: | ::::+)
			_pexec_files -f
			return
			;;
		esac
	done
	if [[ -n $alone && ${words[command]} == kill ]]; then
		_pexec_jobs
	elif [[ -n $alone && ${words[command]} == status ]]; then
		_pexec_offer -W --json
	elif [[ -n $alone && " @ctl-commands@ " == *" ${words[command]} "* ]]; then
		:
	elif declare -F _command_offset >/dev/null; then
		_command_offset "${places[command]}"
	else
		_pexec_files -f
	fi
}

# The command, or an option before it.
_pexec_before() {
	if ((command == 0)) && [[ $current == --*=* ]]; then
		local name=${current%%=*}
		current=${current#*=}
		_pexec_argument "$name"
	elif ((command == 0)) && [[ $current == -* ]]; then
		_pexec_offer -W '@names@'
	else
		[[ -z $alone ]] || _pexec_offer -W '@ctl-commands@'
		[[ -n $alone && -z $current ]] || _pexec_offer -c
	fi
}

_pexec() {
	local words places option command socket alone kind choices current part=${COMP_WORDS[COMP_CWORD]} i
	COMPREPLY=()
	_pexec_words
	current=${words[${#words[@]} - 1]}
	_pexec_look
	if ((command > 0 && command < ${#words[@]} - 1)); then
		current=$part
		[[ $part != [=:] ]] || current=
		_pexec_behind
		return
	fi
	if [[ -n $option ]]; then
		_pexec_argument "$option"
	else
		_pexec_before
	fi
	# Bash puts the reply in the place of what stands behind the last = or :.
	[[ $part != [=:] ]] || part=
	for i in "${!COMPREPLY[@]}"; do
		if ((${#current} >= ${#part})); then
			COMPREPLY[i]=${COMPREPLY[i]:${#current} - ${#part}}
		else
			COMPREPLY[i]=${part:0:${#part} - ${#current}}${COMPREPLY[i]}
		fi
	done
}

complete -F _pexec pexec
