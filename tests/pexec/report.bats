#!/usr/bin/env bats
# --report: a page about a run, or about the run that a journal is of.
# shellcheck disable=SC2016 # what stands in single quotes is for the job's shell to expand
# shellcheck disable=SC2154 # pid, nap and stderr are set in background.bash and by run

bats_require_minimum_version 1.5.0
load ../lib/helper
load ../lib/background
load ../lib/journal
load ../lib/report

@test "the page of a run: what was run, how it ended, what each job came to" {
	run -123 --separate-stderr "$PEXEC" -q -k -j2 --report r.html sh -c 'echo "said $0" >&2; exit $0' ::: 0 3
	assert_equal "$stderr" $'said 0\nsaid 3'
	assert_equal "$(head -n 1 r.html)" '<!DOCTYPE html>'
	assert_equal "$(tail -n 1 r.html)" '</html>'
	grep -q '^<p class="verdict bad">complete, 1 job failed; exit status 123</p>$' r.html
	grep -qF '<dt>Command</dt><dd><code>sh -c &#39;echo &quot;said $0&quot; &gt;&amp;2; exit $0&#39;</code>' r.html
	grep -qF "<dt>Directory</dt><dd><code>$PWD</code>" r.html
	grep -qF '<dt>done</dt><dd>1</dd>' r.html
	grep -qF '<dt>failed</dt><dd>1</dd>' r.html
	assert_equal "$(column seq r.html | sort)" $'1\n2'
	assert_equal "$(column end r.html | sort)" $'0\n1'
	assert_equal "$(column status r.html | sort)" $'0\n3'
	run ! grep -qvx '[12]' <(column slot r.html)
	# The failed one, with what it said; the others are not in that table.
	assert_equal "$(grep -c '^said [0-9]$' r.html)" 1
	grep -q '^said 3$' r.html
	grep -qF '<code class=run>sh -c &#39;echo &quot;said $0&quot; &gt;&amp;2; exit $0&#39; 3</code>' r.html
	run ! grep -q '%%' r.html
}

@test "nothing of it comes from outside, and a browser is told that none may" {
	"$PEXEC" --report r.html true ::: 1
	run ! grep -qE '(src|href)=|@import|url\(|https?:' r.html
	grep -qE "content=\"default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]{43}='; style-src 'sha256-[A-Za-z0-9+/]{43}=';" r.html
	for name in script style; do
		hash=$({ echo; sed -n "/^<$name>\$/,/^<\/$name>\$/p" r.html | sed '1d;$d'; } | sha256sum | cut -d ' ' -f 1)
		# shellcheck disable=SC2001,SC2059 # the hash is the format: its bytes
		hash=$(printf "$(sed 's/../\\x&/g' <<<"$hash")" | base64)
		grep -qF "$name-src 'sha256-$hash'" r.html
	done
}

@test "attempts: one that failed and was tried again, one that timed out, one that a signal killed" {
	run -123 "$PEXEC" -q -j1 --retries 2 --report r.html sh -c 'case $0 in
		a) [ $PEXEC_ATTEMPT = 2 ];; b) kill -KILL $$;; esac' ::: a b c
	assert_equal "$(paste -d ' ' <(column seq r.html) <(column attempt r.html) <(column end r.html) <(column status r.html) | sort)" \
		"$(printf '%s\n' '1 1 3 1' '1 2 0 0' '2 1 3 1009' '2 2 1 1009' '3 1 0 0')"
	run -123 "$PEXEC" -q --timeout 50ms --report r.html sleep ::: "$nap"
	assert_equal "$(column end r.html)" 2
	grep -qF '<dt>timed out</dt><dd>1</dd>' r.html
}

@test "a job that could not be started is counted, and among the failed" {
	run -123 "$PEXEC" -q -0 --report r.html echo < <(printf 'a\nb\0%0200000d\0' 1)
	grep -qF '<dt>failed</dt><dd>1</dd>' r.html
	assert_equal "$(column seq r.html)" 1
	assert_equal "$(grep -c 'data-of="Ended"><span><span class="end failed">failed</span> with status 126' r.html)" 1
}

