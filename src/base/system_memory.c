#include "base/system_memory.h"
#include "base/features.h"

#include <stddef.h>
#include <sys/mman.h>
#if HAVE_ARENAS
#include <malloc.h>
#endif

void *system_large_memory(void)
{
	/* Newer kernels align it by themselves. Others give a little less than whole pages. */
	void *memory =
	    mmap(NULL, SYSTEM_LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
#if HAVE_HUGE_PAGES
	madvise(memory, SYSTEM_LARGE, MADV_HUGEPAGE);
#endif
	return memory;
}

void system_large_free(void *memory)
{
	munmap(memory, SYSTEM_LARGE);
}

void system_save_memory(void)
{
#if HAVE_ARENAS
	mallopt(M_ARENA_MAX, 1);
#endif
}
