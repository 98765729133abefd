/* shell_words, shell_script: commands with placeholders -> scripts with parameters. */
#undef NDEBUG
#include "command/shell_script.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Here {} and {.} are two values, and {#} is one that is a number. */
static const char *const placeholders[] = {"{}", "{.}", "{#}"};
enum { NUMBER = 2, VALUES = 3, MOST_SPANS = 32 };

enum {
	SH = LANGUAGE_SH,
	BASH = LANGUAGE_BASH,
	ZSH = LANGUAGE_ZSH,
	KSH = LANGUAGE_KSH,
	SMALL = LANGUAGE_SMALL,
	SEVERAL = 8,
	APPENDED = 16
};

static size_t find_spans(
    const char *text, bool several, struct shell_span spans[], size_t of_span[])
{
	size_t count = 0;

	for (const char *at = text; *at; at++)
		for (size_t i = 0; i < VALUES; i++)
			if (strncmp(at, placeholders[i], strlen(placeholders[i])) == 0) {
				assert(count < MOST_SPANS);
				of_span[count] = several && i < NUMBER ? i + 1 : i;
				if (several && i == NUMBER)
					of_span[count] = 0;
				spans[count++] = (struct shell_span){.at = (size_t)(at - text),
				    .length = strlen(placeholders[i]),
				    .number = i == NUMBER,
				    .several = several && i != NUMBER};
			}
	return count;
}

/* Under SEVERAL {#} is the only value that is there once, and {} alone the other, or with {.}. */
static void check(unsigned flags, const char *source, const char *expected)
{
	struct shell_span spans[MOST_SPANS];
	size_t of_span[MOST_SPANS];
	bool several = flags & SEVERAL;
	size_t count = find_spans(source, several, spans, of_span);
	bool has_number = strstr(source, placeholders[NUMBER]) != NULL;
	const struct shell_text text = {.bytes = source,
	    .length = strlen(source),
	    .spans = spans,
	    .span_count = count,
	    .language = flags % SEVERAL,
	    .appended = flags & APPENDED};
	for (size_t i = 0; several && !has_number && i < count; i++)
		of_span[i]--;
	size_t values = strstr(source, "{.}") ? 2 : 1;
	const struct shell_values given = {
	    of_span, several ? has_number : VALUES, several ? values : 0, NULL};
	struct shell_error error = {.reason = ""};
	struct strlist script = {0};
	struct shell_script *made = shell_script_make(&text, &given, &error);

	if (made) {
		shell_script_fill(made, &(struct shell_counts){several ? 2 : 1, 0}, &script);
		strlist_end(&script);
		struct shell_script_cost cost = shell_script_cost(made);
		size_t parameters = cost.fixed_parameters + 2 * cost.each_parameters;
		size_t numbers = cost.fixed_numbers + 2 * cost.each_numbers;
		assert(strlist_length(&script, 0) <
		       cost.fixed + 2 * cost.each + numbers * (parameters < 10 ? 1 : 2));
	}
	char reason[256];
	snprintf(reason, sizeof reason, "%s%s", error.reason,
	    error.bash_takes_it ? ": say --shell=bash" : "");
	const char *got = made ? strlist_at(&script, 0) : reason;
	/* Of errors the beginning is enough. */
	bool refused = *expected == '-';
	if (refused == (made != NULL) ||
	    (refused ? !strstr(got, expected + 1) : strcmp(got, expected) != 0)) {
		fprintf(
		    stderr, "%s\n-- is, with %u:\n%s\n-- not:\n%s\n", source, flags, got, expected);
		exit(1);
	}
	strlist_free(&script);
	shell_script_free(made);
}

struct row {
	const char *source, *expected;
};

