#!/usr/bin/env bats
# --shell: a shell reads the command, and a value in it is a value wherever it stands.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # run --separate-stderr sets stderr

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/items

# pexec fails before any job runs, and says this: refuses MESSAGE ARGUMENT...
refuses() {
	run -1 --separate-stderr "$PEXEC" "${@:2}" ::: a b
	assert_output ''
	assert_equal "$stderr" "pexec: --shell: $1"
}

@test "--shell: the words are joined by blanks, and /bin/sh reads them" {
	prints 'a b\na b' "$PEXEC" --shell echo 'a' '"b"; echo a  b' '# {}' ::: x
	prints '1\n2' "$PEXEC" -k --shell 'printf %s {} | wc -c' ::: a bc
	printf '1\n' | gzip >a.gz
	"$PEXEC" --shell 'gzip -dc {} | wc -l >{.}.n' ::: *.gz
	assert_equal "$(cat a.n)" 1
	prints "/bin/sh -c 'echo \"\$1\" | cat' sh x" "$PEXEC" --dry-run --shell 'echo {} | cat' ::: x
	prints "/bin/sh -c -- '-x \"\$1\"' sh x" "$PEXEC" --dry-run --shell -- -x ::: x
}

@test "--shell=SH: which shell, for words, scripts, and items that are commands" {
	prints 'bash\n5' "$PEXEC" --shell=bash 'echo $0; [[ $BASH_VERSION ]] && echo "${BASH_VERSION%%.*}" # {}' ::: a
	prints 'bash' "$PEXEC" --shell="$(command -v bash)" 'echo $0 # {}' ::: a
	prints 'sh' "$PEXEC" --shell 'echo $0 # {}' ::: a
	prints 'bash b' "$PEXEC" --shell=bash -c 'x=(a b); echo $0 ${x[1]}' ::: a
	prints 'b' "$PEXEC" --shell=bash ::: 'x=(a b); echo ${x[1]}'
	prints 'b' "$PEXEC" --shell=bash <<<'x=(a b); echo ${x[1]}'
	run -127 --separate-stderr "$PEXEC" --shell=./no/bash 'echo {}' ::: a
	assert_equal "$stderr" 'pexec: cannot run ./no/bash: No such file or directory'
}

@test "--shell=SH: of another kind it is refused, by its name" {
	for shell in fish csh tcsh /usr/bin/fish rc python3; do
		run -1 --separate-stderr "$PEXEC" --shell=$shell 'echo {}' ::: a
		assert_equal "$stderr" "pexec: --shell $shell: not a shell that the command can be prepared for (like sh, dash, bash, ksh or zsh)"
	done
	run -1 --separate-stderr "$PEXEC" --shell= 'echo {}' ::: a
	assert_equal "$stderr" "pexec: --shell: the name of a shell is empty"
}

@test "--shell: functions that bash has exported" {
	greet() { echo "hello $1"; }
	export -f greet
	prints 'hello a\nhello b' "$PEXEC" -k --shell=bash greet ::: a b
	prints '<hello a>' "$PEXEC" --shell=bash 'echo "<$(greet {})>"' ::: a
}

# Those of these shells that are there.
installed() {
	for name; do
		! command -v "$name" || true
	done
}

