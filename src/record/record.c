#include "record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/results_dir.h"

void records_init(struct records *records, const struct record_options *options)
{
	*records = (struct records){.options = options, .folder = -1};
}

void records_open_journal(struct records *records)
{
	const struct journal_options *options = &records->options->journal;

	if (!options->path || (options->dry_run && options->resume == RESUME_NO))
		return;
	records->journal = journal_open(options);
	records->writes = records->journal && !options->dry_run;
}

void records_open_results(struct records *records)
{
	const struct record_options *options = records->options;

	if (options->report && !options->journal.dry_run)
		records->report = report_open(options->report);
	if (!options->results || options->journal.dry_run)
		return;
	if (options->results_are_table)
		records->table = results_table_open(options->results, options->table_as_parallel,
		    options->journal.resume != RESUME_NO);
	else if (!options->results_by_value)
		records->folder = results_dir_open(options->results);
}

void records_set_names(struct records *records, const struct strlist *names, bool has_placeholder)
{
	const struct record_options *options = records->options;

	records->files = (struct results_files){.folder = has_placeholder ? NULL : options->results,
	    .names = names,
	    .stdout_alone = options->stdout_alone};
}

bool records_are_there(const struct records *records, const struct job_record *record)
{
	return records->options->results_by_value && records->options->results_go_on &&
	       results_files_are_there(&records->files, record);
}

size_t records_width(const struct records *records)
{
	return records->table ? results_table_width(records->table) : 0;
}

void records_begin(struct records *records, struct timer *lost_timer)
{
	if (records->writes)
		journal_begin(records->journal);
	if (records->table)
		results_table_begin(records->table);
	if (records->writes && records->options->journal.sync)
		journal_start_sync(records->journal, lost_timer);
}

bool records_have_command(const struct records *records)
{
	return records->table || records->writes || records->report;
}

bool records_are_lost(const struct records *records)
{
	return records->is_lost || (records->writes && journal_is_lost(records->journal));
}

int records_begin_job(const struct records *records, const struct job_record *record,
    struct job_output *output, bool again)
{
	if (records->options->results_by_value)
		return results_files_begin(&records->files, record, output);
	return records->folder < 0 ? 0 : results_dir_begin(records->folder, record, output, again);
}

/* Adds the path of what has the results of a job. */
static void append_place(
    const struct records *records, const struct job_record *record, struct strlist *path)
{
	const struct record_options *options = records->options;
	char number[32];

	if (options->results_by_value) {
		results_files_place(&records->files, record, path);
		return;
	}
	strlist_append(path, options->results, strlen(options->results));
	int length = snprintf(number, sizeof number, "/%" PRIu64, record->seq);
	if (!options->results_are_table)
		strlist_append(path, number, (size_t)length);
}

const char *records_place(
    const struct records *records, const struct job_record *record, char text[ESCAPED_NAME])
{
	struct strlist path = {0};

	append_place(records, record, &path);
	strlist_end(&path);
	escape_name(text, strlist_failed(&path) ? records->options->results : strlist_at(&path, 0));
	strlist_free(&path);
	return text;
}

void records_name_stdout(
    const struct records *records, const struct job_record *record, struct strlist *name)
{
	results_files_name_stdout(&records->files, record, name);
}

int records_add_results(
    const struct records *records, const struct job_record *record, struct job_output *output)
{
	if (output->copy_error) {
		errno = output->copy_error;
		return -1;
	}
	if (records->table)
		return results_table_add(records->table, record, output);
	return records->folder < 0 ? 0 : results_dir_end(records->folder, record);
}

int records_add_line(const struct records *records, const struct job_record *record)
{
	return records->writes ? journal_add(records->journal, record) : 0;
}

void records_note_attempt(const struct records *records, const struct job_record *record,
    enum report_end end, const struct job_output *output)
{
	if (records->report)
		report_add(records->report, record, end, output->tail, output->tail_bytes);
}

void records_note_end(const struct records *records, const struct job_record *record,
    bool completed, const struct job_output *output)
{
	enum report_end end = record->timed_out && record->failed ? REPORT_TIMED_OUT
			      : record->failed                    ? REPORT_FAILED
								  : REPORT_DONE;

	if (completed || record->has_run)
		records_note_attempt(records, record, completed ? end : REPORT_LEFT, output);
}

void records_make_safe(struct records *records)
{
	if (records->writes)
		journal_stop_sync(records->journal);
	/* Some file systems say only now that there was no room. */
	if (records->table && results_table_end(records->table) != 0)
		records->is_lost = true;
	if (records->writes && journal_end(records->journal) != 0)
		records->is_lost = true;
}

void records_close(struct records *records)
{
	if (records->journal)
		journal_close(records->journal);
	if (records->table)
		results_table_close(records->table);
	if (records->report)
		report_close(records->report);
}