/* Reads alike in all languages. */
static const struct row everywhere[] = {
    /* bare */
    {"", ""},
    {"a {} b", "a \"$1\" b"},
    {"a{}b{.}", "a\"$1\"b\"$2\""},
    {"{} {}", "\"$1\" \"$1\""},
    {"x={} cmd >{} 2>>{} <{}", "x=\"$1\" cmd >\"$1\" 2>>\"$1\" <\"$1\""},
    {"a;{}&b|{}", "a;\"$1\"&b|\"$1\""},
    {"echo ~{} *{}? [{}] #{}", "echo ~\"$1\" *\"$1\"? [\"$1\"] #{}"},
    {"echo a#{}", "echo a#\"$1\""},
    {"{ a {}; }", "{ a \"$1\"; }"},
    {"a {b,{}}", "a {b,\"$1\"}"},
    {"a \\\n{}", "a \\\n\"$1\""},
    {"a\\ {}", "a\\ \"$1\""},
    {"a \\{}", "-behind a backslash"},
    /* quotes */
    {"a \"b{}c\"", "a \"b${1}c\""},
    {"a 'b{}c'", "a 'b'\"$1\"'c'"},
    {"a '{}'", "a ''\"$1\"''"},
    {"a '\\{}'", "a '\\'\"$1\"''"},
    {"a \"'{}'\" '\"{}\"'", "a \"'${1}'\" '\"'\"$1\"'\"'"},
    {"a \"\\\"{}\"", "a \"\\\"${1}\""},
    {"a \"\\{}\"", "-behind a backslash"},
    {"a \"{}", "-has no second one"},
    {"a '{}", "-has no second one"},
    {"a $\"b{}\"", "a $\"b${1}\""},
    /* $ */
    {"a $x{} \"$x{}\" $?{} $${}", "a $x\"$1\" \"$x${1}\" $?\"$1\" $$\"$1\""},
    {"a ${}", "-behind a $"},
    {"a \"${#}\"", "-behind a $"},
    {"a ${x:-{}} \"${x:-b{}}\"", "a ${x:-\"$1\"} \"${x:-b${1}}\""},
    {"a ${x-{}} ${x+{}} ${x:={}} ${x:?{}}", "a ${x-\"$1\"} ${x+\"$1\"} ${x:=\"$1\"} ${x:?\"$1\"}"},
    {"a ${x#{}} \"${x%%{}*}\"", "a ${x#\"$1\"} \"${x%%\"$1\"*}\""},
    {"a \"${x#'{}'}\" \"${x:-\"{}\"}\"", "a \"${x#''\"$1\"''}\" \"${x:-\"${1}\"}\""},
    {"a \"${x:-'{}'}\"", "-in two ways"},
    {"a ${#x} ${x} {}", "a ${#x} ${x} \"$1\""},
    {"a ${x{}}", "-name of a parameter"},
    {"a ${x:-'}'{}}", "a ${x:-'}'\"$1\"}"},
    {"a ${x:-{}", "-has no }"},
    {"a ${x[y{}]}", "-in a subscript"},
    {"a \"$(b {})\" $(c \"{}\")", "a \"$(b \"$1\")\" $(c \"${1}\")"},
    {"a $(b) {}", "a $(b) \"$1\""},
    {"a $(b \")\" '(' \\) {}) {}", "a $(b \")\" '(' \\) \"$1\") \"$1\""},
    {"a $(b # ) {}\n) {}", "a $(b # ) {}\n) \"$1\""},
    {"a $(b {}", "-has no )"},
    /* backquotes */
    {"a `b {}` \"`c {}`\"", "a `b \"$1\"` \"`c \"$1\"`\""},
    {"a `b '{}' \"{}\"`", "a `b ''\"$1\"'' \"${1}\"`"},
    {"a \"`b \\\"{}\\\"`\"", "a \"`b \\\"${1}\\\"`\""},
    {"a `b \\\"{}\\\"`", "a `b \\\"\"$1\"\\\"`"},
    {"a `b \\`c {}\\` '\\`{}\\`'`", "a `b \\`c \"$1\"\\` '\\`'\"$1\"'\\`'`"},
    {"a `b \\\\{}`", "-behind a backslash"},
    {"a `b \\${}`", "-behind a $"},
    {"a `b {}", "-has no second one"},
    {"a `b '` {}", "-has no second one"},
    /* arithmetic */
    {"a $(( {#} + 1 ))", "a $(( ${3} + 1 ))"},
    {"a $(( x{#} ))", "-in a name"},
    {"a $(( {#}0 ))", "-goes on behind"},
    {"a $((b) ; c {})", "-has no )) of its own"},
    /* here-documents */
    {"a <<E\n{} \"{}\" '{}' $(b {}) `c \"{}\"`\nE\nd {}",
	"a <<E\n${1} \"${1}\" '${1}' $(b \"$1\") `c \"${1}\"`\nE\nd \"$1\""},
    {"a <<E {}\n{}\nE", "a <<E \"$1\"\n${1}\nE"},
    {"a <<-E\n\t{}\n\tE\nb {}", "a <<-E\n\t${1}\n\tE\nb \"$1\""},
    {"a <<'E'\n$x\nE\nb {}", "a <<'E'\n$x\nE\nb \"$1\""},
    {"a <<'E'\n{}\nE\n", "-whose end is quoted"},
    {"a <<\\E\n{}\nE\n", "-whose end is quoted"},
    {"a <<E <<F\n{}\nE\n'{}\nF\n{}", "a <<E <<F\n${1}\nE\n'${1}\nF\n\"$1\""},
    {"a <<E\n\\{}\nE\n", "-behind a backslash"},
    {"a <<E\n{}\n", "-does not end"},
    {"a <<{}\n{}\n", "-cannot be the end"},
    {"a <<E\n\\\nE\nb {}\nE\n", "-backslash before its end"},
    {"a <<E\n`b \\\"{}\\\"`\nE\n", "-read in two ways"},
    {"a $(b <<E\n{}\nE\n) {}", "a $(b <<E\n${1}\nE\n) \"$1\""},
    {"a <<E $(b\nc)\nE\n{}", "-behind a line break within"},
    /* compound commands */
    {"case {} in {}) a {};; (b|{}) c;; esac; d {}",
	"case \"$1\" in \"$1\") a \"$1\";; (b|\"$1\") c;; esac; d \"$1\""},
    {"a $(case x in x) b {};; esac) {}", "a $(case x in x) b \"$1\";; esac) \"$1\""},
    {"a $(case x in x) b {}\nesac) {}", "a $(case x in x) b \"$1\"\nesac) \"$1\""},
    {"case x in # ) {}\nx) ;; esac", "case x in # ) {}\nx) ;; esac"},
    {"a case x in x) {}", "-has no ("},
    {"case x in x) a {}", "-has no esac"},
    {"for x in {} \"{}\"; do a $x; done", "for x in \"$1\" \"${1}\"; do a $x; done"},
    {"for {} in a; do b; done", "-no name of a variable"},
    {"(a {}; (b {}))", "(a \"$1\"; (b \"$1\"))"},
    {"if a {}; then b {}; fi && ! c {} || { d {}; }",
	"if a \"$1\"; then b \"$1\"; fi && ! c \"$1\" || { d \"$1\"; }"},
    {"a ) {}", "-has no ("},
    {"[[ -v {} ]]", "-the name of a variable"},
    {"a[y{}]=1", "-in a subscript"},
    /* what is evaluated */
    {"{}=3", "-before a ="},
    {"x{}=3", "-before a ="},
    {"\"{}\"+=3", "-before a ="},
    {"{}[1]=3", "-before a ="},
    {"x$y{}=3; a {}=3", "x$y\"$1\"=3; a \"$1\"=3"},
    {"{}() { a; }", "-name of a function"},
    {"read {}", "-the name of a variable"},
    {"read -rp {} x", "read -rp \"$1\" x"},
    {"read -{} x", "-the name of a variable"},
    {"read x{#}", "read x\"$3\""},
    {"command -p read {}", "-the name of a variable"},
    {"\\unset 'x'{}", "-the name of a variable"},
    {"printf -v {} x", "-the name of a variable"},
    {"printf -v{} x", "-the name of a variable"},
    {"test -v {}", "-the name of a variable"},
    {"[ {} {.} ]", "-could be an operator"},
    {"[ {} = {.} ]", "[ \"$1\" = \"$2\" ]"},
    {"export {}", "-the name of a variable"},
    {"export x={} \"y={}\"", "export x=\"$1\" \"y=${1}\""},
    {"declare \"x{}=1\"", "-the name of a variable"},
    {"declare -a x={}", "-declared as"},
    {"wait {} -p", "wait \"$1\" -p"},
    {"a >&{}", "-behind >&"},
    {"a >&x{}", "-behind >&"},
    {"a >&{#} <&{} &>{}", "a >&\"$3\" <&\"$1\" &>\"$1\""},
    {"a $(( `b {}` ))", "-take $( )"},
    {"b a[{}]", "b a[\"$1\"]"},
    /* a variable that is evaluated, whatever gives it a value */
    {"for RANDOM in {}; do a; done", "-take another one"},
    {"select RANDOM in {}; do a; done", "-take another one"},
    {"a {} | read RANDOM", "-take another one"},
    {"read -r x OPTIND; a {}", "-take another one"},
    {"getopts a RANDOM {}", "-take another one"},
    {"printf -v RANDOM %s {}", "-take another one"},
    {"printf -vRANDOM %s {}", "-take another one"},
    /* beside what is not known */
    {"[ $op {} ]", "-could be an operator"},
    {"[ \"$op\" {} ]", "-could be an operator"},
    {"test `op` {}", "-could be an operator"},
    {"[ -$op {} ]", "-could be an operator"},
    {"[ $'-v' {} ]", "-could be an operator"},
    {"[ \"$x\" = {} ]", "[ \"$x\" = \"$1\" ]"},
    {"[ -f \"$x\"/{} ]", "[ -f \"$x\"/\"$1\" ]"},
    {"[ x\"$y\" != x{} ]", "[ x\"$y\" != x\"$1\" ]"},
    {"declare $o x={}", "-could be an option"},
    {"declare x={} $o", "-could be an option"},
    {"typeset $(o) x={}", "-could be an option"},
    {"typeset \"$o\" x={}", "-could be an option"},
    {"typeset $'-i' x={}", "-could be an option"},
    {"typeset {-i,x={}}", "-"},
    {"typeset \"-\\\na\" x={}", "-declared as"},
    {"export \"$o={}\"", "-"},
    {"export x=\"$HOME\"/{} y=$z", "export x=\"$HOME\"/\"$1\" y=$z"},
    {"read -p {} $x", "-could be an option"},
    {"read $x", "read $x"},
    {"printf -v \"$x\" %s {}", "-could be an option"},
    {"printf \"$f\" {}", "-could be an option"},
    {"printf \"\\\"%s\\\"\\n\" {}", "printf \"\\\"%s\\\"\\n\" \"$1\""},
    {"\"re\\\nad\" {}", "-the name of a variable"},
    {"printf $f'%s' {}", "-could be an option"},
    {"printf {} a", "-take printf -- {}"},
    {"printf {}", "printf \"$1\""},
    {"printf -- {} a", "printf -- \"$1\" a"},
    {"printf '{}\\n' a", "printf ''\"$1\"'\\n' a"},
    {"printf '%s %s' \"$x\" {}", "printf '%s %s' \"$x\" \"$1\""},
    /* commands before a command */
    {"exec read {}", "-the name of a variable"},
    {"exec -a x -c read {}", "-the name of a variable"},
    {"builtin command -- read {}", "-the name of a variable"},
    {"command $o read {}", "-the name of a variable"},
    {"$o read {}", "-the name of a variable"},
    {"$o -a read {}", "-the name of a variable"},
    {"\"$o\" read {}", "\"$o\" read \"$1\""},
    {"$o {}", "$o \"$1\""},
    {"time ! read {}", "-the name of a variable"},
    {"x=1 >y read {}", "-the name of a variable"},
    {"{read,x} {}", "-whose name has"},
    {"{let,x={}}", "-whose name has"},
    {"re?d {}", "-whose name has"},
    {"./{a,b}/c? {}", "./{a,b}/c? \"$1\""},
    {"command {} read {.}", "-the name of a variable"},
    /* what has a use for parameters gets them empty */
    {"f() { a {}; }; f", "pexec_1=$1 pexec_2=$2 pexec_3=$3; set --; f() { a \"${pexec_1}\"; }; f"},
    {"set -- b; a {}", "pexec_1=$1 pexec_2=$2 pexec_3=$3; set --; set -- b; a \"${pexec_1}\""},
    {"a \"$@\" {}", "pexec_1=$1 pexec_2=$2 pexec_3=$3; set --; a \"$@\" \"${pexec_1}\""},
    {"a '$1' {}", "a '$1' \"$1\""},
};