# Every kind of quoting, and what stands around the value in what the command prints.
kinds=(
	'printf "%s\0" {}' ''
	'printf "%s\0" x{}y' x
	'printf "%s\0" "x{}y"' x
	"printf '%s\\0' 'x{}y'" x
	'printf "%s\0" "`printf %s x{}y`"' x
	'printf "%s\0" "$(printf %s "$(printf %s '"'x{}y'"')")"' x
	'printf "%s\0" "${none:-x{}y}"' x
	'printf "%s\0" "`printf %s \"x{}y\"`"' x
	'v=x{}y; printf "%s\0" "$v"' x
	'v=x{}yz; printf "%s\0" "${v%z}"' x
	'v=_{}x{}y; printf "%s\0" "${v#_{}}"' x
	'cat <<E; printf "\0"
{}
E' '
'
	'f() { printf "%s\0" "$1"; }; f {}' ''
	'f() { printf "%s\0" {}; }; f 1 2' ''
	'set -- 1 2; for x in {}; do printf "%s\0" "$x"; done' ''
	'case {} in "") printf "\0";; {}) printf "%s\0" {};; esac' ''
	'{ printf "%s\0" {} | cat; }' ''
	'printf %s {} >"$PEXEC_SEQ.out"; cat "$PEXEC_SEQ.out"; printf "\0"' ''
	"eval 'printf \"%s\\0\" \"\$v\"' # {}" '#'
)
bash_kinds=(
	"printf '%s\\0' \$'x{}y'" x
	'printf "%s\0" "$(cat <(printf %s x{}y))"' x
	'v=(1 x{}y); for w in "${v[@]}"; do :; done; printf "%s\0" "$w"' x
	'[[ x{} == x{} ]] && printf "%s\0" {}' ''
	'cat <<<{}; printf "\0"' '
'
	'v=_xy; printf "%s\0" "${v/_xy/x{}y}"' x
)

# What a command of these kinds prints of the items: expect AROUND <ITEMS
expect() {
	python3 -c '
import sys
around = sys.argv[1]
before, behind = {"": ("", ""), "x": ("x", "y"), "\n": ("", "\n")}[around]
for item in sys.stdin.buffer.read().split(b"\0")[:-1]:
	sys.stdout.buffer.write(before.encode() + item + behind.encode() + b"\0")' "$1"
}

