#include "control/slots_file.h"

#include "base/escape.h"
#include "base/message.h"
#include "pace/slot_count.h"

/* The user sets a number, which ends -j auto. */
static void set_slots(struct slots_file *file, unsigned slots)
{
	char shown[ESCAPED_NAME];

	if (sizer_stop(file->sizer, slots))
		message("%u slot%s from now on, set by -j %s: -j auto is over", slots,
		    slots == 1 ? "" : "s", escape_name(shown, file->typed));
	if (slots != pool_limit(file->pool))
		pool_set_slots(file->pool, slots);
}

/* Reads what the file says of the slots, and does so from now on. */
static void read_setting(struct slots_file *file, enum file_event event)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	unsigned before = pool_limit(file->pool);
	struct slot_setting setting;
	bool empty;

	/* A new file may be empty for a moment: it is about to be written. */
	if (!slot_setting_read(file->path, &setting, reason, &empty)) {
		if (!empty || event == FILE_WRITTEN)
			message("-j %s: %s; still %u slot%s", escape_name(shown, file->typed),
			    reason, before, before == 1 ? "" : "s");
	} else if (setting.range.most > 0) {
		pool_find_slots(file->pool, file->sizer, &setting.range);
	} else {
		set_slots(file, setting.slots);
	}
}

void slots_file_open(struct slots_file *file)
{
	file_watch_open(&file->watch, file->path);
	/* It may have changed since it was read. */
	read_setting(file, FILE_REPLACED);
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
	read_setting(file, event);
	slot_start_wanted(file->slot_parts);
}

void slots_file_close(struct slots_file *file)
{
	file_watch_close(&file->watch);
}