static const struct row in_sh[] = {
    {"a ${x[{}]}", "-in a subscript"},
    {"x[{}]=1", "-in a subscript"},
    {"a $'b' {}", "a $'b' \"$1\""},
    {"a $'b{}'", "-say --shell=bash"},
    {"a $'b\\'' {}", "-say --shell=bash"},
    {"a <(b {})", "-say --shell=bash"},
    {"a <<<{}", "-say --shell=bash"},
    {"((x={}))", "-say --shell=bash"},
    {"x=({})", "-say --shell=bash"},
    {"a @({})", "-say --shell=bash"},
};

#define CHECKED                                                                                    \
	"for pexec in \"$1\"; do case ${pexec#-} in ''|*[!0-9]*|???????????????????*) printf "     \
	"'%s: not an integer "                                                                     \
	"of at most 18 digits, and in arithmetic: %s\\n' \"$0\" \"$pexec\" >&2; exit 2;; esac; "   \
	"done; "
#define GUARDED                                                                                    \
	"pexec_number() { case $1 in *[!-+'*/%(). '0-9]*) printf '%s: not a number, and in "       \
	"arithmetic: %s\\n' \"$0\" \"$1\" >&2; echo . .;; *) printf %s \"$1\";; esac; }; "

static const struct row in_bash[] = {
    {"a $'b{}\\'c{}'", "a $'b'\"$1\"$'\\'c'\"$1\"$''"},
    {"a $'\\{}'", "-behind a backslash"},
    {"a <(b {}) >(c {})", "a <(b \"$1\") >(c \"$1\")"},
    {"a <<<{} b", "a <<<\"$1\" b"},
    {"x=({} \"{}\" # {}\n b); c {}", "x=(\"$1\" \"${1}\" # {}\n b); c \"$1\""},
    {"x=([{}]=1)", CHECKED "x=([\"$1\"]=1)"},
    {"x[{}]=1", CHECKED "x[\"$1\"]=1"},
    {"x[{}]={.} a", CHECKED "x[\"$1\"]=\"$2\" a"},
    {"echo x[{}]=1", "-in a subscript"},
    {"a ${x[{}]} \"${x[{}]}\"", CHECKED "a ${x[${1}]} \"${x[${1}]}\""},
    {"x+=({})", "x+=(\"$1\")"},
    {"[[ {} == *{}* && {} =~ ^({}|b)$ ]] || a {}",
	"[[ \"$1\" == *\"$1\"* && \"$1\" =~ ^(\"$1\"|b)$ ]] || a \"$1\""},
    {"a {1..{}}", "-take seq"},
    {"a {{}..3}", "-take seq"},
    {"a ${x/{}/{}} \"${x//{}/{}}\"", "a ${x/\"$1\"/\"$1\"} \"${x//\"$1\"/\"$1\"}\""},
    {"((x={}))", CHECKED "((x=${1}))"},
    {"a $(({} * 2))", CHECKED "a $((${1} * 2))"},
    {"a ${x:{}}", CHECKED "a ${x:${1}}"},
    {"let \"x={}\"", CHECKED "let \"x=${1}\""},
    {"[[ {} -eq 1 ]]", CHECKED "[[ \"$1\" -eq 1 ]]"},
    {"[[ 1 -lt {} ]]", CHECKED "[[ 1 -lt \"$1\" ]]"},
    {"RANDOM={} a", CHECKED "RANDOM=\"$1\" a"},
    {"declare -i x={}", CHECKED "declare -i x=\"$1\""},
    {"a $(( ${x:-{}} ))", CHECKED "a $(( ${x:-${1}} ))"},
    {"a $(( $(b {}) + 1 ))", GUARDED "a $(( $(pexec_number \"$(b \"$1\")\") + 1 ))"},
    {"a $(( $(b $(c {})) )) $(d {})",
	GUARDED "a $(( $(pexec_number \"$(b $(c \"$1\"))\") )) $(d \"$1\")"},
    {"a $(( $(b {#}) ))", "a $(( $(b \"$3\") ))"},
    {"[[ $(b {}) -gt 5 ]]", GUARDED "[[ $(pexec_number \"$(b \"$1\")\") -gt 5 ]]"},
    {"let \"x=$(b {})\" $(c {})",
	GUARDED "let \"x=$(pexec_number \"$(b \"$1\")\")\" $(pexec_number \"$(c \"$1\")\")"},
    {"for ((i = 0; i < {#}; i++)); do a {}; done",
	"for ((i = 0; i < ${3}; i++)); do a \"$1\"; done"},
    {"function f { case x in x) a; esac; }; b {}",
	"pexec_1=$1 pexec_2=$2 pexec_3=$3; set --; function f { case x in x) a; esac; }; b "
	"\"${pexec_1}\""},
};

