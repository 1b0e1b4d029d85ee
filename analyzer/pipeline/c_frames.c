#include "pipeline/c_frames.h"

#include "base/search.h"
#include "target/unwind.h"

#include <stdlib.h>

#define MOST_FRAMES 100000u /* of a thread */

static uint32_t thread_of(const struct collection *collection, uint32_t id)
{
	for (uint32_t i = 0; i < collection->threads.count; i++)
		if (collection->threads.items[i].id == id)
			return i;
	return OBJECT_NONE;
}

static void add_frame(struct target *target, const struct call_frame *frame,
		      struct snapshot_c_frame row, struct snapshot *snapshot)
{
	const struct module *module = target_module_at(target, frame->code);
	struct binary_symbol symbol;

	row.words = (struct address_range){frame->start, frame->end};
	if (module) {
		row.module = module_name(module);
		if (module_symbol_at(module, frame->code, &symbol))
			row.function = symbol.name;
	}
	vector_push(&snapshot->c_frames, row);
}

static void add_thread(struct target *target, const struct image_thread *thread, uint32_t row,
		       struct snapshot *snapshot)
{
	struct unwind unwind;
	struct call_frame frame;

	unwind_begin(&unwind, target, thread);
	for (uint32_t depth = 0; depth < MOST_FRAMES && unwind_next(&unwind, &frame); depth++)
		add_frame(target, &frame,
			  (struct snapshot_c_frame){.thread = row, .depth = depth}, snapshot);
}

static int compare_frames(const void *left, const void *right)
{
	const struct snapshot_c_frame *a = left, *b = right;

	return addr_compare(&a->words.start, &b->words.start);
}

bool c_frames_fill(struct target *target, const struct collection *collection,
		   struct snapshot *snapshot, struct error *err)
{
	const struct image *image = target_image(target);

	for (size_t i = 0; i < image_thread_count(image); i++) {
		uint32_t row = thread_of(collection, image_thread(image, i)->id);

		if (row != OBJECT_NONE)
			add_thread(target, image_thread(image, i), row, snapshot);
	}
	if (snapshot->c_frames.count)
		qsort(snapshot->c_frames.items, snapshot->c_frames.count,
		      sizeof(*snapshot->c_frames.items), compare_frames);
	return !snapshot->c_frames.failed || error_out_of_memory(err, "reading C frames");
}

const struct snapshot_c_frame *c_frames_at(const struct snapshot *snapshot, addr_t address)
{
	const struct snapshot_c_frame *frames = snapshot->c_frames.items;
	size_t below =
		count_leading(snapshot->c_frames.count, i, frames[i].words.start <= address);

	return below && address < frames[below - 1].words.end ? &frames[below - 1] : NULL;
}
