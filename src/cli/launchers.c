#include "cli/launchers.h"

#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/escape.h"

/* How many parts a job array has, where the array does not tell: N, or FIRST-LAST:STEP. */
#define COUNT_VARIABLE "PEXEC_SHARDS"

/* The variables of one launcher; NULL: it has none of that meaning. */
struct launcher {
	const char *index;        /* the number of this element or process */
	const char *first, *last; /* the least and the greatest number */
	const char *step;         /* from one number to the next */
	const char *count;        /* how many there are */
	const char *same;         /* says what `count` says; else that is of an older launch */
	const char *none;         /* what `index` is where it says nothing */
	uint64_t usual_first;     /* where `first` is NULL */
	bool is_from_0;           /* its numbers always begin there */
};

static const struct launcher arrays[] = {
    {.index = "SLURM_ARRAY_TASK_ID",
	.first = "SLURM_ARRAY_TASK_MIN",
	.last = "SLURM_ARRAY_TASK_MAX",
	.step = "SLURM_ARRAY_TASK_STEP",
	.count = "SLURM_ARRAY_TASK_COUNT"},
    {.index = "SGE_TASK_ID",
	.first = "SGE_TASK_FIRST",
	.last = "SGE_TASK_LAST",
	.step = "SGE_TASK_STEPSIZE",
	.none = "undefined"},
    {.index = "LSB_JOBINDEX",
	.last = "LSB_JOBINDEX_END",
	.step = "LSB_JOBINDEX_STEP",
	.none = "0",
	.usual_first = 1},
    {.index = "PBS_ARRAY_INDEX"},
    {.index = "PBS_ARRAYID"},
    {.index = "JOB_COMPLETION_INDEX", .is_from_0 = true},
};

/*
 * The first one counts that is there: where mpirun runs in an allocation of Slurm, the processes
 * that it starts have the variables of the srun that started its own daemons.
 * A batch script has SLURM_PROCID as well, and is one process, whatever SLURM_NTASKS says: only a
 * step of srun has SLURM_STEP_NUM_TASKS, or a script that was submitted in one, by the environment
 * that sbatch passes on. Then it is another number than that of SLURM_NTASKS.
 */
static const struct launcher processes[] = {
    {.index = "OMPI_COMM_WORLD_RANK", .count = "OMPI_COMM_WORLD_SIZE"},
    {.index = "MV2_COMM_WORLD_RANK", .count = "MV2_COMM_WORLD_SIZE"},
    {.index = "PMI_RANK", .count = "PMI_SIZE"},
    {.index = "SLURM_PROCID", .count = "SLURM_STEP_NUM_TASKS", .same = "SLURM_NTASKS"},
};

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

/* --- numbers --- */

/* Have both variables the same text, or is one of them not there? */
static bool agree(const char *one, const char *other)
{
	const char *text = getenv(one), *same = getenv(other);

	return !text || !same || strcmp(text, same) == 0;
}

/* The number in a variable. Exits where it is none. */
static uint64_t number_of(const char *variable)
{
	const char *text = getenv(variable);
	char shown[ESCAPED_NAME];
	uint64_t number;

	if (!text)
		errx(1, "--shard auto: %s is missing", variable);
	const char *end = digits_read(text, &number);
	if (!end || *end)
		errx(1, "--shard auto: %s=%s is no number", variable, escape_name(shown, text));
	return number;
}

/* --- the numbers of an array --- */

/* The numbers from `first` to `last`, with a step. */
struct numbers {
	bool is_count; /* it is only known how many there are: N in a row, from 0 or from 1 */
	uint64_t first, last, step;
};

/* Reads FIRST-LAST, or FIRST-LAST:STEP, as arrays are submitted; or N for N numbers one after the
 * other, from 0 or from 1: the remainders by N are the same. */
static bool read_numbers(const char *text, struct numbers *numbers)
{
	*numbers = (struct numbers){.step = 1};
	text = digits_read(text, &numbers->last);
	if (text && *text == '\0') {
		numbers->is_count = true;
		return numbers->last > 0;
	}
	numbers->first = numbers->last;
	if (!text || *text != '-' || !(text = digits_read(text + 1, &numbers->last)))
		return false;
	if (*text == ':' && !(text = digits_read(text + 1, &numbers->step)))
		return false;
	return *text == '\0' && numbers->first <= numbers->last && numbers->step > 0;
}

/* What PEXEC_SHARDS says of the array. False: it is not there. */
static bool numbers_by_user(struct numbers *numbers)
{
	const char *text = getenv(COUNT_VARIABLE);
	char shown[ESCAPED_NAME];

	if (text && !read_numbers(text, numbers))
		errx(1, "--shard auto: " COUNT_VARIABLE "=%s is neither N nor FIRST-LAST:STEP",
		    escape_name(shown, text));
	return text != NULL;
}