@test "hostile items: no element, no script; what is no UTF-8, or cannot be seen, is shown as such" {
	hostile >items
	run -123 "$PEXEC" -q -0 -a items --joblog log --report r.html sh -c 'printf "%s" "$0" >&2; exit 1'
	"$PEXEC" --report j.html --joblog log
	for page in r.html j.html; do
		assert_equal "$(grep -oiE '</?script' $page | sort | uniq -c | tr -s ' \n' ' ')" ' 2 </script 2 <script '
		run ! grep -qiE '<(img|iframe|b|a|!--|title[^>]*><script)[ >]' $page
		run ! env LC_ALL=C grep -q $'\xe2\x80\xa8\|\xff\|\x1b' $page
		run ! env LC_ALL=C grep -q $'\xe2\x80\xae' <(sed '/^"names":/d' $page)
		run ! grep -q '[<>&]' <(data $page)
	done
	grep -qF '"\udcff\udcfe bytes"' r.html
	grep -qF '"\u2028line\u2029 \u003c/script\u003e"' r.html
	grep -qF '<bdi>\xff\xfe bytes</bdi>' r.html
	grep -qF '<bdi>%%data%% &amp;lt;b&amp;gt;</bdi>' r.html
	# JSON says the same as the items.
	assert_equal "$(names r.html | LC_ALL=C sort)" "$(python3 -c '
import sys
for item in sys.stdin.buffer.read().split(b"\0")[:-1]:
    print(ascii(item.decode("utf-8", "surrogateescape")))' <items | LC_ALL=C sort)"
}

@test "the command to run a job again can be copied, whatever is in its item" {
	cat >job <<-'E'
		#!/bin/sh
		printf '%s\0' "$@" >>said
		exit 1
	E
	chmod +x job
	printf '%s\0' $'\xff\xfe bad' $'caf\xc3\xa9 \xe2\x80\x8b\xff' $'two\nlines\t\xff1' $'\e[31mred\xe9' "it's \\ \$x" $'it\'s\xff\'' plain -- '' |
		run -123 "$PEXEC" -0 -q -j1 --report r.html ./job
	mv said first
	sed '1,/<h2 id="failed-title">/d; /<h2 id="slowest-title">/,$d' r.html | grep -o '<code class=run>[^<]*' |
		sed "s/<code class=run>//; s/&#39;/'/g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&amp;/\&/g" >again
	assert_equal "$(wc -l <again)" 9
	run ! bash again
	cmp first said
	run ! grep -q 'not to be copied' r.html
}

@test "a text for a shell, of another program's journal, with bytes that cannot be shown is not to be copied" {
	{ echo "$header"; line 1 1 $'echo "a \xff"'; } >log
	run -0 "$PEXEC" --report r.html --joblog log </dev/null
	grep -q 'not to be copied' r.html
}

@test "colours of what a job said are left out" {
	run -123 "$PEXEC" -q --report r.html sh -c 'printf "\033[1;31merror\033[0m: no\n" >&2; exit 1' ::: 1
	grep -q '^error: no$' r.html
}

@test "of stderr the end is kept, of the last attempt" {
	run -123 "$PEXEC" -q --retries 2 --report r.html sh -c 'echo attempt $PEXEC_ATTEMPT >&2
		[ $PEXEC_ATTEMPT = 1 ] || { head -c 100000 /dev/zero | tr "\0" x; echo; echo end; } >&2; exit 1' ::: 1
	assert_equal "$(sed -n '/<pre class=error/,/<\/pre>/p' r.html | sed 1d | head -c 2048 | tail -c 8 | tr '\n' .)" 'xxx.end.'
	run ! grep -q '^attempt 1' r.html
}

@test "-u: what jobs say is not known, and that is said" {
	run -123 "$PEXEC" -q -u --report r.html sh -c 'echo said >&2; exit 1' ::: 1
	grep -q 'With -u jobs write to stderr by themselves' r.html
	run ! grep -q '^said' r.html
}

@test "a page that is there is replaced as a whole; what a link names is; nothing else is left" {
	mkdir there
	echo old >there/r.html
	ln -s there/r.html r.html
	exec 5<r.html
	"$PEXEC" --report r.html true ::: 1
	assert_equal "$(cat <&5)" old
	[ -L r.html ]
	grep -q '</html>' there/r.html
	assert_equal "$(ls there)" r.html
	umask 027
	"$PEXEC" --report new.html true ::: 1
	assert_equal "$(stat -c %a new.html)" 640
}

@test "where no page can be written nothing is run" {
	run -1 "$PEXEC" --report no/r.html touch ran ::: 1
	assert_output 'pexec: --report no/r.html: No such file or directory'
	mkdir d.html
	run -1 "$PEXEC" --report d.html touch ran ::: 1
	assert_output 'pexec: --report d.html: Is a directory'
	mkfifo f.html
	run -1 "$PEXEC" --report f.html touch ran ::: 1
	assert_output 'pexec: --report f.html: Invalid argument'
	run -1 "$PEXEC" --report r.txt touch ran ::: 1
	assert_output 'pexec: --report r.txt: the name of a report ends in .html or .json'
	[ ! -e ran ]
}

