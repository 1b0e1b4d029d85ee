/*
 * Numbers out of raw bytes: little-endian and unaligned, as x86-64 writes them.  The caller
 * has made sure that the bytes are there.
 */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include "base/types.h"

#define PAGE_SIZE_BYTES 4096u

static inline uint16_t load_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t load_u32(const uint8_t *bytes)
{
	return load_u16(bytes) | (uint32_t)load_u16(bytes + 2) << 16;
}

static inline uint64_t load_u64(const uint8_t *bytes)
{
	return load_u32(bytes) | (uint64_t)load_u32(bytes + 4) << 32;
}

static inline uint64_t page_floor(uint64_t value)
{
	return value & ~(uint64_t)(PAGE_SIZE_BYTES - 1);
}

/* Saturates at the last page. */
static inline uint64_t page_ceiling(uint64_t value)
{
	uint64_t rounded = page_floor(value + PAGE_SIZE_BYTES - 1);

	return rounded < value ? page_floor(UINT64_MAX) : rounded;
}

/* True if [offset, offset + size) lies in `total` bytes; no sum can overflow. */
static inline bool span_fits(uint64_t offset, uint64_t size, uint64_t total)
{
	return offset <= total && size <= total - offset;
}

#endif
