#include "cli/foreign_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char as_it_is[] = "that is so without an option";
static const char here_alone[] = "jobs run on this machine; a job may be an ssh command";
static const char by_pipe[] = "here it is --pipe, for files and pipes";
static const char by_spread[] = "here it is --spread";
static const char no_pipe[] =
    "--pipe has -n, --block, --recend, --recstart, --regexp, --header and "
    "--spread, and no more";
static const char by_load[] = "here it is --load N";
static const char leave_out[] = "leave it out, nothing takes its place";
static const char placeholder[] = "placeholders are {} {.} {/} {//} {/.} {#} {%}; -I changes {}";

static const char as_jobs_do[] = "-j N, or N% of what nproc(1) counts";
static const char no_limits[] = "the limits of the system are those of getconf ARG_MAX";
static const char no_colour[] = "what jobs print keeps its colours; --color is for tags";
static const char lists[] = "lists always begin with three or four colons";
static const char by_semaphore[] = "here it is --semaphore NAME";
static const char in_folders[] = "here it is --results DIR";
static const char script[] = "a #! line is for programs; give a list of items with -a FILE";
static const char in_memory[] = "output that is kept takes the memory of --buffer, then TMPDIR";
static const char in_terminal[] =
    "with --pty each job prints to a terminal of its own; with --tty they have this one";
static const char by_commands[] = "here it is --next COMMAND, or --results FILE.csv";

/* Their long names, and their letters. Dashes within a name are of no account, as to GNU parallel.
 * What begins like an option of pexec is taken for that. */
