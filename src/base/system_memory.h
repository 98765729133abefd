/*
 * system_memory: memory for much output, and little of it for many threads.
 *
 * A slot that collects what jobs print takes memory by the megabyte, writes to it once and reads it
 * once. A page fault for each 4 KiB then takes longer than the copy of what the page holds, and so
 * such memory is asked for in pieces that the system can make one page of (HAVE_HUGE_PAGES).
 */
#ifndef PEXEC_BASE_SYSTEM_MEMORY_H
#define PEXEC_BASE_SYSTEM_MEMORY_H

/* The size of a large piece, in bytes: a huge page of x86-64 and of arm64 with pages of 4 KiB. */
enum { SYSTEM_LARGE = 2 * 1024 * 1024 };

/* A large piece, zeroed. Returns NULL with errno without memory. Any thread may ask. */
void *system_large_memory(void);

/* Gives a large piece back to the system. */
void system_large_free(void *memory);

/*
 * Asks malloc(3) for one heap that all threads share, where it would make one for every few of them
 * (HAVE_ARENAS): slots allocate little and seldom, and a thousand of them stay small. Call it
 * before there is another thread.
 */
void system_save_memory(void);

#endif
