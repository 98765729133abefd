#include "control/slots_file.h"

#include "base/escape.h"
#include "base/message.h"
#include "pace/slot_count.h"

/* Reads the number of slots, and has as many from now on. */
static void read_number(struct slots_file *file, enum file_event event)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	unsigned slots, before = pool_limit(file->pool);
	bool empty = false;

	if (slot_count_read(file->path, &slots, reason, &empty)) {
		if (slots != before)
			pool_set_slots(file->pool, slots);
		return;
	}
	/* A new file may be empty for a moment: it is about to be written. */
	if (!empty || event == FILE_WRITTEN)
		message("-j %s: %s; still %u slot%s", escape_name(shown, file->typed), reason,
		    before, before == 1 ? "" : "s");
}

void slots_file_open(struct slots_file *file)
{
	file_watch_open(&file->watch, file->path);
	/* It may have changed since it was read. */
	read_number(file, FILE_REPLACED);
}

int slots_file_descriptor(const struct slots_file *file)
{
	return file->watch.fd;
}

void slots_file_look(struct slots_file *file)
{
	enum file_event event = file_watch_look(&file->watch);

	if (event == FILE_SAME)
		return;
	read_number(file, event);
	slot_start_wanted(file->slot_parts);
}

void slots_file_close(struct slots_file *file)
{
	file_watch_close(&file->watch);
}
