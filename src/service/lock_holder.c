#include "service/lock_holder.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_locks.h"
#include "base/system_processes.h"

enum lock_holder lock_holder_of(const char *name, char text[LOCK_HOLDER_TEXT])
{
	char program[32] = "?";
	struct lock_owner holder;
	struct stat file;
	bool is_private = stat(name, &file) == 0 && file.st_uid == geteuid() &&
			  !(file.st_mode & (S_IRWXG | S_IRWXO));

	if (is_private)
		return HOLDER_IS_OURS;
	if (!system_lock_owner(&file, &holder)) {
		strlcpy(text, "a process that cannot be told, and other users may open the file",
		    LOCK_HOLDER_TEXT);
		return HOLDER_IS_UNKNOWN;
	}
	if (holder.user == geteuid())
		return HOLDER_IS_OURS;
	system_process_name(holder.pid, program, sizeof program);
	snprintf(text, LOCK_HOLDER_TEXT, "process %d (%s) of user %s", (int)holder.pid, program,
	    user_from_uid(holder.user, 0));
	return HOLDER_IS_STRANGER;
}