static const struct row not_in_zsh[] = {
    {"printf \"$f %s\\n\" {}", "printf \"$f %s\\n\" \"$1\""},
    {"a @({}|b) {}", "a @(\"$1\"|b) \"$1\""},
    {"a ${x:-*({})}", "a ${x:-*(\"$1\")}"},
    {"printf %d {}", "printf %d \"$1\""},
};

/* What the command of a shell does with it is nothing. */
static const struct row in_bash_alone[] = {
    {"[ {} -eq 1 ]", "[ \"$1\" -eq 1 ]"},
    {"[ 1 -gt {} ]", "[ 1 -gt \"$1\" ]"},
    {"[ {} $op 1 ]", "[ \"$1\" $op 1 ]"},
    {"[[ -t {} ]]", "[[ -t \"$1\" ]]"},
    {"exit {}", "exit \"$1\""},
    {"ulimit -n {}", "ulimit -n \"$1\""},
    {"read -t {} x", "read -t \"$1\" x"},
    {"UID={}", "UID=\"$1\""},
    {"set -A {} x", "pexec_1=$1 pexec_2=$2 pexec_3=$3; set --; set -A \"${pexec_1}\" x"},
    {"repeat {} a", "repeat \"$1\" a"},
};

/* ksh evaluates what others do, and so may sh. */
static const struct row in_ksh[] = {
    {"[ {} -eq 1 ]", CHECKED "[ \"$1\" -eq 1 ]"},
    {"[ 1 -gt {} ]", CHECKED "[ 1 -gt \"$1\" ]"},
    {"[ {} $op 1 ]", "-could be an operator"},
    {"[ 1 \"$op\" {} ]", "-could be an operator"},
    {"exit {}", CHECKED "exit \"$1\""},
    {"ulimit -n {}", CHECKED "ulimit -n \"$1\""},
    {"COLUMNS={} a", CHECKED "COLUMNS=\"$1\" a"},
    {"set -A {} x", "-the name of a variable"},
    {"set {} {.}", "-could be an option"},
    {"set $x {}", "-could be an option"},
    {"read -u {} x", CHECKED "read -u \"$1\" x"},
};

