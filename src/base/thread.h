/*
 * thread: starts a thread with a stack that is as large as what it does.
 */
#ifndef PEXEC_BASE_THREAD_H
#define PEXEC_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

#ifndef STACK_MORE
#define STACK_MORE 0 /* what a sanitizer takes of a stack */
#endif

/* Of a thread that waits and tells, in bytes; and of one on whose stack are blocks of a copy: read
 * from a pipe, from a file, tagged. */
enum { THREAD_STACK = 128 * 1024, THREAD_STACK_OF_BLOCKS = 384 * 1024 + STACK_MORE };

/* Starts a thread that runs `main`, with so many bytes of stack. Returns 0 or an errno. */
int thread_start(pthread_t *thread, size_t stack_bytes, void *(*main)(void *), void *argument);

#endif