static uint64_t numbers_size(const struct numbers *numbers)
{
	return (numbers->last - numbers->first) / numbers->step + 1;
}

/* The numbers of an array by its own variables. */
static struct numbers numbers_of(const struct launcher *array)
{
	struct numbers numbers = {.first = array->usual_first, .step = 1};

	if (!array->last)
		errx(1,
		    "--shard auto: %s tells which part this is, but not of how many: "
		    "set " COUNT_VARIABLE,
		    array->index);
	if (array->first)
		numbers.first = number_of(array->first);
	numbers.last = number_of(array->last);
	if (getenv(array->step))
		numbers.step = number_of(array->step);
	if (numbers.step == 0 || numbers.last < numbers.first)
		errx(1, "--shard auto: %s: %" PRIu64 "-%" PRIu64 ":%" PRIu64 " is no array",
		    array->index, numbers.first, numbers.last, numbers.step);
	if (array->count && number_of(array->count) != numbers_size(&numbers))
		errx(1,
		    "--shard auto: %s is %" PRIu64 ", but there are %" PRIu64 " numbers in %" PRIu64
		    "-%" PRIu64 ":%" PRIu64 ": an array with gaps; " COUNT_VARIABLE
		    "=FIRST-LAST:STEP says which it was",
		    array->count, number_of(array->count), numbers_size(&numbers), numbers.first,
		    numbers.last, numbers.step);
	return numbers;
}

/* The part that an element of an array has. */
static struct shard shard_of_array(const struct launcher *array)
{
	uint64_t index = number_of(array->index);
	struct numbers numbers = {.step = 1};
	bool is_said = numbers_by_user(&numbers);

	if (!is_said)
		numbers = numbers_of(array);
	if (numbers.is_count && array->is_from_0 && index == numbers.last)
		errx(1, "--shard auto: %s is %" PRIu64 ", and " COUNT_VARIABLE " %" PRIu64,
		    array->index, index, numbers.last);
	if (index < numbers.first || index > numbers.last ||
	    (index - numbers.first) % numbers.step != 0)
		errx(1,
		    "--shard auto: %s is %" PRIu64 ", and not one of %" PRIu64 "-%" PRIu64
		    ":%" PRIu64,
		    array->index, index, numbers.first, numbers.last, numbers.step);
	/* N alone does not say where the numbers begin: the part is another one, but of as many. */
	if (numbers.is_count)
		return (struct shard){index % numbers.last, numbers.last};
	return (struct shard){(index - numbers.first) / numbers.step, numbers_size(&numbers)};
}

/* --- processes --- */

static struct shard shard_of_process(const struct launcher *launcher)
{
	struct shard shard = {number_of(launcher->index), number_of(launcher->count)};

	if (shard.index >= shard.count)
		errx(1, "--shard auto: %s is %" PRIu64 ", and %s %" PRIu64, launcher->index,
		    shard.index, launcher->count, shard.count);
	return shard;
}

/* --- which of them is here --- */

static bool is_here(const struct launcher *launcher)
{
	const char *index = getenv(launcher->index);

	/* Only together: a batch script of Slurm has the one, and is no process of many. */
	if (!index || (!launcher->last && launcher->count && !getenv(launcher->count)))
		return false;
	if (launcher->same && !agree(launcher->count, launcher->same))
		return false;
	return !launcher->none || strcmp(index, launcher->none) != 0;
}

static const struct launcher *find(const struct launcher *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_here(&table[i]))
			return &table[i];
	return NULL;
}

/* Adds the variables that a table looks for to a message. */
static size_t list(char *text, size_t size, const struct launcher *table, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(
		    text + used, size - used, "%s%s", i > 0 ? ", " : "", table[i].index);
	return used;
}

static _Noreturn void say_none(void)
{
	char of_arrays[512], of_processes[512];

	list(of_arrays, sizeof of_arrays, arrays, COUNT_OF(arrays));
	list(of_processes, sizeof of_processes, processes, COUNT_OF(processes));
	errx(1,
	    "--shard auto: neither a job array nor a launcher of processes has started this: there "
	    "is none of %s; nor of %s (this one together with SLURM_STEP_NUM_TASKS, which srun "
	    "sets)",
	    of_arrays, of_processes);
}

void launchers_find_shard(struct shard *shard)
{
	const struct launcher *array = find(arrays, COUNT_OF(arrays));
	const struct launcher *launcher = find(processes, COUNT_OF(processes));
	struct shard element = {0, 1}, process = {0, 1};

	if (!array && !launcher)
		say_none();
	if (array)
		element = shard_of_array(array);
	if (launcher)
		process = shard_of_process(launcher);
	if (__builtin_mul_overflow(element.count, process.count, &shard->count))
		errx(1, "--shard auto: there are too many parts");
	shard->index = element.index * process.count + process.index;
}
