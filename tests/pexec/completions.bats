#!/usr/bin/env bats
# Completions for bash, zsh and fish: as they are built, in the shells that they are for.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # project, pid and nap are set by what is loaded

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/control
load ../lib/completions

setup() {
	untraced_at_first
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin dir
	ln -s "$PEXEC" bin/pexec
	PATH=$PWD/bin:$PATH
	touch alpha gamma 'g h'
}

# Skips where a shell is missing: `make deps check` installs all of them.
needs_shell() {
	command -v "$1" >/dev/null || skip "there is no $1"
}

# In the shell of the test, a line is offered just these: offers LINE [OFFER...]
offers() {
	assert_equal "$1 => $("in_$shell" "$1")" "$1 => $(printf '%s\n' "${@:2}")"
}

# In the shell of the test, these are among what a line is offered: offers_among LINE OFFER...
offers_among() {
	local offered offer
	offered=$("in_$shell" "$1")
	for offer in "${@:2}"; do
		grep -qxF -e "$offer" <<<"$offered" || fail "$1: no $offer in $offered"
	done
}

# What bash and fish have in common.
offers_the_same() {
	offers 'pexec --ti' --timeout
	offers 'pexec --trim ' l lr n r
	offers 'pexec -a al' alpha
	offers 'pexec -0ka al' alpha
	offers 'pexec -j 4 --shuf --keep-ord' --keep-order
	offers 'pexec --chdir d' dir/
	offers 'pexec --termseq TERM,200,KI' TERM,200,KILL,
	offers 'pexec --termseq TERM,'
	offers_among 'pexec --log s' syslog
	offers_among 'pexec --source sha256' sha256sum
	offers_among 'pexec -j 4 -k sha256' sha256sum
	offers_among 'pexec -- sha256' sha256sum
	offers 'pexec --help fet' fetched
	offers 'pexec --help --tim' --timeout
	offers 'pexec -j 4 gzip ::: ga' gamma
	offers 'pexec gzip :::: al' alpha
}

# A run with two jobs listens on S.
serve_two() {
	serve -j2 sh -c "sleep $nap" ::: 'a  b:c' other
	wait_until naps 2
}

@test "bash: options, what they take, commands, items" {
	needs_shell bash
	shell=bash
	offers_the_same
	offers 'pexec --trim=l' l lr
	offers 'pexec --trim=' l lr n r
	offers 'pexec --arg-file=al' alpha
	offers 'pexec --arg=al' alpha
	offers 'pexec --halt=now,fa' now,fail=1
	offers 'pexec --halt now,fail=1 -C : --shu' --shuf
	offers 'pexec --halt now,fail=' 1
	offers_among 'pexec -a ' alpha gamma 'g h' dir/
	offers 'pexec gzip al' alpha
}

@test "bash: the command's own completion, where there is one" {
	needs_shell bash
	[ -e /usr/share/bash-completion/bash_completion ] || skip "there is no bash-completion"
	shell=bash
	export WITH_COMMANDS=yes
	offers_among 'pexec -j 4 --halt now,fail=1 timeout --ki' --kill-after=
}

@test "bash: commands of --ctl, running jobs for kill" {
	shell=bash
	serve_two
	run -1 ctl nosuch
	mapfile -t commands < <(tr ' ' '\n' <<<"${output##* is none of }" | sort)
	offers 'pexec --ctl S ' "${commands[@]}"
	offers_among 'pexec --ctl=S dra' drain
	offers 'pexec --ctl S status -' --json
	offers 'pexec --ctl S kill ' '1  (a  b:c)' '2  (other)'
	offers 'pexec --ctl S kill 2' 2
	offers 'pexec --ctl nosuch kill '
	kill "$pid"
	ends 143
}

@test "fish: options, what they take, commands, items" {
	needs_shell fish
	shell=fish
	offers_the_same
	offers 'pexec --trim=l' --trim=l --trim=lr
	offers 'pexec gzip al' alpha
	offers_among 'pexec -a ' alpha gamma 'g h' dir/
	# Options of the command are not those of pexec.
	run ! grep -x -- --shuf <<<"$(in_fish 'pexec true --sh')"
}