# All kinds that a shell knows, with the items: each_kind SHELL KINDS... <ITEMS
each_kind() {
	local shell=$1 status
	shift
	while (($#)); do
		[ "$2" != '#' ] || { shift 2; continue; }
		"$PEXEC" -k -j2 -0 -a items --shell="$shell" "$1" >out
		expect "$2" <items | cmp - out || fail "$shell: $1"
		shift 2
	done
	run ls
	refute_line --regexp 'touched|^a$'
}

# The same in sh and bash, and in all others that are there.
in_both() {
	each_kind sh "${kinds[@]}"
	each_kind bash "${kinds[@]}" "${bash_kinds[@]}"
}
in_others() {
	local shell
	mkdir links
	! command -v busybox >/dev/null || ln -s "$(command -v busybox)" links/ash
	for shell in $(installed links/ash mksh); do
		each_kind "$shell" "${kinds[@]}"
	done
	for shell in $(installed zsh ksh93); do
		each_kind "$shell" "${kinds[@]}" "${bash_kinds[@]}"
	done
}

@test "--shell: not one byte of an item differs, in any kind of quoting" {
	{
		# shellcheck disable=SC1003 # it is meant
		printf '%s\0' '$(touch touched)' '`touch touched`' '; touch touched #' "'; touch touched; '" \
			'"; touch touched; "' '$(touch touched' '}; touch touched; {' ') touch touched' 'a[$(touch touched)]' \
			'\' '\\' '&' '/' 'E' '>touched' '|touch touched' '$1' '${1}' '"$@"' 1 -1
		awkward_items | tr -d '\n' | head -c 6000
		printf '\0'
		# Without the newline at their end, which $( ) takes away.
		printf '%s\0' $'a\nE\nb' $'\n\nx' $'E\n touch touched'
	} >items
	in_both
}

@test "--shell: 2,000 items of random bytes, in each kind of quoting" {
	[ -n "${SOAK:-}" ] || skip "SOAK=1 runs it"
	python3 -c '
import os, random, sys
for i in range(2000):
	item = bytes(random.choice(b"\x01\t\n \"$&\x27()*;<>?[\\]^`{|}~\x7f\x80\xff#=!%-aE1") if i % 2 else random.randint(1, 255)
		for _ in range(random.randint(0, 40)))
	sys.stdout.buffer.write(item.rstrip(b"\n") + b"\0")' >items
	in_both
	in_others
}

@test "--shell: a command without a placeholder has the item behind its last word" {
	prints 'a x' "$PEXEC" --shell 'echo a' ::: x
	prints '1\na x' "$PEXEC" --shell $'echo 1\necho a\n' ::: x
	prints 'a x' "$PEXEC" -I @ --shell 'echo a' ::: x
	prints 'a {} x' "$PEXEC" -I @ --shell 'echo a {} @' ::: x
	for command in 'echo a;' 'echo a &' 'echo a |' 'echo a # b' '{ echo a; }' 'for x in 1; do echo' 'x=1' \
		$'cat <<E\nx\nE' '(echo a)' 'f() { echo; }' '# a'; do
		refuses 'the command has no placeholder, and none can be added at its end: say where the item belongs' \
			--shell "$command"
	done
	refuses 'byte 5 of the command: a case has no esac' --shell 'case a in a) echo'
	refuses 'the command is empty' --shell ''
	refuses 'the command is empty' --shell ' ' $'\n'
}

@test "--shell: where no value can be, an error names the place" {
	refuses 'byte 9 of the command: {} stands in a here-document whose end is quoted: nothing is replaced there' \
		--shell $'a <<\'E\'\n{}\nE'
	refuses 'byte 7 of the command: {} stands behind a $, as the name of a parameter' --shell 'echo ${}'
	refuses 'byte 9 of the command: {1.} stands behind a $, as the name of a parameter' --shell 'echo "a${1.}"'
	refuses 'byte 8 of the command: {} stands behind a backslash, which would be for its first byte alone' \
		--shell 'echo "\{}"'
	refuses 'byte 4 of the command: {} stands beside others in a subscript, which some shells evaluate' --shell=bash 'a[x{}]=1'
	refuses 'byte 6 of the command: a variable that is a number to the shell, which evaluates what it is given: take another one' \
		--shell=bash 'read RANDOM <<<{}'
	refuses 'byte 13 of the command: {} stands beside a word that could be an option, or the name of a variable, to a command of the shell that evaluates some' \
		--shell=bash 'export $o x={}'
	refuses 'byte 10 of the command: {} stands in or behind a <<<, which sh does not have: say --shell=bash' --shell 'cat a <<<{}'
	HOME=$PWD PARALLEL_SHELL=sh run -1 --separate-stderr "$PEXEC" --as parallel 'cat a <<<{}' ::: a
	assert_equal "$stderr" 'parallel: byte 10 of the command: {} stands in or behind a <<<, which sh does not have: say PARALLEL_SHELL=bash'
	refuses 'byte 12 of the command: {} stands where a command of the shell takes code' --shell=bash 'compgen -W {}'
	refuses 'byte 7 of the command: for, or select, has no name of a variable behind it' --shell=bash 'select {} in a; do :; done'
	refuses 'byte 9 of the command: {} stands in {a..b}, which is made before there are values: take seq' \
		--shell=bash 'a b {1..{}}'
	refuses 'byte 5 of the command: a " has no second one' --shell 'a {}"'
	refuses 'byte 1 of the command: {} stands before a =, in the name of a variable' --shell '{}=3'
	refuses 'byte 6 of the command: {} stands where a command of the shell takes the name of a variable, which some shells evaluate' \
		--shell 'read {}'
	refuses 'byte 5 of the command: {} stands behind >&, where bash reads the name of a file twice: take > {} 2>&1' \
		--shell 'a >&{}'
	refuses 'byte 3 of the command: @ stands behind a $, as the name of a parameter' -I @ --shell 'a$@'
}

@test "--shell: in arithmetic there are integers only" {
	prints '10\n-14' "$PEXEC" -k --shell 'echo $(({} * 2))' ::: 5 -7
	prints '2 1\n1 2' "$PEXEC" -k --shell 'echo $(( {#} % 2 + 1 )) {#}' ::: a b
	for shell in sh bash; do
		run -123 --separate-stderr "$PEXEC" --shell=$shell 'echo $(({} * 2))' ::: 'a[$(touch touched)]'
		assert_output ''
		[[ $stderr == "$shell: not an integer of at most 18 digits, and in arithmetic: a[\$(touch touched)]"* ]] || fail "$stderr"
	done
	# Shells make other numbers of what is beyond 64 bits.
	run -123 "$PEXEC" --shell 'echo $(({} * 1))' ::: 18446744073709551617 1000000000000000000
	prints '999999999999999999' "$PEXEC" --shell 'echo $(({} * 1))' ::: 999999999999999999
	# A number is read as in a shell: of one that begins with 0 the base is eight.
	prints '8' "$PEXEC" --shell 'echo $(({}))' ::: 010
	prints '8' "$PEXEC" --shell=bash 'echo $((10#{}))' ::: 08
	for command in '(( x = {} ))' '[[ {} -eq 1 ]]' 'let x={}' 'echo ${HOME:{}}'; do
		run -123 "$PEXEC" --shell=bash "$command" ::: 'a[$(touch touched)]' x ''
	done
	[ ! -e touched ]
}

@test "--shell: what a shell takes as it is need be no integer" {
	prints 'start\nno' "$PEXEC" --shell=bash 'echo start; [ {} -gt 1 ] 2>/dev/null || echo no' ::: abc
	prints 'a b' "$PEXEC" --shell=bash 'read -t {} -r x y <<<"a b"; echo "$x $y"' ::: 0.1
	prints 'b\nc' "$PEXEC" -k --shell=bash 'arr=(a b c); echo "${arr[{}]}"' ::: 1 2
	prints '2 x' "$PEXEC" --shell=bash 'arr[{}]=x; echo "${!arr[@]}" "${arr[@]}"' ::: 2
	"$PEXEC" --shell=bash 'ulimit -S -c {}' ::: unlimited 0 || fail ulimit
}

@test "--shell: what commands print in arithmetic is numbers and operators" {
	printf '1\n2\n' >rows
	prints '3\n4' "$PEXEC" --shell 'echo $(( $(wc -l <{}) + 1 )); echo $(($(paste -sd+ {}) + 1))' ::: rows
	prints 'more' "$PEXEC" --shell=bash '[[ $(wc -l <{}) -gt 1 ]] && echo more' ::: rows
	for shell in $(installed dash bash zsh mksh ksh93 yash); do
		run -123 --separate-stderr "$PEXEC" -j1 --shell="$shell" 'echo $(( $(echo {}) + 1 ))' ::: 'a[$(touch touched)]' x
		assert_output ''
		[[ $stderr == *'not a number, and in arithmetic: a[$(touch touched)]'* ]] || fail "$stderr"
	done
	for shell in $(installed bash zsh mksh ksh93); do
		for command in '[[ $(echo {}) -gt 5 ]]' 'let "x=$(echo {})"'; do
			run -123 "$PEXEC" --shell="$shell" "$command" ::: 'a[$(touch touched)]'
		done
	done
	[ ! -e touched ]
}

@test "--shell: no command of a shell evaluates a value" {
	local commands=(
		'export {}=3' 'readonly {}' 'declare {}' 'typeset {}=3' 'f() { local {}; }; f' 'declare -i x={}' 'typeset -i x={}'
		'declare -a x={}' 'declare -A x={}' 'declare -n r={}; : $r' 'integer x={}' 'float x={}' 'nameref r={}; : $r'
		'unset {}' 'a=(1); unset {}' 'unset -v {}' 'echo x | read {}' 'read -r -a {} <<<x' 'printf -v {} x' 'print -v {} x'
		'printf %d {}' 'print -f %d {}' 'printf "%*s" {} x' 'test -v {}' '[ -v {} ]' '[ -R {} ]' '[ {} -eq 1 ]' '[ 1 -eq {} ]'
		'[ -t {} ]' '[[ -t {} ]]' '[[ {} -eq 1 ]]' '[[ -v {} ]]' '[ -v{} {} ]' 'exit {}' 'f() { return {}; }; f'
		'for i in 1; do break {}; done' 'for i in 1; do continue {}; done' 'shift {}' 'ulimit -n {}' 'getopts a {} -a' 'let {}'
		'let x={}' 'compgen -W {}' ': >&{}' ': 1>&x{}' 'x=abc; : ${x:{}}' ': $(({}))' ': $[{}]' '(({}))' ': $((${x:-{}}))'
		': $(($(echo {})))' 'RANDOM={}' 'OPTIND={}' 'SECONDS={}' 'COLUMNS={}' 'UID={}' 'x=([{}]=1)' 'x[{}]=1' 'vared {}'
		'set -A {} x' 'read -t {} x' 'read -n {} x' 'read -u {} x' 'command read {}' '{}=3' '{}() { :; }' 'for x in {}; do :; done'
		'case a in {}) ;; esac' 'wait -n -p {}' 'cat <&{}' ': ${x@{}}' 'x=abc; : ${x/b/{}}' 'x={}; : ${x#{}}' 'trap : {}'
	)
	for shell in $(installed dash bash zsh mksh ksh93); do
		for command in "${commands[@]}"; do
			run "$PEXEC" --shell="$shell" "$command" ::: 'a[$(touch touched)]' 'a[$(touch touched)]=1' '($(touch touched))' \
				'path[$(touch touched)]' '1+a[$(touch touched)]' </dev/null
			[ ! -e touched ] || fail "$shell: $command"
		done
	done
}

# A command is refused before any job runs, or its values do not run: harmless SHELL COMMAND
harmless() {
	"$PEXEC" -j1 --shell="$1" "$2" ::: 'path[$(touch touched)]' 'path[$(touch touched)]=1' 'x:touch touched:e:touch touched:' \
		</dev/null &>/dev/null || true
	[ ! -e touched ] || fail "$1: $2"
}

@test "--shell: no variable that is a number evaluates a value, whatever gives it one" {
	local shell variable way ways=(
		'V={}' 'V+={}' 'V[0]={}' 'V=({})' 'V={} :' 'x=1 V={}' 'export V={}' 'readonly V={}' 'declare V={}' 'typeset -x "V={}"'
		'f() { local V={}; }; f' 'command export V={}' '$none typeset V={}' 'for V in {}; do :; done' 'for a V in {} {}; do :; done'
		'select V in {}; do break; done <<<1' 'foreach V ({}); :; end' 'for V ({}) :' 'read V <<<{}' 'read -r a V <<<"1 "{}'
		'echo {} | read V' 'echo {} | { read V; }' $'read V <<E\n{}\nE' 'read -a V <<<{}' 'read -A V <<<{}' 'mapfile V <<<{}'
		'readarray V <<<{}' 'printf -v V %s {}' 'printf -vV %s {}' 'print -v V {}' 'set -A V {}' 'unset V; : ${V:={}}' ': ${V={}}'
		': ${V::={}}' '((V={}))' 'getopts {} V -a' 'n=V; printf -v "$n" %s {}' 'n=V; export "$n={}"'
	)
	for shell in $(installed dash bash zsh mksh ksh93 yash); do
		case $shell in
			bash) variables=(RANDOM OPTIND HISTCMD SRANDOM) ;;
			mksh) variables=(RANDOM SECONDS COLUMNS TMOUT) ;;
			zsh) variables=(RANDOM SECONDS ERRNO UID) ;;
			*) variables=(RANDOM) ;;
		esac
		for variable in "${variables[@]}"; do
			for way in "${ways[@]}"; do
				harmless "$shell" "${way//V/$variable}"
			done
		done
	done
}