static const struct row in_zsh[] = {
    {"[[ -t {} ]]", CHECKED "[[ -t \"$1\" ]]"},
    {"a @({}|b)", "-zsh takes it for code"},
    {"a *({})", "-zsh takes it for code"},
    {"a >*({})", "-zsh takes it for code"},
    {"x=(*({}))", "-zsh takes it for code"},
    {"a x=({})", "-zsh takes it for code"},
    {"a ${x:-*({})}", "-zsh takes for a pattern"},
    {"repeat {} a", "-only zsh knows"},
    {"foreach x ({}) a; end", "-only zsh knows"},
    {"for a RANDOM in {}; do :; done", "-only zsh knows"},
    {"for a ({}) :", "-only zsh knows"},
    {"getln {}", "-the name of a variable"},
    {"zparseopts a={}", "-of a command that evaluates"},
    {"private -i x={}", CHECKED "private -i x=\"$1\""},
    {"noglob let {}", CHECKED "noglob let \"$1\""},
    {"nocorrect - read {}", "-the name of a variable"},
    {"zmodload zsh/system; sysread {}", "-not known"},
    {": ${ERRNO::={}}", CHECKED ": ${ERRNO::=${1}}"},
    {": ${UID:={}}", CHECKED ": ${UID:=\"$1\"}"},
    {"printf %d {}", "-which zsh evaluates"},
};

