/*
 * Thread states: what they hold, the frames that they execute, and which of the dump's threads
 * each belongs to.
 */
#include "runtime/cpython/walk.h"

#define MOST_THREADS 100000

/* Two threads of a dump differ in their control blocks; kernel ids may be of another namespace,
 * and a forked child's state keeps its parent's. */
static uint32_t find_thread(const struct walk *walk, uint64_t handle, uint64_t native)
{
	const struct image *image = walk->python->image;
	uint32_t found = OBJECT_NONE;

	for (size_t i = 0; i < image_thread_count(image); i++) {
		const struct image_thread *thread = image_thread(image, i);

		/* pthread_self() is the thread's control block, to which fs points. */
		if (handle && thread->registers[REGISTER_FS_BASE] == handle)
			return (uint32_t)i;
		if (native && thread->id == native)
			found = (uint32_t)i;
	}
	return found;
}

/* A state whose thread is not in the dump, as a fork leaves it behind, gets a row of its own.
 */
static uint32_t report_gone_thread(struct walk *walk, uint64_t native,
				   struct stack_counts *counts)
{
	struct thread_report report = {.id = (uint32_t)native, .name = ""};

	walk->visitor->thread(walk->visitor->context, &report);
	return counts->threads++;
}

static uint32_t thread_of(struct walk *walk, addr_t state, struct stack_counts *counts)
{
	const struct python *python = walk->python;
	const struct fields *fields = &python->fields;
	uint64_t handle = 0, native = 0;
	uint32_t thread;

	image_read_u64(python->image, state + field_offset(fields, THREAD_ID), &handle);
	if (has_field(fields, THREAD_NATIVE_ID))
		image_read_u64(python->image, state + field_offset(fields, THREAD_NATIVE_ID),
			       &native);
	thread = find_thread(walk, handle, native);
	return thread == OBJECT_NONE ? report_gone_thread(walk, native, counts) : thread;
}

static addr_t current_frame(const struct walk *walk, addr_t state)
{
	const struct python *python = walk->python;
	addr_t frame = 0;

	if (has_field(&python->fields, THREAD_FRAME))
		image_read_u64(python->image,
			       state + field_offset(&python->fields, THREAD_FRAME), &frame);
	else if (has_field(&python->fields, THREAD_CURRENT_FRAME))
		image_read_u64(python->image,
			       state + field_offset(&python->fields, THREAD_CURRENT_FRAME),
			       &frame);
	else if (has_field(&python->fields, THREAD_CFRAME) &&
		 image_read_u64(python->image,
				state + field_offset(&python->fields, THREAD_CFRAME), &frame))
		image_read_u64(python->image,
			       frame + field_offset(&python->fields, CFRAME_CURRENT), &frame);
	return frame;
}

/* The chunks that frames are laid on: what lies above the top is stale. */
static void claim_data_stack(struct walk *walk, addr_t state)
{
	const struct python *python = walk->python;
	addr_t chunk = 0;
	uint64_t size;

	if (!has_field(&python->fields, THREAD_CHUNK) ||
	    !image_read_u64(python->image, state + field_offset(&python->fields, THREAD_CHUNK),
			    &chunk))
		return;
	for (int i = 0; chunk && i < MOST_THREADS; i++) {
		if (!image_read_u64(python->image,
				    chunk + field_offset(&python->fields, CHUNK_SIZE), &size))
			return;
		walk_claim(walk, 0, chunk, size, "data-stack", false);
		if (!image_read_u64(python->image,
				    chunk + field_offset(&python->fields, CHUNK_PREVIOUS),
				    &chunk))
			return;
	}
}

/* Since 3.13 a thread's state is the beginning of a larger struct. */
static const struct plan *state_plan(const struct walk *walk)
{
	static const char *const names[] = {"_PyThreadStateImpl", "_ts"};
	uint32_t id = DEBUG_NONE;

	for (size_t i = 0; i < ARRAY_COUNT(names) && id == DEBUG_NONE; i++)
		id = python_struct(walk->python, names[i]);
	return plan_for(walk->plans, walk->python->debug, id);
}

void roots_threads(struct walk *walk, addr_t interpreter, struct stack_counts *counts)
{
	const struct python *python = walk->python;
	const struct plan *plan = state_plan(walk);
	addr_t state = 0;

	image_read_u64(python->image,
		       interpreter + field_offset(&python->fields, INTERPRETER_THREADS),
		       &state);
	for (int i = 0; state && plan && i < MOST_THREADS; i++) {
		uint32_t thread = thread_of(walk, state, counts);

		hold_root(walk, ROOT_THREAD, thread);
		walk_plan(walk, plan, state, "thread", REFERENCE_COUNTED);
		claim_data_stack(walk, state);
		hold_root(walk, ROOT_FRAME, thread);
		if (has_field(&python->fields, IFRAME_LOCALSPLUS))
			frame_rows(walk, current_frame(walk, state), thread, &counts->frames);
		else
			frame_object_rows(walk, current_frame(walk, state), thread,
					  &counts->frames);
		if (!image_read_u64(python->image,
				    state + field_offset(&python->fields, THREAD_NEXT), &state))
			return;
	}
}
