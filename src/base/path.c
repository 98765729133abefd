#include "base/path.h"

#include <stdio.h>
#include <string.h>

char *path_resolve(const char *from, const char *name)
{
	char *path;

	if (!from || *name == '/')
		return strdup(name);
	return asprintf(&path, "%s/%s", from, name) < 0 ? NULL : path;
}
