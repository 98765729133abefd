# What stands in the manual. Needs helper.bash.
# shellcheck disable=SC2154 # project is set there

# The manual as its readers see it, without the overstrikes of a printer.
manual_page() {
	mandoc -Tascii -O width=120 "$project/man/pexec.1" | sed 's/.\x08//g'
}

# A literal text of a subsection, the first one or the Nth, as it is read: manual_text TITLE [N]
manual_text() {
	manual_page | awk -v title="$1" -v wanted="${2:-1}" '
		/^ ? ? ?[^ ]/ { here = $0 == "   " title; next }
		!here { next }
		!sub(/^           /, "") { is_text = 0; next }
		!is_text { count++; is_text = 1 }
		count == wanted'
}