/* A shell without any of this. */
static const struct row in_small[] = {
    {"[ {} -eq 1 ]", "[ \"$1\" -eq 1 ]"},
    {"[ $op {} ]", "[ $op \"$1\" ]"},
    {"RANDOM={} a", "RANDOM=\"$1\" a"},
    {"a $(({}))", CHECKED "a $((${1}))"},
    {"a @({})", "-say --shell=bash"},
    {"command set -- {}",
	"pexec_1=$1 pexec_2=$2 pexec_3=$3; set --; command set -- \"${pexec_1}\""},
};

static const struct row with_several[] = {
    {"a {}", "a \"$@\""},
    {"a {} b {}", "a \"$@\" b \"$@\""},
    {"a {}; f $(b {})", "a \"$@\"; f $(b \"$@\")"},
    {"a b{}c", "a b\"$1\"c b\"$2\"c"},
    {"a {} \"b {}\"", "a \"$1\" \"$2\" \"b ${1}\" \"b ${2}\""},
    {"a {}{.}", "a \"$1\"\"$3\" \"$2\"\"$4\""},
    {"a {#} {}", "a \"$1\" \"$2\" \"$3\""},
    {"a x{}\"$(b {})\"", "a x\"$1\"\"$(b \"$1\")\" x\"$2\"\"$(b \"$2\")\""},
    {"for x in {}; do a $x; done", "for x in \"$@\"; do a $x; done"},
    {"x={}", "-only one value"},
    {"a >{}", "-only one value"},
    {"case {} in a) ;; esac", "-only one value"},
    {"a <<E\n{}\nE\n", "-only one value"},
    {"a <<E\n{#}\nE\nb {}", "a <<E\n${1}\nE\nb \"$2\" \"$3\""},
    {"f() { a {}; }", "pexec_1=$1 pexec_2=$2; set --; f() { a \"${pexec_1}\" \"${pexec_2}\"; }"},
    {"a $(( $(b {}) ))", GUARDED "a $(( $(pexec_number \"$(b \"$@\")\") ))"},
    {"[ {} ]", "-could be an operator"},
};

