#include "pipeline/mapping_uses.h"

#include <stdlib.h>

#define RED_ZONE       128u  /* bytes below the stack pointer that leaf functions use */
#define MOST_LIBRARIES 10000 /* of the dynamic linker's list */
#define LARGEST_OWN    ((uint64_t)1 << 20) /* bytes: a larger mapping is not for one purpose */

/* struct r_debug: { int version; link_map *map; … }; struct link_map: { addr, name, ld, next, … } */
#define DEBUG_MAP 8u
#define MAP_NEXT  24u

static addr_t lowest_stack_pointer(const struct image *image, struct address_range range)
{
	addr_t lowest = range.end;

	for (size_t i = 0; i < image_thread_count(image); i++) {
		addr_t stack = image_thread(image, i)->registers[REGISTER_RSP];

		if (range_has(range, stack) && stack < lowest)
			lowest = stack;
	}
	return lowest;
}

addr_t stack_in_use(const struct image *image, struct address_range range)
{
	addr_t lowest = lowest_stack_pointer(image, range);

	if (lowest == range.end)
		return lowest;
	return lowest - range.start > RED_ZONE ? lowest - RED_ZONE : range.start;
}

static bool is_file(const char *path)
{
	return path[0] && path[0] != '[';
}

/* "[vdso]", "[vvar]", …: the kernel's; not "[heap]" and names that a program gave. */
static bool is_kernel(const char *path)
{
	return !strncmp(path, "[v", 2);
}

/*
 * libffi keeps its closures' code in a page of its own file that is mapped again, and what they
 * are for in an anonymous mapping of the same size right behind it.
 */
static bool is_trampolines(const struct image *image, size_t index)
{
	const struct image_mapping *mapping = image_mapping(image, index);
	const struct image_mapping *code = index ? image_mapping(image, index - 1) : NULL;

	return code && code->executable && code->path[0] &&
	       code->range.end == mapping->range.start &&
	       code->range.end - code->range.start == mapping->range.end - mapping->range.start;
}

static struct mapping_use use_of(const struct image *image, size_t index)
{
	const struct image_mapping *mapping = image_mapping(image, index);
	const struct image_file *file = image_file_at(image, mapping->range.start);

	if (lowest_stack_pointer(image, mapping->range) < mapping->range.end ||
	    !strcmp(mapping->path, "[stack]"))
		return (struct mapping_use){"stack", BUCKET_STACKS, 0};
	if (is_kernel(mapping->path))
		return (struct mapping_use){"kernel", BUCKET_KERNEL, 0};
	if (mapping->executable)
		return (struct mapping_use){"code", BUCKET_CODE, 0};
	if (file && file->binary)
		return (struct mapping_use){"data", BUCKET_DATA, 0};
	if (is_file(mapping->path))
		return (struct mapping_use){"file", BUCKET_FILES, 0};
	if (!mapping->writable)
		return (struct mapping_use){"reserved", BUCKET_RESERVED, 0};
	if (is_trampolines(image, index))
		return (struct mapping_use){"trampolines", BUCKET_TRAMPOLINES, 0};
	return (struct mapping_use){"anonymous", BUCKET_ANONYMOUS, 0};
}

/* A small anonymous mapping with the address in it is for that. */
static void mark(const struct image *image, struct mapping_use *uses, addr_t address,
		 struct mapping_use use)
{
	const struct image_mapping *mapping = image_mapping_at(image, address);
	size_t index = mapping ? (size_t)(mapping - image_mapping(image, 0)) : 0;

	if (mapping && uses[index].bucket == BUCKET_ANONYMOUS &&
	    mapping->range.end - mapping->range.start <= LARGEST_OWN)
		uses[index] = use;
}

static void mark_thread_storage(const struct image *image, struct mapping_use *uses)
{
	for (size_t i = 0; i < image_thread_count(image); i++)
		mark(image, uses, image_thread(image, i)->registers[REGISTER_FS_BASE],
		     (struct mapping_use){"tls", BUCKET_TLS, 0});
}

/* Before there is a malloc, the dynamic linker has pages of its own. */
static void mark_linker(struct target *target, struct mapping_use *uses)
{
	const struct image *image = target_image(target);
	addr_t debug, map = 0;

	if (!target_symbol(target, "_r_debug", &debug) ||
	    !image_read_u64(image, debug + DEBUG_MAP, &map))
		return;
	for (int i = 0; map && i < MOST_LIBRARIES; i++) {
		mark(image, uses, map, (struct mapping_use){"linker", BUCKET_LINKER, 0});
		if (!image_read_u64(image, map + MAP_NEXT, &map))
			return;
	}
}

struct mapping_use *mapping_uses(struct target *target)
{
	const struct image *image = target_image(target);
	size_t count = image_mapping_count(image);
	struct mapping_use *uses = calloc(count + 1, sizeof(*uses));

	for (size_t i = 0; uses && i < count; i++)
		uses[i] = use_of(image, i);
	if (uses) {
		mark_thread_storage(image, uses);
		mark_linker(target, uses);
	}
	return uses;
}
