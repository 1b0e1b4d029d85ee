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

static const struct address_range *taken_at(const struct address_ranges *taken, addr_t address)
{
	const struct address_range *items = taken->items;
	size_t below = count_leading(taken->count, i, items[i].start <= address);

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

static void add(struct address_ranges *ret, addr_t start, addr_t end)
{
	if (start < end)
		vector_push(ret, ((struct address_range){start, end}));
}

static void add_below(const struct image *image, const struct image_thread *thread,
		      struct address_ranges *ret)
{
	addr_t pointer = thread->registers[REGISTER_RSP];
	struct address_range stack;

	if (find_first_stack(image, pointer, &stack) ||
	    (find_block(image, thread->registers[REGISTER_FS_BASE], &stack) &&
	     range_has(stack, pointer)))
		add(ret, stack.start, (pointer - RED_ZONE) & ~(addr_t)7);
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

/* Those whose descriptors are in the `size` bytes at the address. */
static void search(const struct image *image, addr_t start, const uint8_t *bytes, uint64_t size,
		   const struct address_ranges *taken, struct ended_stacks *ret)
{
	uint64_t at = 0;

	while (at + DESCRIPTOR_ALIGNMENT <= size) {
		addr_t address = start + at;
		const struct address_range *skipped =
			at % PAGE_SIZE_BYTES ? NULL : taken_at(taken, address);
		struct ended_stack stack = {.descriptor = address};

		if (skipped) {
			at = page_ceiling(skipped->end) - start;
			continue;
		}
		if (load_u64(bytes + at) == address && load_u64(bytes + at + 16) == address &&
		    find_block(image, address, &stack.range) &&
		    !is_alive(image, address, stack.range))
			vector_push(ret, stack);
		at += DESCRIPTOR_ALIGNMENT;
	}
}

void ended_stacks_find(const struct image *image, struct address_range within,
		       const struct address_ranges *taken, struct ended_stacks *ret)
{
	for (size_t i = 0; i < image_segment_count(image); i++) {
		const struct image_segment *segment = image_segment(image, i);
		addr_t start = segment->start, end = segment->start + segment->size;

		if (!segment->writable || image_file_at(image, segment->start))
			continue;
		if (start < within.start)
			start = within.start;
		if (end > within.end)
			end = within.end;
		if (start < end)
			search(image, start, segment->bytes + (start - segment->start),
			       end - start, taken, ret);
	}
}

/*
 * The descriptor itself stays: it has the thread-local blocks that the next thread gets.  So do
 * thread-local variables below it: of a thread that fork() left behind, malloc's cache hangs on one.
 */
void dead_stacks_find(const struct image *image, const struct address_ranges *taken,
		      struct address_ranges *ret)
{
	struct ended_stacks ended = {0};

	for (size_t i = 0; i < image_thread_count(image); i++) {
		const struct image_thread *thread = image_thread(image, i);
		addr_t pointer = thread->registers[REGISTER_RSP];

		if (pointer >= RED_ZONE && !taken_at(taken, pointer))
			add_below(image, thread, ret);
	}
	ended_stacks_find(image, (struct address_range){0, UINT64_MAX}, taken, &ended);
	vector_each (&ended, stack)
		if (stack->descriptor - stack->range.start > LOCAL_BYTES)
			add(ret, stack->range.start, stack->descriptor - LOCAL_BYTES);
	ret->failed |= ended.failed;
	vector_release(&ended);
}
