#include "pipeline/block_text.h"

uint64_t text_length(const uint8_t *text, uint64_t size)
{
	uint64_t end = 0;

	for (uint64_t i = 0; i < size; i++) {
		if (!text[i] && i == end)
			break;
		if (!text[i])
			end = i + 1;
		else if (text[i] < ' ' || text[i] == 0x7f)
			break;
	}
	return end;
}

bool block_is_text(const uint8_t *bytes, uint64_t size)
{
	uint64_t length = text_length(bytes, size);

	return length > SHORTEST_TEXT && size - length < 2 * MALLOC_STEP;
}
