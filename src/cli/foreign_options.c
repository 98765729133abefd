#include "cli/foreign_options.h"

#include <stddef.h>
#include <string.h>

static const char as_it_is[] = "that is so without an option";
static const char shown_elsewhere[] =
    "how far a run is, ps shows, and --ctl SOCKET status; --summary in the end";
static const char here_alone[] = "jobs run on this machine; a job may be an ssh command";
static const char no_pipe[] = "standard input is items, not a stream for the jobs to share";
static const char not_by_load[] = "the load is not looked at; -j FILE and --ctl change the slots";
static const char leave_out[] = "leave it out, nothing takes its place";
static const char placeholder[] = "placeholders are {} {.} {/} {//} {/.} {#} {%}; -I changes {}";

/* Their long names, and their letters. What begins like an option of pexec is taken for that. */
static const struct {
	const char *name, *hint;
} foreign[] = {
    /* xargs, of GNU and BSD */
    {"interactive", "it is never asked; --dry-run shows the commands"},
    {"p", "it is never asked; --dry-run shows the commands"},
    {"open-tty", "jobs are in the background of the terminal"},
    {"o", "jobs are in the background of the terminal"},
    {"process-slot-var", "PEXEC_SLOT is always set, and counts from 1"},
    {"show-limits", "the limits of the system are those of getconf ARG_MAX"},
    {"e", "here it is -E STR"},
    {"i", "{} is replaced without an option; for another word it is -I STR"},
    {"J", "here it is -I STR"},
    {"l", "here it is -L N"},
    {"R", "{} is replaced as often as it is there"},
    {"S", here_alone},

    /* GNU parallel */
    {"bar", shown_elsewhere},
    {"progress", shown_elsewhere},
    {"eta", shown_elsewhere},
    {"N", "here it is -n N"},
    {"m", "here it is -X"},
    {"max-replace-args", "here it is -n N"},
    {"xargs", "here it is -X"},
    {"xapply", "here it is --link"},
    {"group", as_it_is},
    {"linebuffer", "here it is --lb"},
    {"files", "here it is --results DIR"},
    {"halt-on-error", "here it is --halt WHEN,WHY"},
    {"resume-from", "here it is --resume"},
    {"skip-first-line", "here it is --skip 1, or --header where it has names"},
    {"wd", "here it is --chdir DIR"},
    {"workdir", "here it is --chdir DIR"},
    {"tmpdir", "here it is the variable TMPDIR"},
    {"env", "jobs have the whole environment"},
    {"plus", placeholder},
    {"rpl", placeholder},
    {"basenamereplace", placeholder},
    {"dirnamereplace", placeholder},
    {"extensionreplace", placeholder},
    {"seqreplace", placeholder},
    {"slotreplace", placeholder},
    {"id", "here it is --lock FILE"},
    {"fg", as_it_is},
    {"pipe", no_pipe},
    {"spreadstdin", no_pipe},
    {"pipepart", no_pipe},
    {"pipe-part", no_pipe},
    {"block", no_pipe},
    {"recstart", no_pipe},
    {"recend", no_pipe},
    {"roundrobin", no_pipe},
    {"round-robin", no_pipe},
    {"cat", no_pipe},
    {"fifo", no_pipe},
    {"tee", no_pipe},
    {"sshlogin", here_alone},
    {"sshloginfile", here_alone},
    {"slf", here_alone},
    {"transferfile", here_alone},
    {"return", here_alone},
    {"cleanup", here_alone},
    {"trc", here_alone},
    {"basefile", here_alone},
    {"onall", here_alone},
    {"nonall", here_alone},
    {"load", not_by_load},
    {"memfree", not_by_load},
    {"memsuspend", not_by_load},
    {"noswap", not_by_load},
    {"limit", not_by_load},
    {"compress", "output that is kept takes the memory of --buffer, then TMPDIR"},
    {"tmux", "jobs are in the background of the terminal"},
    {"citation", leave_out},
    {"will-cite", leave_out},
    {"no-notice", leave_out},
    {"gnu", leave_out},
    {"plain", leave_out},
    {"number-of-cpus", "ask nproc(1)"},
    {"number-of-cores", "ask nproc(1)"},
    {"number-of-threads", "ask nproc(1)"},
    {"sqlmaster", "here it is --next COMMAND, or --results FILE.csv"},
    {"sqlworker", "here it is --next COMMAND"},

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
    {"load-average", not_by_load},
    {"max-load", not_by_load},
    {"directory", "here it is --chdir DIR"},
    {"file", "here it is -a FILE"},
    {"f", "here it is -a FILE"},
    {"trace", "here it is -t"},
};

const char *foreign_option_hint(const char *typed)
{
	const char *name = typed + strspn(typed, "-");
	size_t length = strcspn(name, "=");

	/* A letter is one only behind one dash. */
	if (length == 1 && typed[1] == '-')
		return NULL;
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (strlen(foreign[i].name) == length && memcmp(foreign[i].name, name, length) == 0)
			return foreign[i].hint;
	return NULL;
}