@test "fish: commands of --ctl, running jobs for kill" {
	needs_shell fish
	shell=fish
	serve_two
	offers_among 'pexec --ctl S ' status jobs slots pause resume drain kill add
	offers 'pexec --ctl S kill ' 1 2
	offers 'pexec --ctl=S kill 2' 2
	offers 'pexec --ctl S status -' --json
	kill "$pid"
	ends 143
}

@test "zsh: options, what they take, commands, items, jobs" {
	needs_shell zsh
	serve -j1 sh -c "sleep $nap" ::: a
	wait_until naps 1
	while IFS='>' read -r line becomes; do
		printf '%s\n' "$line" >>lines
		printf '%s\n' "$becomes" >>expected
	done <<-'END'
		pexec --ti>pexec --timeout=
		pexec --keep-ord>pexec --keep-order 
		pexec -a al>pexec -a alpha 
		pexec --arg-file=al>pexec --arg-file=alpha 
		pexec -0ka ga>pexec -0ka gamma 
		pexec --chdir d>pexec --chdir dir/
		pexec --log sysl>pexec --log syslog 
		pexec --termseq TERM,200,KIL>pexec --termseq TERM,200,KILL,
		pexec --help fet>pexec --help fetched 
		pexec -j 4 -k sha256su>pexec -j 4 -k sha256sum 
		pexec -j 4 gzip ::: ga>pexec -j 4 gzip ::: gamma 
		pexec -j 4 gzip :::: al>pexec -j 4 gzip :::: alpha 
		pexec --ctl S dra>pexec --ctl S drain 
		pexec --ctl S kill >pexec --ctl S kill 1 
		pexec --ctl S status -->pexec --ctl S status --json 
	END
	mapfile -t lines <lines
	in_zsh "${lines[@]}" >became
	diff expected became
	kill "$pid"
	ends 143
}

@test "each shell can read its completion, and no marker is left in it" {
	for name in bash zsh fish; do
		[ -s "$BUILD/dist/completion.$name" ]
		! command -v "$name" || "$name" -n "$BUILD/dist/completion.$name"
		run ! grep -nE '@[a-z-]+@' "$BUILD/dist/completion.$name"
	done
}

@test "every name of every option is in each completion" {
	"$PEXEC" --help | sed -nE 's/^  (-.*)$/\1/p' | grep -oE -- '(^|, )-[^][ ,]+' | sed 's/, //' >names
	(($(wc -l <names) > 80))
	while read -r name; do
		grep -qE -- "[ '\"]${name}[ '\"]" "$BUILD/dist/completion.bash" || fail "bash: $name"
		grep -qF -e "${name}[" -e "$name=" -e "$name+" "$BUILD/dist/completion.zsh" || fail "zsh: $name"
		case $name in
		--*) grep -q -- " -l ${name#--} " "$BUILD/dist/completion.fish" || fail "fish: $name" ;;
		*) grep -q -- " -s ${name#-} " "$BUILD/dist/completion.fish" || fail "fish: $name" ;;
		esac
	done <names
}

@test "make install puts them where the shells look, make uninstall leaves nothing" {
	make=(env -u MAKEFLAGS -u MFLAGS make -s -C "$project" BUILD="$BUILD" PEXEC="$PEXEC" DESTDIR="$PWD/root" PREFIX=/usr
		SANITIZE="$SANITIZE" PORTABLE="${PORTABLE:-}" RELEASE="${RELEASE:-}")
	"${make[@]}" -o "$PEXEC" install
	cmp root/usr/share/bash-completion/completions/pexec "$BUILD/dist/completion.bash"
	cmp root/usr/share/zsh/site-functions/_pexec "$BUILD/dist/completion.zsh"
	cmp root/usr/share/fish/vendor_completions.d/pexec.fish "$BUILD/dist/completion.fish"
	"${make[@]}" -o "$PEXEC" install DESTDIR="$PWD/other" ZSH_COMPLETIONS=/usr/share/zsh/vendor-completions
	[ -e other/usr/share/zsh/vendor-completions/_pexec ]
	"${make[@]}" uninstall
	assert_equal "$(find root -type f -o -type l)" ''
}