@test "a disk that is full: that is said, the status is not 0, and the page that was there stays" {
	echo old >r.html
	run -1 bash -c 'trap "" XFSZ; ulimit -f 8; exec "$@"' bash "$PEXEC" --report r.html echo ::: out
	assert_output $'out\npexec: --report r.html: File too large'
	assert_equal "$(cat r.html)" old
	assert_equal "$(ls)" r.html
	line 1 0 true >log
	run -1 bash -c 'trap "" XFSZ; ulimit -f 8; exec "$@"' bash "$PEXEC" --report r.html --joblog log
	assert_output 'pexec: --report r.html: File too large'
	assert_equal "$(cat r.html)" old
}

@test "the page and the journal cannot be one file, nor a page an input" {
	run -1 "$PEXEC" --report x.html --joblog x.html touch ran ::: 1
	assert_output 'pexec: --joblog x.html and --report x.html: they are the same file'
	echo a >in.html
	run -1 "$PEXEC" --report in.html -a in.html touch ran
	assert_output 'pexec: -a in.html: input file is output file: --report in.html'
	[ ! -e ran ]
}

@test "a run that is broken off has its page: by a signal, by --halt, drained" {
	start "$PEXEC" -j2 --report r.html sh -c '[ $0 = 1 ] || { echo up >>up; exec sleep '"$nap"'; }' ::: 1 2 3 4
	wait_until test -s up
	kill -s TERM "$pid"
	ends 143
	grep -qE '^<p class="verdict bad">ended by a signal, .* left for another run, .* not begun; signal 15' r.html
	grep -qE '<dt>ended with the run</dt><dd>[12]</dd>' r.html
	run "$PEXEC" -q -j1 --halt now,fail=1 --report r.html false ::: 1 2 3
	grep -qE '^<p class="verdict bad">ended by --halt, 1 job failed, 2 items not begun; exit status' r.html
	rm up
	start "$PEXEC" -j1 --report r.html sh -c 'echo up >>up; until [ -e go ]; do sleep 0.02; done' ::: 1 2
	wait_until test -s up
	kill -s QUIT "$pid"
	touch go
	ends 125
	grep -q '>drained, 1 item not begun; exit status 125<' r.html
}

@test "a run that is broken off while all its jobs run: they have been at work" {
	start "$PEXEC" -j2 --report r.html sh -c 'echo up >>up; exec sleep '"$nap" ::: 1 2
	wait_until has_lines 2 up
	kill -s TERM "$pid"
	ends 143
	grep -q 'No attempt has come to an end of its own' r.html
	grep -qE '<dt>jobs at a time</dt><dd>[1-9]' r.html
	run ! grep -q '<dt>rate</dt>' r.html
}

@test "a job that waits for its next attempt when the run ends is not told of twice" {
	start "$PEXEC" -q -j1 --retries 2 --retry-delay 1h --report r.html sh -c 'echo up >>up; exit 1' ::: 1
	wait_until test -s up
	wait_until only_jobs 0
	kill -s QUIT "$pid"
	ends 125
	assert_equal "$(column end r.html)" 3
}

@test "--dry-run writes none" {
	run -0 "$PEXEC" --dry-run --report r.html echo ::: 1
	[ ! -e r.html ]
}

@test "--chdir: the page is where it was named, and tells where jobs ran" {
	mkdir d
	"$PEXEC" --chdir d --report r.html true ::: 1
	grep -qF "<dt>Directory</dt><dd><code>$PWD/d</code>" r.html
}

@test "-k, and a job of several items: all are there" {
	"$PEXEC" -k -j4 -n2 --report r.html echo ::: a b c d e >/dev/null
	assert_equal "$(names r.html | sort | tr '\n' ' ')" "'a b' 'c d' 'e' "
}

# --- of a journal ---

@test "the page of a journal, of pexec and of GNU parallel: the same jobs" {
	run "$PEXEC" -q -j2 --joblog log --joblog-usage sh -c 'exit $0' ::: 0 3 0
	cp log before
	: >nothing
	for stdin in /dev/null nothing; do
		run -0 "$PEXEC" --report r.html --joblog log -q -j4 <"$stdin"
		cmp before log
		run -1 "$PEXEC" --report r.json --joblog log -q <"$stdin"
		assert_output 'pexec: --report r.json: a journal has what a page needs (FILE.html), not a trace'
		cmp before log
	done
	# What comes through a pipe are commands.
	run -0 "$PEXEC" --report r.json --joblog other < <(echo echo ran)
	assert_output ran
	run -0 "$PEXEC" --report r.html --joblog log </dev/null
	refute_output
	assert_equal "$(paste -d ' ' <(column seq r.html) <(column end r.html) <(column status r.html) | sort)" $'1 0 0\n2 1 3\n3 0 0'
	grep -q '^<p class="verdict bad">3 jobs over, 1 failed</p>$' r.html
	grep -qF '<code class=run>sh -c &#39;exit $0&#39; 3</code>' r.html
	run ! grep -qx -- -1 <(column cpu r.html)
	command -v parallel >/dev/null && parallel --version 2>/dev/null | grep -q '^GNU parallel' || skip "needs GNU parallel"
	run parallel -j2 --joblog theirs sh -c "'exit \$0'" ::: 0 3 0
	run -0 "$PEXEC" --report theirs.html --joblog theirs </dev/null
	# It has no such columns.
	grep -q '<th scope=col class=number>CPU' r.html
	run ! grep -q '<th scope=col class=number>CPU' theirs.html
	assert_equal "$(paste -d ' ' <(column seq theirs.html) <(column end theirs.html) <(column status theirs.html) | sort)" $'1 0 0\n2 1 3\n3 0 0'
}

