#include "cli/parallel/parallel_retry.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/operands.h"
#include "cli/parallel/parallel_lists.h"
#include "record/journal_line.h"

/* So many jobs that are not in the journal may come before one that is. */
enum { JOURNAL_GAP = 100000 };

/* The command of a line; GNU parallel writes NULs in the place of its newlines. */
static char *command_of(const struct journal_line *line)
{
	char *command = malloc(line->command_bytes + 1);

	if (!command)
		err(255, "--retry-failed");
	memcpy(command, line->command, line->command_bytes);
	for (size_t i = 0; i < line->command_bytes; i++)
		if (command[i] == '\0')
			command[i] = '\n';
	command[line->command_bytes] = '\0';
	return command;
}

static char no_command[] = "";

/* Sets the command of a job; of numbers that the journal leaves out there is none. */
static void set_command(struct strings *commands, const struct journal_line *line)
{
	/* What is no journal does not make a list without end: the run says what is wrong. */
	if (line->seq == 0 || line->seq > commands->count + JOURNAL_GAP)
		return;
	while (commands->count < line->seq)
		operands_add_word(commands, no_command);
	if (commands->at[line->seq - 1] != no_command)
		free(commands->at[line->seq - 1]);
	commands->at[line->seq - 1] = command_of(line);
}

bool parallel_retry_settle(struct options *options)
{
	struct journal_options *journal = &options->record.journal;
	struct strings commands = {NULL, 0};
	struct journal_line line;
	char *text = NULL;
	size_t room = 0;
	ssize_t length;

	if (journal->resume != RESUME_FAILED_ONLY || !journal->path)
		return false;
	FILE *file = fopen(journal->path + (*journal->path == '+'), "re");
	/* Where no job has been recorded yet, all of the command line are to be run. */
	if (!file && errno == ENOENT)
		journal->resume = RESUME_NO;
	if (!file)
		return false;
	while ((length = getline(&text, &room, file)) > 0) {
		length -= text[length - 1] == '\n';
		if (journal_line_read(&line, text, (size_t)length))
			set_command(&commands, &line);
	}
	free(text);
	fclose(file);
	options->command.words = (struct strings){NULL, 0};
	parallel_lists_add(&options->queue, (struct input){.values = commands});
	return true;
}
