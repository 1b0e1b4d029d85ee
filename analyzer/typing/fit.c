/*
 * An allocator rounds up, so a block's size says how much was asked for only within a few
 * bytes: "tight".  A rest too small to be a block of its own adds 16: "loose".
 */
#include "typing/fit.h"

#include <string.h>

#define TIGHT       15u /* bytes that rounding to 16 adds at most */
#define LOOSE       31u
#define SMALLEST    24u /* bytes of the smallest block, whatever was asked for */
#define NOT_WRITTEN 0xcdcdcdcdcdcdcdcdull /* what debug allocators fill new memory with */
#define MAPPED_MORE 4096u
#define MOST_LOOKED 512u   /* pointers of a block that are looked at */
#define TEXT_ROOM   65536u /* bytes of a text that are looked at */
/*
 * Smaller elements fit nearly any size, and what looks like a short array of them is often a
 * struct that begins like one without saying so.
 */
#define TELLING_SIZE  (2 * SMALLEST)
#define TELLING_COUNT 16u

const char *type_confidence_name(enum type_confidence confidence)
{
	static const char *const names[] = {"", "guess", "likely", "certain"};

	return names[confidence];
}

static uint64_t tight(const struct fit_block *block)
{
	return block->is_mapped ? TIGHT + MAPPED_MORE : TIGHT;
}

/* A pointer that leads nowhere stands in memory that is something else, or not written yet. */
static bool leads_somewhere(struct fit_reader *reader, addr_t address)
{
	const struct image_mapping *mapping;

	if (!address || address == NOT_WRITTEN || range_has(reader->mapped, address))
		return true;
	mapping = image_mapping_at(reader->image, address);
	if (mapping)
		reader->mapped = mapping->range;
	return mapping;
}

struct census {
	size_t total, bad;
};

static void look_at(struct fit_reader *reader, addr_t address, struct census *census)
{
	addr_t word;

	census->total++;
	if (!image_read_u64(reader->image, address, &word) || !leads_somewhere(reader, word))
		census->bad++;
}

/* The pointers of a shape that begins at an address; of an array in it the first only. */
static void look_at_one(struct fit_reader *reader, const struct shape *shape, addr_t address,
			struct census *census)
{
	for (size_t i = 0; i < shape->pointer_count && census->total < MOST_LOOKED; i++)
		look_at(reader, address + shape->pointers[i], census);
}

/* Of pointers all but the last two, which may be rounding, have to be right. */
static bool holds_pointers(struct fit_reader *reader, const struct fit_block *block)
{
	uint64_t count = block->size / sizeof(addr_t);
	struct census census = {0};

	count -= count > 2 ? 2 : count - 1;
	for (uint64_t i = 0; i < count && census.total < MOST_LOOKED; i++)
		look_at(reader, block->address + i * sizeof(addr_t), &census);
	return !census.bad;
}