@test "--shell: no command of a shell evaluates a value, whatever stands before it and beside it" {
	local shell prefix command prefixes=(
		'command ' 'command -p ' 'builtin ' 'exec ' 'exec -a x ' 'noglob ' 'nocorrect ' '- ' 'time ' '! ' 'coproc ' 'x=1 '
		'>/dev/null ' '$none ' 'command $none ' '${none} -x ' \\
	) commands=(
		'let x={}' 'read {}' 'unset {}' '[ -v {} ]' '[ {} -eq 1 ]' 'typeset -i x={}' 'printf -v {} x' 'exit {}' 'shift {}' 'repeat {} :'
	) beside=(
		'o=-v; [ $o {} ]' 'o=-v; [ "$o" {} ]' '[ $(echo -v) {} ]' '[ `echo -v` {} ]' "[ \$'-v' {} ]" $'[ "-\\\nv" {} ]'
		'o=-eq; [ {} $o 1 ]' 'o=-eq; [ 1 "$o" {} ]' '[ {} ${x:--eq} 1 ]' 'o=-i; declare $o x={}' 'declare $(echo -i) x={}'
		"typeset \$'-i' x={}" 'typeset {-i,x={}}' 'o=-n; typeset $o r={}; : $r' '{let,x={}}' '{let,x} {}' "\$'let' {}" 'printf {} x'
		'o=-A; set $o {} x' 'set {} {} x' 'read -t $none -p {} x' 'o=-p; wait -n $o {}' 'echo *({})' 'echo ${x:-*({})}' 'x=(*({}))'
		'echo x=({})' 'zparseopts a={}' 'getln {}' 'private -i x={}' 'zmodload zsh/system; sysread {}' 'zformat -f {} a'
		'typeset -i x=({})' 'compgen -W {}' 'mapfile -C {} -c 1 x </etc/passwd' 'a[{}]=1' ': ${path[{}]}' 'a=(1); : ${a[{}]}'
	)
	for shell in $(installed dash bash zsh mksh ksh93 yash); do
		for prefix in "${prefixes[@]}"; do
			for command in "${commands[@]}"; do
				harmless "$shell" "$prefix$command"
			done
		done
		for command in "${beside[@]}"; do
			harmless "$shell" "$command"
		done
	done
}

