#include "support/heap_sample.h"

#include "core/bytes.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>

const struct release with_fastbins = {112, 16}, without_fastbins = {24, 0};

void sample_put(uint8_t *bytes, uint64_t offset, uint64_t value)
{
	memcpy(bytes + offset, &value, sizeof(value));
}

void sample_put_heap(struct heap_sample *sample, addr_t address, uint64_t value)
{
	sample_put(sample->heap, address - HEAP, value);
}

struct heap_sample *sample_begin(const struct release *release)
{
	struct heap_sample *sample = calloc(1, sizeof(*sample));
	addr_t bins = DATA + release->bins;

	cr_assert(sample);
	sample->release = release;
	sample->first_break = HEAP;
	for (uint64_t i = 0; i < 254; i++)
		sample_put(sample->data, release->bins + i * 8, bins + i / 2 * 16 - 16);
	sample_put(sample->data, release->bins + 2048, DATA);
	sample_put(sample->data, release->bins + 2072, HEAP_SIZE);
	return sample;
}

addr_t sample_add_chunk(struct heap_sample *sample, uint64_t size)
{
	addr_t user = HEAP + sample->next + 16;

	sample_put_heap(sample, user - 8, size | 1);
	sample->next += size;
	return user;
}

void sample_free_chunk(struct heap_sample *sample, addr_t user)
{
	uint64_t size = load_u64(sample->heap + (user - 8 - HEAP)) & ~7ul;
	addr_t next = user - 16 + size;

	sample_put_heap(sample, next, size);
	sample_put_heap(sample, next + 8, load_u64(sample->heap + (next + 8 - HEAP)) & ~1ul);
}

addr_t sample_add_top(struct heap_sample *sample)
{
	addr_t top = sample_add_chunk(sample, HEAP_SIZE - sample->next) - 16;

	sample_put(sample->data, sample->release->bins - 16, top);
	return top;
}

void sample_add_parameters(struct heap_sample *sample, uint32_t mapped, uint64_t bytes)
{
	uint32_t ints[] = {mapped, 65536, mapped, 0};

	memcpy(sample->data + 0x100c, ints, sizeof(ints)); /* 4 bytes of padding follow */
	sample_put(sample->data, 0x1020, bytes);
	sample_put(sample->data, 0x1028, bytes);
	sample_put(sample->data, 0x1030, sample->first_break);
}

static void take_block(void *context, const struct block_report *block)
{
	cr_assert(vector_push(&((struct heap_sample *)context)->blocks, *block));
}

static void take_arena(void *context, const struct arena_report *arena)
{
	cr_assert(vector_push(&((struct heap_sample *)context)->arenas, *arena));
}

static void load_thread(struct heap_sample *sample)
{
	uint8_t status[336] = {0};

	sample_put(status, 112 + REGISTER_FS_BASE * 8, THREAD);
	sample_put(sample->thread, 8, THREAD + 0x100);
	sample_put(sample->thread, 0x110, TLS);
	core_note(sample->core, NT_PRSTATUS, status, sizeof(status));
	core_load(sample->core, (struct core_load){.address = THREAD,
						   .bytes = sample->thread,
						   .size = sizeof(sample->thread)});
	core_load(sample->core, (struct core_load){.address = TLS,
						   .bytes = sample->tls,
						   .size = sizeof(sample->tls)});
}

bool sample_walk(struct heap_sample *sample)
{
	struct heap_visitor visitor = {
		.context = sample, .arena = take_arena, .block = take_block};
	struct target_options options = {0};
	struct error err = {0};
	struct allocator *allocator;

	sample->core = core_create();
	load_thread(sample);
	core_load(sample->core, (struct core_load){.address = HEAP,
						   .bytes = sample->heap,
						   .size = sizeof(sample->heap)});
	core_load(sample->core, (struct core_load){.address = DATA,
						   .bytes = sample->data,
						   .size = sizeof(sample->data)});
	if (sample->has_mapped)
		core_load(sample->core, (struct core_load){.address = MAPPED,
							   .bytes = sample->mapped,
							   .size = sizeof(sample->mapped)});
	core_file(sample->core, (struct core_file){DATA, DATA + sizeof(sample->data), 0x1000,
						   "/nowhere/libc.so.6"});
	{
		struct image *image = core_open(sample->core, &sample->anomalies);

		options.anomalies = sample->anomalies;
		sample->target = target_attach(image, &options, &err);
	}
	cr_assert(sample->target, "%s", err.message);
	allocator = glibc_allocator.attach(sample->target, &err);
	cr_assert_eq(err.kind, ERROR_NONE, "%s", err.message);
	if (!allocator)
		return false;
	glibc_allocator.each(allocator, &visitor);
	glibc_allocator.detach(allocator);
	return true;
}

void sample_end(struct heap_sample *sample)
{
	target_detach(sample->target);
	vector_release(&sample->blocks);
	vector_release(&sample->arenas);
	core_free(sample->core);
	free(sample);
}

const char *sample_states(const struct heap_sample *sample)
{
	static char text[512];
	static const char *const names[] = {"used", "free", "cached"};
	size_t at = 0;

	text[0] = '\0';
	vector_each (&sample->blocks, block)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s%s %llu",
				       at ? ", " : "",
				       block->place == BLOCK_TOP      ? "top "
				       : block->place == BLOCK_MAPPED ? "mapped "
								      : "",
				       names[block->state], (unsigned long long)block->size);
	return text;
}

size_t sample_anomalies(const struct heap_sample *sample)
{
	size_t count = 0;

	for (size_t i = 0; i < anomalies_count(sample->anomalies); i++)
		count += !strcmp(anomalies_get(sample->anomalies, i)->stage, "glibc");
	return count;
}

addr_t sample_add_tcache(struct heap_sample *sample)
{
	addr_t tcache = sample_add_chunk(sample, TCACHE);

	sample_put(sample->tls, 0x48, tcache);
	return tcache;
}

void sample_set_tcache(struct heap_sample *sample, addr_t tcache, uint32_t list, addr_t first,
		       uint16_t count)
{
	memcpy(sample->heap + (tcache - HEAP) + list * 2, &count, sizeof(count));
	sample_put_heap(sample, tcache + 128 + list * 8, first);
}
