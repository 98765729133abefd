/*
 * foreign_options: options of xargs, GNU parallel, moreutils' parallel, rush and make that pexec
 * does not have under these names, and what does their work here.
 */
#ifndef PEXEC_CLI_FOREIGN_OPTIONS_H
#define PEXEC_CLI_FOREIGN_OPTIONS_H

/*
 * What an option, as typed, with its dashes and perhaps =ARGUMENT, is called here, or why it is
 * not: for a message, behind the option. NULL: it is none of theirs.
 */
const char *foreign_option_hint(const char *typed);

#endif
