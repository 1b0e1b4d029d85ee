/*
 * What glibc's heap of a core holds, in the words of mallinfo2(3), without a runtime or a snapshot:
 *
 *	arena 1234		a fact, in bytes or as a number
 *	anomaly 55d0… a chunk's header is damaged
 *
 * Facts that malloc does not tell: tcache (bytes of chunks in tcaches, which uordblks has),
 * chunks, tops (a line for each).  With --time also the seconds of the walk and of reading the
 * same bytes once, and the bytes that all block reports together need.
 *
 * usage: heap-sums CORE [--sysroot DIR] [--time]
 */
#include "base/vector.h"
#include "core/bytes.h"
#include "heap/glibc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct sums {
	uint64_t arena, ordblks, smblks, hblks, hblkhd, fsmblks, fordblks, tcache;
	VECTOR_OF(struct block_report) blocks;
	VECTOR_OF(struct arena_report) arenas;
};

static void take_arena(void *context, const struct arena_report *arena)
{
	vector_push(&((struct sums *)context)->arenas, *arena);
}

static void take_block(void *context, const struct block_report *block)
{
	vector_push(&((struct sums *)context)->blocks, *block);
}

static void add_cached(struct sums *sums, const struct block_report *block)
{
	if (block->place != BLOCK_FASTBIN) {
		sums->tcache += block->size + 8;
		return;
	}
	sums->smblks++;
	sums->fsmblks += block->size + 8;
	sums->fordblks += block->size + 8;
}

static void add_block(struct sums *sums, const struct block_report *block)
{
	uint64_t overhead = block->place == BLOCK_TOP ? 16 : 8;

	if (block->place == BLOCK_MAPPED) {
		sums->hblks++;
		/* An aligned one begins later in its mapping. */
		sums->hblkhd += page_ceiling(block->address + block->size) -
				page_floor(block->address - 16);
	} else if (block->state == BLOCK_FREE) {
		sums->ordblks++;
		sums->fordblks += block->size + overhead;
	} else if (block->state == BLOCK_CACHED) {
		add_cached(sums, block);
	}
	if (block->place == BLOCK_TOP)
		printf("top %" PRIu64 "\n", block->size + overhead);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Adds all words of the arenas up, so that they are really read; the second time counts. */
static double seconds_to_read(const struct image *image, const struct sums *sums)
{
	volatile uint64_t kept;
	double start = 0;

	for (int round = 0; round < 2; round++) {
		uint64_t sum = 0;

		start = now();
		vector_each (&sums->arenas, arena) {
			size_t hint = 0;
			const uint8_t *bytes =
				image_view(image, arena->address, arena->size, &hint);

			for (uint64_t at = 0; bytes && at + 8 <= arena->size; at += 8)
				sum += load_u64(bytes + at);
		}
		kept = sum;
	}
	(void)kept;
	return now() - start;
}

static void walk(struct target *target, struct allocator *allocator, bool is_timed)
{
	struct sums sums = {0};
	struct heap_visitor visitor = {
		.context = &sums, .arena = take_arena, .block = take_block};
	double start = now();

	glibc_allocator.each(allocator, &visitor);
	if (is_timed) {
		double walked = now() - start;
		double again, read = seconds_to_read(target_image(target), &sums);

		sums.blocks.count = sums.arenas.count = 0;
		start = now();
		glibc_allocator.each(allocator, &visitor);
		again = now() - start;
		printf("seconds %.3f\nseconds-again %.3f\nseconds-read %.3f\nblock-bytes %zu\n",
		       walked, again, read, sums.blocks.capacity * sizeof(*sums.blocks.items));
	}
	vector_each (&sums.arenas, arena)
		sums.arena += arena->size;
	vector_each (&sums.blocks, block)
		add_block(&sums, block);
	printf("arena %" PRIu64 "\nordblks %" PRIu64 "\nsmblks %" PRIu64 "\nhblks %" PRIu64
	       "\nhblkhd %" PRIu64 "\nfsmblks %" PRIu64 "\nuordblks %" PRIu64
	       "\nfordblks %" PRIu64 "\ntcache %" PRIu64 "\nchunks %zu\n",
	       sums.arena, sums.ordblks, sums.smblks, sums.hblks, sums.hblkhd, sums.fsmblks,
	       sums.arena - sums.fordblks, sums.fordblks, sums.tcache, sums.blocks.count);
	vector_release(&sums.blocks);
	vector_release(&sums.arenas);
}

static int run(const char *core, const char *sysroot, bool is_timed, struct error *err)
{
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .sysroot = sysroot};
	struct target_options target_options = {.anomalies = anomalies};
	struct image *image = image_open_core(core, &options, err);
	struct target *target = image ? target_attach(image, &target_options, err) : NULL;
	double start = now();
	struct allocator *allocator = target ? glibc_allocator.attach(target, err) : NULL;

	if (!allocator) {
		fprintf(stderr, "heap-sums: %s: %s\n", core,
			err->kind == ERROR_NONE ? "it has no such malloc" : err->message);
		return 1;
	}
	if (is_timed)
		printf("seconds-attach %.3f\n", now() - start);
	walk(target, allocator, is_timed);
	for (size_t i = 0; i < anomalies_count(anomalies); i++)
		printf("anomaly %" PRIx64 " %s: %s (%" PRIu64 ")\n",
		       anomalies_get(anomalies, i)->address, anomalies_get(anomalies, i)->stage,
		       anomalies_get(anomalies, i)->message,
		       anomalies_get(anomalies, i)->count);
	glibc_allocator.detach(allocator);
	target_detach(target);
	anomalies_free(anomalies);
	return 0;
}

int main(int count, char **arguments)
{
	const char *sysroot = NULL;
	bool is_timed = false;
	struct error err = {0};

	if (count < 2) {
		fprintf(stderr, "usage: heap-sums CORE [--sysroot DIR] [--time]\n");
		return 2;
	}
	for (int i = 2; i < count; i++) {
		if (!strcmp(arguments[i], "--time"))
			is_timed = true;
		else if (!strcmp(arguments[i], "--sysroot") && i + 1 < count)
			sysroot = arguments[++i];
	}
	return run(arguments[1], sysroot, is_timed, &err);
}