static const struct {
	const char *name, *hint;
} foreign[] = {
    /* xargs, of GNU and BSD */
    {"interactive", "it is never asked; --dry-run shows the commands"},
    {"p", "it is never asked; --dry-run shows the commands"},
    {"process-slot-var", "PEXEC_SLOT is always set, and counts from 1"},
    {"show-limits", no_limits},
    {"e", "here it is -E STR"},
    {"i", "{} is replaced without an option; for another word it is -I STR"},
    {"J", "here it is -I STR"},
    {"l", "here it is -L N; of make and moreutils' parallel, --load N"},
    {"R", "{} is replaced as often as it is there"},
    {"S", here_alone},

    /* GNU parallel */
    {"xapply", "here it is --link"},
    {"linebuffer", "here it is --lb"},
    {"files", in_folders},
    {"resume-from", "here it is --resume"},
    {"skip-first-line", "here it is --skip 1, or --header where it has names"},
    {"tmpdir", "here it is the variable TMPDIR"},
    {"env", "jobs have the whole environment"},
    {"rpl", placeholder},
    {"basenamereplace", placeholder},
    {"dirnamereplace", placeholder},
    {"extensionreplace", placeholder},
    {"seqreplace", placeholder},
    {"slotreplace", placeholder},
    {"id", by_semaphore},
    {"fg", as_it_is},
    {"spreadstdin", by_pipe},
    {"pipe-part", by_pipe},
    {"roundrobin", by_spread},
    {"cat", no_pipe},
    {"fifo", no_pipe},
    {"tee", no_pipe},
    {"sshlogin", here_alone},
    {"sshloginfile", here_alone},
    {"slf", here_alone},
    {"return", here_alone},
    {"cleanup", here_alone},
    {"trc", here_alone},
    {"basefile", here_alone},
    {"onall", here_alone},
    {"nonall", here_alone},
    {"noswap", "here it is --pressure, of the memory"},
    {"compress", in_memory},
    {"tmux", in_terminal},
    {"citation", leave_out},
    {"will-cite", leave_out},
    {"no-notice", leave_out},
    {"gnu", leave_out},
    {"plain", leave_out},
    {"number-of-cpus", "ask nproc(1)"},
    {"number-of-cores", "ask nproc(1)"},
    {"number-of-threads", "ask nproc(1)"},
    {"sql", by_commands},
    {"sql-master", by_commands},
    {"sql-worker", by_commands},
    {"sql-and-worker", by_commands},
    {"arg-sep", lists},
    {"arg-file-sep", lists},
    {"link-input-source", "here it is --link"},
    {"xapply-input-source", "here it is --link"},
    {"filter", "-c SCRIPT can look at the item first, or grep at the list"},
    {"silent", as_it_is},
    {"no-keep-order", "that is so without -k"},
    {"no-k", "that is so without -k"},
    {"nok", "that is so without -k"},
    {"line-buffered", "here it is --lb"},
    {"latest-line", "here it is --lb, which shows every line"},
    {"ll", "here it is --lb, which shows every line"},
    {"color-failed", no_colour},
    {"colour-failed", no_colour},
    {"color-fail", no_colour},
    {"colour-fail", no_colour},
    {"cf", no_colour},
    {"ctag", "here it is --tag, with --color"},
    {"ctag-string", "here it is --tagstring STR, with --color"},
    {"output-as-files", in_folders},
    {"res", in_folders},
    {"jl", "here it is --joblog FILE"},
    {"dr", "here it is --dry-run"},
    {"shell-quote", "here it is --dry-run, which quotes what it prints"},
    {"tempdir", "here it is the variable TMPDIR"},
    {"bg", "a job is in the background already, and pexec with --daemon"},
    {"wait", "pexec ends when all jobs have ended"},
    {"semaphore-name", by_semaphore},
    {"semaphore-timeout", "here it is --lock-wait T"},
    {"record-env", "jobs have the whole environment"},
    {"session", "jobs have the whole environment"},
    {"profile", "an alias of the shell, or a script, can keep options"},
    {"shebang", script},
    {"hashbang", script},
    {"shebang-wrap", script},
    {"embed", script},
    {"shell-completion", "make install puts completions where shells look for them"},
    {"template", placeholder},
    {"tmpl", placeholder},
    {"parens", placeholder},
    {"bnr", placeholder},
    {"dnr", placeholder},
    {"er", placeholder},
    {"basenameextensionreplace", placeholder},
    {"bner", placeholder},
    {"max-line-length-allowed", no_limits},
    {"number-of-sockets", "ask lscpu(1)"},
    {"use-cores-instead-of-threads", as_jobs_do},
    {"use-sockets-instead-of-threads", as_jobs_do},
    {"use-cpus-instead-of-cores", as_jobs_do},
    {"total-jobs", "here it is --total N"},
    {"min-version", leave_out},
    {"debug", leave_out},
    {"bug", leave_out},
    {"tollef", leave_out},
    {"nn", leave_out},
    {"bin", no_pipe},
    {"group-by", no_pipe},
    {"block-size", "here it is --block SIZE"},
    {"block-timeout", no_pipe},
    {"bt", no_pipe},
    {"remove-rec-sep", no_pipe},
    {"rrs", no_pipe},
    {"transfer", here_alone},
    {"transfer-file", here_alone},
    {"transfer-files", here_alone},
    {"tf", here_alone},
    {"bf", here_alone},
    {"controlmaster", here_alone},
    {"M", here_alone},
    {"ssh", here_alone},
    {"ssh-delay", here_alone},
    {"rsync-opts", here_alone},
    {"filter-hosts", here_alone},
    {"filter-host", here_alone},
    {"hostgroups", here_alone},
    {"hostgroup", here_alone},
    {"hostgrp", here_alone},
    {"hgrp", here_alone},
    {"compress-program", in_memory},
    {"use-compress-program", in_memory},
    {"decompress-program", in_memory},
    {"use-decompress-program", in_memory},
    {"tmux-pane", in_terminal},
    {"ctrl-c", leave_out},
    {"no-ctrl-c", leave_out},
    {"B", here_alone},
    {"g", as_it_is},
    {"H", "here it is --halt WHEN,WHY"},
    {"T", in_terminal},
    {"U", placeholder},
    {"W", "here it is --chdir DIR"},
    {"Y", script},

    /* rush */
    {"continue", "here it is --joblog FILE --resume"},
    {"succ-cmd-file", "here it is --joblog FILE"},
    {"field-delimiter", "here it is -C RE"},
    {"record-delimiter", "here it is -d C"},
    {"D", "here it is -d C"},
    {"nrecords", "here it is -n N"},
    {"infile", "here it is -a FILE"},
    {"out-file", "redirect standard output, or take --results DIR"},
    {"retry-interval", "here it is --retry-delay T"},
    {"stop-on-error", "here it is --fail-fast"},
    {"immediate-output", "here it is -u"},
    {"assign", "take an environment variable"},
    {"cleanup-time", "here it is --grace T"},

    /* make */
    {"ignore-errors", as_it_is},
    {"keep-going", as_it_is},
    {"just-print", "here it is --dry-run"},
    {"recon", "here it is --dry-run"},
    {"output-sync", as_it_is},
    {"O", as_it_is},
    {"load-average", by_load},
    {"max-load", by_load},
    {"directory", "here it is --chdir DIR"},
    {"file", "here it is -a FILE"},
    {"f", "here it is -a FILE"},
    {"trace", "here it is -t"},
};

/* Is this the name that was typed, up to a =, with or without dashes within it? */
static bool is_name(const char *name, const char *typed)
{
	for (;; name++, typed++) {
		name += strspn(name, "-_");
		typed += strspn(typed, "-_");
		if (!*typed || *typed == '=')
			return !*name;
		if (*name != *typed)
			return false;
	}
}

const char *foreign_option_hint(const char *typed)
{
	const char *name = typed + strspn(typed, "-");

	/* A letter is one only behind one dash. */
	if (strcspn(name, "=") == 1 && typed[1] == '-')
		return NULL;
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (is_name(foreign[i].name, name))
			return foreign[i].hint;
	return NULL;
}
