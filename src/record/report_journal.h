/*
 * report_journal: the page of a run that is over, from its journal.
 *
 * The journal may be pexec's or GNU parallel's, and is only read.
 */
#ifndef PEXEC_RECORD_REPORT_JOURNAL_H
#define PEXEC_RECORD_REPORT_JOURNAL_H

/*
 * Reads the journal and writes the page `path`. A job that has several lines was tried again.
 * Returns 0, the exit status; exits with status 1 and a message when the journal cannot be read or
 * is none, or the page cannot be written.
 */
int report_journal(const char *journal, const char *path);

#endif