# What each shell has for commands, beside those whose purpose is to run what they are given.
commands_of() {
	case $1 in
		bash) bash -c 'compgen -b' ;;
		zsh) zsh -c 'print -l ${(k)builtins}' ;;
		ksh93) ksh93 -c builtin ;;
		mksh) printf '%s\n' [ bg break builtin cat cd command continue echo exec exit export fg getopts global jobs kill let local \
			print pwd read readonly realpath rename return set shift suspend test times typeset ulimit umask unalias unset wait whence ;;
	esac | sed 's/.*[ /]//' | grep -vxE '\.|alias|autoload|bind|complete|emulate|eval|fc|r|hist|history|source|trap|sched|zle|zstyle'
}

@test "--shell: no command that a shell has evaluates a value, by its list of them" {
	local shell name
	for shell in $(installed bash zsh mksh ksh93); do
		for name in $(commands_of "$shell"); do
			for arguments in '{}' '-v {} x' 'x {}' '-n {} x'; do
				harmless "$shell" "$name $arguments"
			done
		done
	done
}

@test "--shell: columns without a placeholder are arguments of their own" {
	prints '[a][b]' "$PEXEC" --shell -C , 'printf "[%s]"' ::: a,b
	prints 'b-a' "$PEXEC" --shell -C , 'echo {2}-{1}' ::: a,b
}

