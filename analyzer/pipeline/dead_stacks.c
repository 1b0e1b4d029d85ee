/*
 * A thread's stack and its descriptor, glibc's struct pthread, are one mapping, the descriptor
 * at its end.  Mirrors nptl/descr.h of glibc 2.31 … 2.43 on x86-64:
 *
 *   struct pthread          OFFSET  SIZE  MEANING
 *     header.tcb                 0     8  its own address: what fs_base is
 *     header.self               16     8  the same
 *     stackblock, …_size   further  2*8   where the mapping begins, and its bytes; known by
 *                                         that they must agree with where the descriptor is
 */
#include "pipeline/dead_stacks.h"

#include "base/search.h"
#include "core/bytes.h"

#include <elf.h>

#define RED_ZONE             128u /* bytes below the stack pointer that a function may use */
#define DESCRIPTOR_ALIGNMENT 64u
#define DESCRIPTOR_SIZE      0x1000u /* bytes; none is larger */
#define LOCAL_BYTES          0x600u  /* below a descriptor; glibc always reserves more */

struct stacks {
	const struct image *image;
	const struct address_ranges *taken;
	struct address_ranges *ret;
};

static const struct address_range *taken_at(const struct stacks *stacks, addr_t address)
{
	const struct address_range *items = stacks->taken->items;
	size_t below = count_leading(stacks->taken->count, i, items[i].start <= address);

	return below && address < items[below - 1].end ? &items[below - 1] : NULL;
}

/* The mapping that the descriptor says it is at the end of. */
static bool find_block(const struct image *image, addr_t descriptor, struct address_range *ret)
{
	size_t hint = 0;
	uint64_t room = page_ceiling(descriptor + 1) - descriptor;
	const uint8_t *bytes = image_view(image, descriptor, room, &hint);

	for (uint64_t at = 0; bytes && at + 16 <= room; at += 8) {
		addr_t start = load_u64(bytes + at), end;
		uint64_t size = load_u64(bytes + at + 8);

		end = start + size;
		if (start % PAGE_SIZE_BYTES || size % PAGE_SIZE_BYTES || start >= descriptor ||
		    end <= descriptor || end - descriptor > DESCRIPTOR_SIZE)
			continue;
		*ret = (struct address_range){start, end};
		return true;
	}
	return false;
}

/* The first thread's stack is where the kernel put the program's arguments. */
static bool find_first_stack(const struct image *image, addr_t pointer,
			     struct address_range *ret)
{
	const struct image_mapping *mapping = image_mapping_at(image, pointer);
	uint64_t random;

	if (!mapping || !image_auxiliary(image, AT_RANDOM, &random) ||
	    !range_has(mapping->range, random))
		return false;
	*ret = mapping->range;
	return true;
}

static void add(const struct stacks *stacks, addr_t start, addr_t end)
{
	if (start < end)
		vector_push(stacks->ret, ((struct address_range){start, end}));
}

static void add_below(const struct stacks *stacks, const struct image_thread *thread)
{
	addr_t pointer = thread->registers[REGISTER_RSP];
	addr_t descriptor = thread->registers[REGISTER_FS_BASE];
	struct address_range stack;

	if (pointer < RED_ZONE || taken_at(stacks, pointer))
		return;
	if (find_first_stack(stacks->image, pointer, &stack) ||
	    (find_block(stacks->image, descriptor, &stack) && range_has(stack, pointer)))
		add(stacks, stack.start, (pointer - RED_ZONE) & ~(addr_t)7);
}

static bool is_alive(const struct image *image, addr_t descriptor, struct address_range stack)
{
	for (size_t i = 0; i < image_thread_count(image); i++) {
		const uint64_t *registers = image_thread(image, i)->registers;

		if (registers[REGISTER_FS_BASE] == descriptor ||
		    range_has(stack, registers[REGISTER_RSP]))
			return true;
	}
	return false;
}

/*
 * The descriptor itself stays: it has the thread-local blocks that the next thread gets.  So do
 * thread-local variables below it: of a thread that fork() left behind, malloc's cache hangs on one.
 */
static void add_ended(const struct stacks *stacks, addr_t descriptor)
{
	struct address_range stack;

	if (find_block(stacks->image, descriptor, &stack) &&
	    descriptor - stack.start > LOCAL_BYTES &&
	    !is_alive(stacks->image, descriptor, stack))
		add(stacks, stack.start, descriptor - LOCAL_BYTES);
}

static void search_segment(const struct stacks *stacks, const struct image_segment *segment)
{
	uint64_t at = 0;

	while (at + DESCRIPTOR_ALIGNMENT <= segment->size) {
		addr_t address = segment->start + at;
		const struct address_range *taken =
			at % PAGE_SIZE_BYTES ? NULL : taken_at(stacks, address);

		if (taken) {
			at = page_ceiling(taken->end) - segment->start;
			continue;
		}
		if (load_u64(segment->bytes + at) == address &&
		    load_u64(segment->bytes + at + 16) == address)
			add_ended(stacks, address);
		at += DESCRIPTOR_ALIGNMENT;
	}
}

void dead_stacks_find(const struct image *image, const struct address_ranges *taken,
		      struct address_ranges *ret)
{
	struct stacks stacks = {image, taken, ret};

	for (size_t i = 0; i < image_thread_count(image); i++)
		add_below(&stacks, image_thread(image, i));
	for (size_t i = 0; i < image_segment_count(image); i++) {
		const struct image_segment *segment = image_segment(image, i);

		if (segment->writable && !image_file_at(image, segment->start))
			search_segment(&stacks, segment);
	}
}
