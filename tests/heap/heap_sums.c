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
 * usage: heap-sums CORE [--sysroot DIR] [--time] [--used]
 *
 * --used: a line for each block in use, with its usable size; pads are a part of it.
 */
#include "base/vector.h"
#include "core/bytes.h"
#include "heap/glibc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct sums {
	const struct image *image;
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

/* An aligned one begins later in its mapping, and its chunk tells by how much. */
static uint64_t mapping_size(const struct sums *sums, const struct block_report *block)
{
	uint64_t lead = 0;

	image_read_u64(sums->image, block->address - 16, &lead);
	return page_ceiling(block->address + block->size) - (block->address - 16 - lead);
}

static void add_block(struct sums *sums, const struct block_report *block)
{
	uint64_t overhead = block->place == BLOCK_TOP ? 16 : 8;

	if (block->place == BLOCK_MAPPED) {
		sums->hblks++;
		sums->hblkhd += mapping_size(sums, block);
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

struct options {
	const char *core, *sysroot;
	bool is_timed, shows_used;
};

static void show_used(const struct sums *sums)
{
	vector_each (&sums->blocks, block)
		if (block->state == BLOCK_USED)
			printf("used %" PRIu64 " %" PRIu64 "\n", block->address, block->size);
}

static void walk(struct target *target, struct allocator *allocator,
		 const struct options *options)
{
	struct sums sums = {.image = target_image(target)};
	struct heap_visitor visitor = {
		.context = &sums, .arena = take_arena, .block = take_block};
	double start = now();

	glibc_allocator.each(allocator, &visitor);
	if (options->is_timed) {
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
	if (options->shows_used)
		show_used(&sums);
	vector_release(&sums.blocks);
	vector_release(&sums.arenas);
}

static void show_anomalies(const struct anomalies *anomalies)
{
	for (size_t i = 0; i < anomalies_count(anomalies); i++)
		printf("anomaly %" PRIx64 " %s: %s (%" PRIu64 ")\n",
		       anomalies_get(anomalies, i)->address, anomalies_get(anomalies, i)->stage,
		       anomalies_get(anomalies, i)->message,
		       anomalies_get(anomalies, i)->count);
}

static bool run(const struct options *options, struct anomalies *anomalies, struct error *err)
{
	struct image_options image_options = {.anomalies = anomalies,
					      .sysroot = options->sysroot};
	struct target_options target_options = {.anomalies = anomalies};
	struct image *image = image_open_core(options->core, &image_options, err);
	CLEANUP(target_detachp)
	struct target *target = image ? target_attach(image, &target_options, err) : NULL;
	double start = now();
	struct allocator *allocator = target ? glibc_allocator.attach(target, err) : NULL;

	if (!allocator)
		return err->kind == ERROR_NONE &&
		       error_set(err, ERROR_INPUT, "%s: it has no such malloc", options->core);
	if (options->is_timed)
		printf("seconds-attach %.3f\n", now() - start);
	walk(target, allocator, options);
	show_anomalies(anomalies);
	glibc_allocator.detach(allocator);
	return true;
}

int main(int count, char **arguments)
{
	struct anomalies *anomalies = anomalies_create();
	struct options options = {.core = count > 1 ? arguments[1] : NULL};
	struct error err = {0};

	if (!options.core || !anomalies) {
		fprintf(stderr, "usage: heap-sums CORE [--sysroot DIR] [--time] [--used]\n");
		return 2;
	}
	for (int i = 2; i < count; i++) {
		options.is_timed |= !strcmp(arguments[i], "--time");
		options.shows_used |= !strcmp(arguments[i], "--used");
		if (!strcmp(arguments[i], "--sysroot") && i + 1 < count)
			options.sysroot = arguments[++i];
	}
	run(&options, anomalies, &err);
	anomalies_free(anomalies);
	if (err.kind != ERROR_NONE)
		fprintf(stderr, "heap-sums: %s\n", err.message);
	return err.kind != ERROR_NONE;
}
