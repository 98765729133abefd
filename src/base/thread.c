#include "base/thread.h"

int thread_start(pthread_t *thread, size_t stack_bytes, void *(*main)(void *), void *argument)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, stack_bytes);
	int error = pthread_create(thread, &attributes, main, argument);
	pthread_attr_destroy(&attributes);
	return error;
}
