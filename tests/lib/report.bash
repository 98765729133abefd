# What is on a page of --report. Needs python3 for names.
# shellcheck disable=SC2154 # patience is set in helper.bash

# The data for the script: data PAGE
data() {
	sed -n '/^<script type="application\/json" id="data">$/,/^<\/script>$/p' "$1" | sed '1d;$d'
}

# A column of the data, a value on each line. There each is the difference to the one before: column NAME PAGE
column() {
	data "$2" | sed -n "s/^\"$1\":\[\(.*\)\],\?\$/\1/p" | tr ',' '\n' | awk '{ sum += $1; print sum }'
}

# The names of the attempts, as Python writes them: names PAGE
names() {
	data "$1" | python3 -c '
import json, sys
for name in json.load(sys.stdin)["names"]:
    print(ascii(name))'
}

# Items that try to become a part of the page, each with a NUL.
hostile() {
	printf '%s\0' '</script><script>document.title="owned"</script>' '<img src=x onerror=document.title="owned">' \
		$'\xff\xfe bytes' $'\xe2\x80\xa8line\xe2\x80\xa9 </script>' $'\xe2\x80\xaertl' '"><iframe onload=document.title="owned">' \
		"'-alert(1)-'" '%%data%% &lt;b&gt;' $'new\nline\ttab\e[31mred' '<!--' ']]>' '--><script>' '<a href=x>' \\
}

# A journal of so many jobs, on 8 slots, of which each 10,000th fails: journal_of COUNT
journal_of() {
	awk -v count="$1" 'BEGIN {
		for (i = 1; i <= count; i++)
			printf "%d\t:\t%.3f\t%10.3f\t0\t0\t%d\t0\tconvert photos/2024/IMG_%06d.jpg %d.webp\n", i,
				1700000000 + int((i - 1) / 8), 0.5 + i % 100 / 250, i % 10000 == 0, i, i
	}'
}

# The page as a browser has it when its script has run: show PAGE [OPTION...]
show() {
	timeout "$patience" chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --virtual-time-budget=2000 "${@:2}" \
		--dump-dom "file://$PWD/$1" 2>/dev/null
}
