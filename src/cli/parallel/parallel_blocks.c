#include "cli/parallel/parallel_blocks.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "cli/block_rules.h"
#include "cli/operands.h"
#include "cli/parallel/parallel_lists.h"
#include "cli/parallel/parallel_table.h"
#include "cli/parallel/parallel_types.h"

/* --pipe-part cuts files into so many blocks a slot, where --block was not typed. */
enum { PARTS_EACH = 10 };

/* --- what the records are --- */

/* As pexec has it: expressions of Perl, and a text that may be empty. */
static void settle_texts(struct options *options)
{
	struct block_texts *texts = &options->blocks;
	const char **named[] = {&texts->end, &texts->start, &texts->header};
	bool is_given = texts->end || texts->start;

	for (size_t i = texts->regexp ? 0 : 2; i < sizeof named / sizeof *named; i++)
		if (*named[i] && strcmp(*named[i], ":") != 0)
			*named[i] = parallel_translate_expression(*named[i]);
	if (texts->end && !*texts->end)
		texts->end = NULL;
	if (texts->start && !*texts->start)
		texts->start = NULL;
	block_rules_settle(options, 255);
	/* Without the one, and without the other, each byte is a record. */
	options->queue.record_ends.is_each_byte = is_given && !texts->end && !texts->start;
}

/* How many records a block has. */
static void settle_count(struct queue_options *queue)
{
	long long args = parallel_typed_args(), lines = parallel_typed_lines();

	/* A record of so many lines. */
	queue->records_together = lines > 0 ? (unsigned long long)lines : 1;
	if (args > 0)
		queue->block_records = (unsigned long long)args * queue->records_together;
	queue->batch = 1;
}

/* --- where they come from --- */

/* Those of -a, else of ::::, else standard input. */
static void settle_files(struct options *options, char *operands[])
{
	struct queue_options *queue = &options->queue;
	struct strings files = {NULL, 0};

	parallel_lists_settle(options, operands);
	for (size_t i = 0; i < queue->files.count; i++)
		operands_add_word(&files, queue->files.at[i]);
	for (size_t i = 0; i < queue->input_count; i++)
		if (queue->inputs[i].file)
			operands_add_word(&files, queue->inputs[i].file);
		else
			errx(255, "--pipe: blocks come from stdin, -a and ::::, not from :::");
	free(queue->files.at);
	free(queue->inputs);
	queue->files = files;
	queue->inputs = NULL;
	queue->input_count = 0;
}

/* --tee: each job has all of the input, and lists give what differs. */
static void settle_tee(struct options *options, char *operands[])
{
	bool has_file = parallel_typed.files.count > 0;
	const char *name = has_file ? parallel_typed.files.at[0] : "-";
	char shown[ESCAPED_NAME];

	if (parallel_typed.cat || parallel_typed.fifo)
		errx(255, "--tee: jobs have the input as their stdin, without --cat and --fifo");
	if (parallel_typed.files.count > 1)
		errx(255, "--tee: there is one input");
	if (!path_is_stdin(name) && access(name, R_OK) != 0)
		err(255, "Cannot open input file `%s'", escape_name(shown, name));
	options->queue.tees = true;
	operands_add_word(&options->queue.tee_files, name);
	parallel_typed.files.count = 0;
	parallel_lists_settle(options, operands);
	if (options->queue.files.count > 0)
		errx(255, "--tee: what jobs do differently comes from :::");
}

/* --- a file or a FIFO with the block in it --- */

/* Its name is what {} stands for; the shell that runs the command fills and removes it. */
static void wrap_command(struct options *options)
{
	static const char file[] = "(umask 077; set -C; cat >{}) && (",
			  fifo[] = "mkfifo -m 600 {} && {\ncat <&3 >{} 3<&- &\n} "
				   "3<&0 </dev/null && (";
	static const char end[] = "\n); _EXIT_status=$?; rm -f {}; exit $_EXIT_status";
	struct strings *words = &options->command.words, wrapped = {NULL, 0};
	const char *folder = getenv("TMPDIR");
	char *name;

	operands_add_word(&wrapped, parallel_typed.fifo ? fifo : file);
	for (size_t i = 0; i < words->count; i++)
		operands_add_word(&wrapped, words->at[i]);
	operands_add_word(&wrapped, end);
	*words = wrapped;
	if (asprintf(&name, "%s/par%ld-", folder && *folder ? folder : "/tmp", (long)getpid()) < 0)
		err(255, "reading the command line");
	options->queue.block_file = name;
}

/* --- all of it --- */

bool parallel_blocks_settle(struct options *options, char *operands[])
{
	struct queue_options *queue = &options->queue;

	if (!parallel_typed.pipe && !parallel_typed.pipe_part)
		return false;
	if (parallel_typed.strips_ends)
		errx(255,
		    "pexec has no --rrs: records stay as they are, let the command take it off");
	if (parallel_typed.tee) {
		settle_tee(options, operands);
		return true;
	}
	queue->pipe = true;
	queue->spreads = parallel_typed.round_robin;
	queue->exceeds_block = parallel_typed.pipe_part;
	options->blocks.header = parallel_typed.header;
	parallel_typed.header = NULL;
	settle_files(options, operands);
	if (options->command.words.count == 0)
		errx(255, "--pipe/--pipepart must have a command to pipe into");
	settle_texts(options);
	settle_count(queue);
	if (parallel_typed.pipe_part && queue->block_bytes == 0 && queue->blocks_each == 0)
		queue->blocks_each = PARTS_EACH;
	if (parallel_typed.cat || parallel_typed.fifo)
		wrap_command(options);
	options->command.takes_no_item = true;
	return true;
}