@test "a job that the journal has twice was tried again; lines that are damaged are left out, and counted" {
	{ echo "$header"; line 1 1 'job a'; line 2 0 'job b'; echo torn; line 1 0 'job a'; } >log
	run -0 "$PEXEC" --report r.html --joblog log </dev/null
	assert_output 'pexec: --report: 1 line of --joblog log is damaged, and left out'
	assert_equal "$(paste -d ' ' <(column seq r.html) <(column attempt r.html) <(column end r.html))" $'1 1 3\n2 1 0\n1 2 0'
	grep -q '1 line of the journal could not be read, and is missing here' r.html
}

@test "a journal that is none, has no job, or is not there" {
	echo "no journal" >log
	run -1 "$PEXEC" --report r.html --joblog log </dev/null
	assert_output 'pexec: --report: --joblog log is no journal'
	echo "$header" >log
	run -1 "$PEXEC" --report r.html --joblog log </dev/null
	assert_output 'pexec: --report: --joblog log has no job'
	run -1 "$PEXEC" --report r.html --joblog gone </dev/null
	assert_output 'pexec: --report: reading --joblog gone: No such file or directory'
	[ ! -e r.html ] && [ ! -e gone ]
}

@test "commands on standard input are not run unless they are asked for, and the journal stays" {
	line 1 0 true >log
	cp log before
	run -0 bash -c 'echo "touch ran" | "$@"' bash "$PEXEC" --report r.html --joblog log
	assert_output 'pexec: --report: the page is of the run of --joblog, nothing is run; with -a - commands are read from standard input'
	[ ! -e ran ]
	cmp log before
	echo 'touch ran' | "$PEXEC" -a - --report r.html --joblog log
	[ -e ran ]
	grep -qF '<dt>Command</dt><dd><code>each item is a command</code>' r.html
}

@test "100,000 jobs: a page of less than 10 MB; of more an even sample, and it says so" {
	journal_of 100000 >log
	"$PEXEC" --report r.html --joblog log </dev/null
	(($(stat -c %s r.html) < 10000000))
	assert_equal "$(column seq r.html | wc -l)" 100000
	run ! grep -q 'made from every' r.html
	journal_of 250001 >log
	"$PEXEC" --report r.html --joblog log </dev/null
	assert_equal "$(column seq r.html | sed -n '1p;2p;$p')" $'1\n5\n250001'
	grep -q 'There were 250001 attempts. .* from every 4th of them; .* are of all' r.html
	grep -qF '<dt>done</dt><dd>249976</dd>' r.html
	grep -q 'The first 100 and the last 100 of' r.html || grep -qF '<dt>failed</dt><dd>25</dd>' r.html
}

# --- in a browser ---

@test "a browser runs the script of the page, and nothing that is in an item" {
	command -v chromium >/dev/null || skip "needs chromium"
	hostile >items
	run -123 "$PEXEC" -q -0 -a items --report r.html sh -c 'printf "%s" "$0" >&2; exit 1'
	show r.html >dom
	# The script has shown what it makes: the timeline and the charts.
	grep -q '<section class="scripted" aria-labelledby="timeline-title">' dom
	grep -q '<figure><figcaption><b>Jobs at work</b>' dom
	run ! grep -q 'owned' <(grep -o '<title>[^<]*' dom)
	assert_equal "$(grep -oiE '<(script|img|iframe|a)[ >]' dom | sort | uniq -c | tr -s ' \n' ' ')" ' 1 <script 1 <script> '
}

@test "the tables of jobs are no wider than a narrow window" {
	command -v chromium >/dev/null || skip "needs chromium"
	"$PEXEC" -q -j2 --report r.html sh -c 'echo "what $0 says" >&2; kill -9 $$' \
		::: /usr/share/doc/some/long/file/name.{1..3} 2>/dev/null || :
	sed -e '/Content-Security-Policy/d' -e 's#</body>#<script>document.title = [...document.querySelectorAll("table.jobs")].map(\
		table => table.scrollWidth <= table.parentElement.clientWidth \&\& innerWidth === 800)</script>&#' r.html >measured.html
	run show measured.html --window-size=800,900
	assert_regex "$output" '<title>true,true</title>'
}