/* UTF-8 that a person can read, with its NUL; its length in *ret. */
static bool is_text(const uint8_t *bytes, size_t size, size_t *ret)
{
	const uint8_t *end = memchr(bytes, '\0', size);
	size_t at = 0;

	if (!end || end == bytes)
		return false;
	*ret = (size_t)(end - bytes);
	while (at < *ret) {
		uint8_t byte = bytes[at++];
		int more = byte < 0x80 ? 0 : byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;

		if ((byte < 0x20 && (byte < '\t' || byte > '\r') && byte != 0x1b) ||
		    byte == 0x7f || (byte >= 0x80 && byte < 0xc2) || byte > 0xf4)
			return false;
		for (; more; more--)
			if (at >= *ret || (bytes[at++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static enum type_confidence fit_text(struct fit_reader *reader, const struct fit_block *block)
{
	size_t room = block->size < TEXT_ROOM ? (size_t)block->size : TEXT_ROOM;
	const uint8_t *bytes = image_view(reader->image, block->address, room, &reader->hint);
	size_t length;

	if (!bytes || !is_text(bytes, room, &length))
		return TYPE_UNKNOWN;
	return block->size - length - 1 <= LOOSE ? TYPE_LIKELY : TYPE_GUESS;
}

/* How much of what its pointers should be they are: a judgement by contents. */
static enum type_confidence judged(enum type_confidence confidence, const struct census *census)
{
	if (!census->bad)
		return confidence;
	if (census->bad * 4 > census->total)
		return TYPE_UNKNOWN;
	return confidence > TYPE_LIKELY ? TYPE_LIKELY : confidence;
}

/* All elements of an array. */
static struct census look_at_all(struct fit_reader *reader, const struct shape *shape,
				 const struct fit_block *block)
{
	struct census census = {0};

	for (uint64_t at = 0; at + shape->size <= block->size && shape->pointer_count &&
			      census.total < MOST_LOOKED;
	     at += shape->size)
		look_at_one(reader, shape, block->address + at, &census);
	return census;
}

/* The first has to be right, others may not have been written yet. */
static enum type_confidence judge_array(struct fit_reader *reader, const struct shape *shape,
					const struct fit_block *block)
{
	struct census first = {0}, all = look_at_all(reader, shape, block);

	look_at_one(reader, shape, block->address, &first);
	if (first.bad || all.bad * 4 > all.total)
		return TYPE_GUESS;
	if (shape->size < TELLING_SIZE &&
	    (all.bad || !all.total || block->size / shape->size < TELLING_COUNT))
		return TYPE_GUESS;
	return TYPE_LIKELY;
}

static struct fit judge_one(struct shapes *shapes, uint32_t index, bool fits_tightly,
			    const struct fit_block *block, struct fit_reader *reader)
{
	struct fit fit = {.shape = index, .confidence = TYPE_LIKELY};
	const struct shape *shape = shapes_compiled(shapes, index);
	struct census census = {0};

	if (fits_tightly)
		fit.confidence = TYPE_CERTAIN;
	look_at_one(reader, shape, block->address, &census);
	fit.confidence = judged(fit.confidence, &census);
	return fit;
}

static bool fits_one(const struct shape *shape, const struct fit_block *block, uint64_t slack)
{
	/* Half of a block is not all of it. */
	return shape->size * 2 > block->size &&
	       (block->size - shape->size <= slack || block->size <= SMALLEST);
}

static bool fits_array(const struct shape *shape, const struct fit_block *block)
{
	uint64_t rest = block->size % shape->size;

	return block->size >= 2 * shape->size && rest <= tight(block);
}

/*
 * C derives structs by beginning with one: where a larger one fits, the pointer may be to its
 * start.  Nothing more than that start is then sure, unless it alone fits.  Nor is it an array
 * where a larger one could begin the block, with something behind it.
 */
static struct fit fit_struct(struct shapes *shapes, uint32_t index,
			     const struct fit_block *block, struct fit_reader *reader)
{
	struct shape shape = *shapes_compiled(shapes, index);
	uint64_t slack = tight(block);
	struct fit begins = {.shape = index, .confidence = TYPE_GUESS}, fit = begins;
	uint64_t least = block->size > slack ? block->size - slack : 0;
	uint32_t heir = SHAPE_MISSING;
	size_t heirs;

	if (shape.size > block->size)
		return (struct fit){.shape = index};
	heirs = shapes_heirs(shapes, index, least, block->size, &heir);
	if (fits_one(&shape, block, slack) || (shape.is_open && !heirs))
		fit = judge_one(shapes, index, fits_one(&shape, block, slack), block, reader);
	else if (!heirs && fits_one(&shape, block, LOOSE))
		fit = judge_one(shapes, index, false, block, reader);
	else if (heirs == 1 &&
		 (!fits_array(&shape, block) || look_at_all(reader, &shape, block).bad))
		return judge_one(shapes, heir, false, block, reader);
	else if (fits_array(&shape, block) &&
		 !shapes_heirs(shapes, index, 0, block->size, &heir))
		fit = (struct fit){index, judge_array(reader, &shape, block), true};
	if (heirs && fit.confidence)
		return begins;
	fit.is_array &= fit.confidence > TYPE_GUESS;
	return fit;
}

struct fit fit_shape(struct shapes *shapes, uint32_t index, const struct fit_block *block,
		     struct fit_reader *reader)
{
	struct fit fit = {.shape = index, .is_array = true};
	const struct shape *shape = shapes_get(shapes, index);

	switch (shape->kind) {
	case SHAPE_NONE:
		break;
	case SHAPE_TEXT:
		fit.confidence = fit_text(reader, block);
		break;
	case SHAPE_NUMBER:
		fit.confidence = shape->size <= block->size ? TYPE_LIKELY : TYPE_UNKNOWN;
		break;
	case SHAPE_POINTER:
		fit.confidence = block->size >= sizeof(addr_t) && holds_pointers(reader, block)
					 ? TYPE_LIKELY
					 : TYPE_UNKNOWN;
		break;
	case SHAPE_OPAQUE:
		fit.confidence = TYPE_GUESS;
		fit.is_array = false;
		break;
	case SHAPE_STRUCT:
		return fit_struct(shapes, index, block, reader);
	}
	return fit;
}
