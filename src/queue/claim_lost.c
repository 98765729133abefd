#include "queue/claim_lost.h"

#include <errno.h>
#include <stdlib.h>

struct claim_taken {
	struct claim_range range;
	uint64_t id;
	size_t place; /* of its line among those that take */
};

/* All that the file says. */
struct claim_ledger {
	struct claim_taken *taken;
	size_t taken_count;
};

static int enter_line(void *context, const struct claim_line *line)
{
	struct claim_ledger *ledger = context;

	if (line->kind != LINE_TAKE)
		return 0;
	if (!claim_has_room((void **)&ledger->taken, ledger->taken_count, sizeof *ledger->taken))
		return ENOMEM;
	ledger->taken[ledger->taken_count] = (struct claim_taken){
	    .range = line->range, .id = line->id, .place = ledger->taken_count};
	ledger->taken_count++;
	return 0;
}

/* By the first job; the one that was taken last comes first. */
static int compare_taken(const void *one, const void *other)
{
	const struct claim_taken *a = one, *b = other;

	if (a->range.first != b->range.first)
		return a->range.first < b->range.first ? -1 : 1;
	return a->place > b->place ? -1 : 1;
}

enum claim_others claim_lost_look(struct claim_file *file)
{
	enum claim_others found = CLAIM_OTHERS_LIVE;

	for (uint64_t id = 0; id < file->ids; id++) {
		if (claim_file_look_at(file, id) != 0) {
			claim_file_complain(file, "looking for what others have left");
			return CLAIM_OTHERS_FAILED;
		}
		if (file->runs[id].is_dead)
			return CLAIM_OTHERS_DEAD;
		if (file->runs[id].is_dying)
			found = CLAIM_OTHERS_DIE;
	}
	return found;
}

/* Finds out which runs are dead. Returns 0, or -1 with errno. */
static int find_dead(struct claim_file *file)
{
	for (uint64_t id = 0; id < file->ids; id++)
		if (claim_file_look_at(file, id) != 0)
			return -1;
	return 0;
}

/* Lists the parts that are dead, and all that may have a journal. */
static void list_parts(const struct claim_file *file, struct claim_lost *lost)
{
	for (uint64_t id = 0; id < file->ids; id++) {
		const struct claim_run *run = &file->runs[id];
		if (run->part == file->part)
			continue;
		if (run->is_dead)
			lost->dead[lost->dead_count++] = run->part;
		if (!claim_file_is_replaced(file, id))
			lost->parts[lost->part_count++] = run->part;
	}
}

/* Makes the list of what the dead had taken, as it was taken last. Returns 0, or -1 with errno. */
static int list_lost(
    const struct claim_file *file, struct claim_ledger *ledger, struct claim_lost *lost)
{
	const struct claim_taken *taken = ledger->taken;

	lost->ranges = calloc(ledger->taken_count + 1, sizeof *lost->ranges);
	lost->parts = calloc(file->ids + 1, sizeof *lost->parts);
	lost->dead = calloc(file->ids + 1, sizeof *lost->dead);
	if (!lost->ranges || !lost->parts || !lost->dead)
		return -1;
	list_parts(file, lost);
	if (ledger->taken_count > 0)
		qsort(ledger->taken, ledger->taken_count, sizeof *taken, compare_taken);
	for (size_t i = 0; i < ledger->taken_count; i++) {
		bool is_older = i > 0 && taken[i].range.first == taken[i - 1].range.first;
		if (!is_older && file->runs[taken[i].id].is_dead)
			lost->ranges[lost->count++] = taken[i].range;
	}
	return 0;
}

/* Writes that this run has it now, and that the dead have nothing more. Returns 0, or -1 with
 * errno. */
static int enter_lost(struct claim_file *file, const struct claim_lost *lost)
{
	for (size_t i = 0; i < lost->count; i++) {
		const struct claim_range *range = &lost->ranges[i];
		if (claim_file_add(
			file, "take", (uint64_t[]){file->id, range->first, range->last}, 3) != 0)
			return -1;
	}
	for (uint64_t id = 0; id < file->ids; id++) {
		if (!file->runs[id].is_dead)
			continue;
		if (claim_file_add(file, "end", &id, 1) != 0)
			return -1;
		file->runs[id].ended = true;
	}
	return 0;
}

int claim_lost_find(struct claim_file *file, struct claim_lost *lost, bool enters)
{
	struct claim_ledger ledger = {0};
	int result = -1;

	*lost = (struct claim_lost){0};
	errno = ENOMEM;
	if (claim_lines_read(file->fd, claim_file_first_line(), enter_line, &ledger) >= 0 &&
	    find_dead(file) == 0 && list_lost(file, &ledger, lost) == 0)
		result = enters ? enter_lost(file, lost) : 0;
	if (result != 0)
		claim_file_complain(file, "looking for what others have left");
	free(ledger.taken);
	return result;
}

void claim_lost_free(struct claim_lost *lost)
{
	free(lost->ranges);
	free(lost->parts);
	free(lost->dead);
	*lost = (struct claim_lost){0};
}