/* The last placeholder is one that was added. */
static const struct row appended[] = {
    {"a {}", "a \"$1\""},
    {"a b; c {}", "a b; c \"$1\""},
    {"a <b {}", "a <b \"$1\""},
    {"a # b {}", "-"},
    {"a; {}", "-nothing at the end"},
    {"a & {}", "-nothing at the end"},
    {"a | {}", "-nothing at the end"},
    {"x=1 {}", "-nothing at the end"},
    {"{ a; } {}", "-nothing at the end"},
    {"(a) {}", "-"},
    {"for x in a; do b; done {}", "-nothing at the end"},
    {"for x in a; do b {}", "-nothing at the end"},
    {"a <<E\nb\nE {}", "-does not end"},
    {"a 'b {}", "-has no second one"},
};

#define CHECK_ALL(flags, rows)                                                                     \
	for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                 \
	check(flags, (rows)[i].source, (rows)[i].expected)

/* Many placeholders: behind the ninth braces are needed. */
static void check_tenth(void)
{
	static const char source[] = "{}{}{}{}{}{}{}{}{}{}";
	struct shell_span spans[10];
	size_t of_span[10];
	struct shell_error error;
	struct strlist script = {0};

	for (size_t i = 0; i < 10; i++) {
		spans[i] = (struct shell_span){.at = 2 * i, .length = 2};
		of_span[i] = i;
	}
	const struct shell_text text = {source, 20, spans, 10, LANGUAGE_SH, false, false};
	struct shell_script *made =
	    shell_script_make(&text, &(struct shell_values){of_span, 10, 0, NULL}, &error);
	assert(made);
	shell_script_fill(made, &(struct shell_counts){1, 0}, &script);
	strlist_end(&script);
	assert(strstr(strlist_at(&script, 0), "\"$9\"\"${10}\""));
	strlist_free(&script);
	shell_script_free(made);
}

/* What is nested without end is refused, and in time. */
static void check_depth(void)
{
	char text[8192] = "";

	for (int i = 0; i < 1000; i++)
		strcat(text, "$(");
	check(BASH, text, "-too deep");
	*text = '\0';
	for (int i = 0; i < 1000; i++)
		strcat(text, "${x:-");
	check(BASH, text, "-too deep");
}

