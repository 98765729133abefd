# What the shells complete, asked of them as a user does. BUILD is where the completions are.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell that is asked

# What bash offers for a line, one a line: in_bash LINE
# It is split into words as readline does, at blanks, and at = and : (which are words of their own); readline also
# adds the slash to a directory.
in_bash() {
	bash -c '
	[ -z "${WITH_COMMANDS:-}" ] || source /usr/share/bash-completion/bash_completion
	source "$0"
	COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
	rest=$1
	while [ -n "$rest" ]; do
		case $rest in
		[[:blank:]]*)
			rest=${rest#?}
			[ -n "$rest" ] || COMP_WORDS+=("")
			continue
			;;
		[=:]*) word=${rest%%[!=:]*} ;;
		*) word=${rest%%[=:[:blank:]]*} ;;
		esac
		COMP_WORDS+=("$word")
		rest=${rest#"$word"}
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	set -u
	_pexec pexec
	for offer in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do
		[ ! -d "$offer" ] || offer+=/
		printf "%s\n" "$offer"
	done | sort -u' "$BUILD/dist/completion.bash" "$1" 2>/dev/null
}

# What fish offers for a line, one a line, without descriptions: in_fish LINE
in_fish() {
	HOME=$PWD fish --no-config -c '
	source $argv[1]
	complete -C $argv[2]' "$BUILD/dist/completion.fish" "$1" | cut -f 1 | sort -u
}

# What becomes of lines in zsh when Tab is pressed behind each: in_zsh LINE...
in_zsh() {
	mkdir -p functions
	cp "$BUILD/dist/completion.zsh" functions/_pexec
	: >zsh.out
	zsh -f -c '
	zmodload zsh/zpty zsh/system
	zpty shell zsh -f -i
	# Until a file has so many lines.
	await() {
		local tries=0 text
		while (( $(wc -l <$1) < $2 && tries++ < 1000 )); do
			zpty -r -t shell text
			sleep 0.02
		done
	}
	zpty -w shell "PS1=; fpath=(\$PWD/functions \$fpath); autoload -Uz compinit; compinit -u -D"
	zpty -w shell "show() { print -r -- \"\$BUFFER\" >>zsh.out; BUFFER=; }; zle -N show; bindkey \"^X\" show"
	zpty -w shell "unsetopt beep; print begun >>zsh.out"
	await zsh.out 1
	for ((i = 1; i <= $#; i++)); do
		zpty -w -n shell "$argv[i]"$'\''\t\x18'\''
		await zsh.out $((i + 1))
	done
	zpty -d shell' zsh "$@"
	tail -n +2 zsh.out
}