@test "--shell: several items repeat the word that they are in" {
	prints '[a][b]\n[c]' "$PEXEC" -k -n2 --shell 'printf "[%s]" {}; echo' ::: a b c
	prints '[xay][xby][1]' "$PEXEC" -j1 -X --shell 'printf "[%s]" x{}y {#}; echo' ::: a b
	prints '[a b]' "$PEXEC" -j1 -X --shell 'printf "[%s]" "$(echo {})"; echo' ::: a b
	prints '[a ][b ]' "$PEXEC" -j1 -X --shell 'printf "[%s]" {}; echo' ::: 'a ' 'b '
	prints '[a][1]\n[a][2]' "$PEXEC" -k --shell 'printf "[%s]" {}; echo' ::: a ::: 1 2
	prints '1a\n2a' "$PEXEC" -k --shell 'x={2}{1}; echo $x' ::: a ::: 1 2
	refuses 'byte 7 of the command: {} stands where only one value can be, and a job may have several' \
		-n2 --shell 'echo >{}'
	refuses 'byte 3 of the command: {} stands where only one value can be, and a job may have several' \
		-X --shell 'x={}'
	# As many as fit, and no more.
	seq 3000 | "$PEXEC" -j1 -X -s 1000 --shell 'echo a{}' >out
	assert_equal "$(wc -l <out)" 18
	seq 60000 | "$PEXEC" -j1 -X -s 2M --shell 'set x; printf "%s\n" a"{}"b{}' >out
	assert_equal "$(wc -l <out)" 60000
	seq 100000 | "$PEXEC" -j2 -X --shell 'printf "%s\n" x{}' >out
	sort -u out | wc -l >count
	assert_equal "$(cat count)" 100000
}

