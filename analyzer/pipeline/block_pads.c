#include "pipeline/block_pads.h"

#define PAD_BEFORE 16u
#define PAD_AFTER  8u
#define PAD_BYTE   0xfd
#define SIZE_BYTES 8u
#define FIRST_PAD  9u

bool block_within_pads(const struct image *image, size_t *hint, addr_t *address, uint64_t *size)
{
	const uint8_t *bytes = *size > PAD_BEFORE + PAD_AFTER
				       ? image_view(image, *address, PAD_BEFORE, hint)
				       : NULL;
	uint64_t asked = 0;

	if (!bytes)
		return false;
	for (size_t i = 0; i < SIZE_BYTES; i++)
		asked = asked << 8 | bytes[i];
	for (size_t i = FIRST_PAD; i < PAD_BEFORE; i++)
		if (bytes[i] != PAD_BYTE)
			return false;
	if (!asked || asked > *size - PAD_BEFORE - PAD_AFTER)
		return false;
	*address += PAD_BEFORE;
	*size = asked;
	return true;
}
