#include "base/text_buffer.h"

#include <stdlib.h>

FILE *text_buffer_stream(struct text_buffer *buffer)
{
	if (!buffer->stream)
		buffer->stream = open_memstream(&buffer->bytes, &buffer->size);
	return buffer->stream;
}

size_t text_buffer_bytes(const struct text_buffer *buffer)
{
	return buffer->stream ? (size_t)ftello(buffer->stream) : 0;
}

size_t text_buffer_take(struct text_buffer *buffer, char **bytes)
{
	size_t size = 0;

	*bytes = NULL;
	if (buffer->stream && fclose(buffer->stream) == 0 && buffer->size > 0) {
		*bytes = buffer->bytes;
		size = buffer->size;
		buffer->bytes = NULL;
	}
	buffer->stream = NULL;
	text_buffer_drop(buffer);
	return size;
}

void text_buffer_drop(struct text_buffer *buffer)
{
	if (buffer->stream)
		fclose(buffer->stream);
	free(buffer->bytes);
	*buffer = (struct text_buffer){.stream = NULL};
}
