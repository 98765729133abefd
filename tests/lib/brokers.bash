# Workers that share the queue of a server, by the recipes of the manual. Needs helper.bash and background.bash.
# shellcheck disable=SC2154 # project, patience and nap are set there
# shellcheck disable=SC2016 # what stands in single quotes is for the inner shells to expand

# What the manual says, from one line to the next one that ends with the other: manual FROM TO
manual() {
	[ -e manual.txt ] || manual_page | sed 's/^ *//' >manual.txt
	awk -v from="$1" -v to="$2" '!on && index($0, from) == 1 { on = 1 } on; on && $0 ~ to "$" { exit }' manual.txt
}

# Makes the commands that a recipe names, in bin. A job of worker NAME runs job.NAME: make_commands
make_commands() {
	pexec_has_its_name
	printf '#!/bin/sh\n. "./job.$WORKER"\n' >work
	chmod +x work
}

# Starts a worker by the recipe whose text begins with $recipe; its jobs run SCRIPT. Sets pid:
# employ NAME SCRIPT [OPTION...]
employ() {
	echo "$2" >"job.$1"
	manual "$recipe" '[.]/work( .*)?' | sed "s/=.(hostname)/=$1/; s/^pexec/exec pexec -j2 --every 0.1 ${*:3}/" >"worker.$1"
	[ -s "worker.$1" ]
	WORKER=$1 sh "worker.$1" 3>&- &
	pid=$!
}

# A job of a worker that hangs when it has done so many: hangs_after N NAME
hangs_after() {
	echo 'echo "$1" >>out.'"$2"'; [ $(wc -l <out.'"$2"') -le '"$1"' ] || exec sleep '"$nap"
}

# Three workers share what is in the file items and in the queue; one is killed while two of its jobs run. What it
# had is there again when AGAIN has been run; then all is done when `all_done` says so: three_share AGAIN...
three_share() {
	local one two three
	employ one "$(hangs_after 2 one)"
	one=$pid
	employ two 'echo "$1" >>out.two; sleep 0.02'
	two=$pid
	employ three 'echo "$1" >>out.three; sleep 0.02'
	three=$pid
	others+=("$one" "$two" "$three")
	wait_until naps 2
	kill -KILL "$one"
	wait "$one" || true
	wait_until naps 0
	"$@"
	wait_until all_done
	kill -QUIT "$two" "$three"
	wait "$two"
	wait "$three"
	pid=
	sort -u out.* | cmp - <(sort items)
	[ "$(cat out.* | wc -l)" -ge $(($(wc -l <items) + 2)) ]
}

# A worker that is told to end gives back what it has not done, and another one does all.
one_gives_back() {
	employ one "$(hangs_after 0 one)"
	wait_until naps 2
	kill -TERM "$pid"
	ends 143
	nothing_is_taken
	employ two 'echo "$1" >>out.two'
	wait_until all_done
	kill -QUIT "$pid"
	ends 0
	sort out.two | cmp - <(sort items)
}