/* The words of commands that are plain: | ends each, and 0 is {}, 1 is {.}. "": it is not plain. */
static const struct row plain[] = {
    {"echo {} x{.}y", "echo|0|x1y|"},
    {"  a \"b c{}\" 'd \"$`\\\\{.}' \t", "a|b c0|d \"$`\\\\1|"},
    {"a '' \"\" ''{}", "a|||0|"},
    {"a\\ b '#' \\{ \\\"", "a b|#|{|\"|"},
    {"a \\\n b", "a|b|"},
    {"a b=c {}=x ./d,e:f@g+h% -i", "a|b=c|0=x|./d,e:f@g+h%|-i|"},
    {"a \"\xc3\xa4\"", "a|\xc3\xa4|"},
    {"", ""},
    {" \t", ""},
    {"a ~", ""},
    {"a b=~", ""},
    {"a *", ""},
    {"a b?", ""},
    {"a [b]", ""},
    {"a {b,c}", ""},
    {"a {", ""},
    {"a #b", ""},
    {"a b#c", ""},
    {"a b!", ""},
    {"a ^", ""},
    {"a $b", ""},
    {"a \"$b\"", ""},
    {"a \"\\\\\"", ""},
    {"a `b`", ""},
    {"a $(b)", ""},
    {"a 'b\nc'", ""},
    {"a \\\x01", ""},
    {"a; b", ""},
    {"a;", ""},
    {"a &", ""},
    {"a\nb", ""},
    {"a | b", ""},
    {"a > b", ""},
    {"a 2>&1", ""},
    {"(a)", ""},
    {"a() b", ""},
    {"a <(b)", ""},
    {"a b=(c)", ""},
    {"a @(b)", ""},
    {"b=c", ""},
    {"b=c a", ""},
    {"b[1]=c a", ""},
    {"! a", ""},
    {"if a; then b; fi", ""},
    {"case a in b) ;; esac", ""},
    {"{ a; }", ""},
};

static void check_plain(const struct row *row)
{
	struct shell_span spans[MOST_SPANS];
	size_t of_span[MOST_SPANS], code_count;
	size_t count = find_spans(row->source, false, spans, of_span);
	const struct shell_text text = {.bytes = row->source,
	    .length = strlen(row->source),
	    .spans = spans,
	    .span_count = count,
	    .language = LANGUAGE_BASH};
	struct shell_error error;
	struct shell_script *made =
	    shell_script_make(&text, &(struct shell_values){of_span, VALUES, 0, NULL}, &error);
	char got[128] = "";

	assert(made);
	const int *codes = shell_script_plain(made, &code_count);
	assert(code_count < sizeof got);
	for (size_t i = 0; i < code_count; i++)
		got[i] = codes[i] == CODE_END    ? '|'
			 : codes[i] >= CODE_SPAN ? (char)('0' + codes[i] - CODE_SPAN)
						 : (char)codes[i];
	if (strcmp(got, row->expected) != 0) {
		fprintf(stderr, "%s\n-- has the plain words %s\n", row->source, got);
		exit(1);
	}
	shell_script_free(made);
}

int main(void)
{
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		check_plain(&plain[i]);
	CHECK_ALL(SH, everywhere);
	CHECK_ALL(BASH, everywhere);
	CHECK_ALL(ZSH, everywhere);
	CHECK_ALL(KSH, everywhere);
	CHECK_ALL(SH, in_sh);
	CHECK_ALL(SH, in_ksh);
	CHECK_ALL(KSH, in_ksh);
	CHECK_ALL(BASH, in_bash);
	CHECK_ALL(ZSH, in_bash);
	CHECK_ALL(KSH, in_bash);
	CHECK_ALL(BASH, not_in_zsh);
	CHECK_ALL(KSH, not_in_zsh);
	CHECK_ALL(BASH, in_bash_alone);
	CHECK_ALL(ZSH, in_zsh);
	CHECK_ALL(SMALL, in_small);
	CHECK_ALL(SH | SEVERAL, with_several);
	CHECK_ALL(SH | APPENDED, appended);
	check_tenth();
	check_depth();
	assert(shell_words_language("/usr/bin/bash") == LANGUAGE_BASH);
	assert(shell_words_language("zsh") == LANGUAGE_ZSH);
	assert(shell_words_language("/bin/mksh") == LANGUAGE_KSH);
	assert(shell_words_language("dash") == LANGUAGE_SMALL);
	assert(shell_words_language("posh") == LANGUAGE_SH);
	assert(shell_words_language("fish") == LANGUAGE_NONE);
	return 0;
}