@test "--shell: the command's own parameters are empty" {
	prints '0[][x]' "$PEXEC" --shell 'echo "$#[$1][{}]"' ::: x
	prints '[x 1]' "$PEXEC" --shell 'f() { echo "[{} $1]"; }; f 1' ::: x
	prints '1 2 x' "$PEXEC" --shell 'set -- 1 2; shift 0; echo $1 $2 {}' ::: x
	echo 'echo "$#"' >file
	prints '0\nx' "$PEXEC" --shell '. ./file; echo {}' ::: x
}

@test "--shell with --joblog, --resume, --tag and columns" {
	prints 'a\ta-b' "$PEXEC" --tagstring '{1}' -C , --joblog log --shell 'echo {1}-{2}' ::: a,b
	assert_equal "$(tail -n 1 log | cut -f 9)" "/bin/sh -c 'echo \"\$1\"-\"\$2\"' sh a b"
	prints '' "$PEXEC" -C , --joblog log --resume --shell 'echo {1}-{2}' ::: a,b
	prints 'x-y' "$PEXEC" --header -C , --shell 'echo {one}-{two}' <<<$'one,two\nx,y'
	run -0 --separate-stderr "$PEXEC" --header --shell 'echo {two}' <<<$'one\nx'
	assert_output '{two} x'
	assert_equal "$stderr" 'pexec: {two} is plain text, as no column has this name; these are the names: {one}'
}

@test "a line for a shell without --shell: the message says so, once, before any item is read" {
	seq 100 >items
	for command in 'gzip -9' 'echo {} | wc' 'echo a; echo' 'echo {}' './none|x'; do
		{
			run -127 --separate-stderr "$PEXEC" "$command"
			cat >left
		} <items
		assert_equal "$stderr" "pexec: cannot run $command: No such file or directory (with --shell a shell reads the command)"
		cmp items left
	done
	mkdir 'a b'
	printf '#!/bin/sh\necho "$0"\n' >'a b/c d'
	chmod +x 'a b/c d'
	prints './a b/c d' "$PEXEC" './a b/c d' ::: x
	prints './a b/c d' "$PEXEC" './a b/c {}' ::: d
	prints "'gzip -9' a" "$PEXEC" --dry-run 'gzip -9' ::: a
}
