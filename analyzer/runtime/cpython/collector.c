/*
 * The collector's lists: rings of PyGC_Head, 16 bytes before each container.  Generations and
 * the permanent generation (gc.freeze) keep one each; 3.8 has them in the runtime's state.
 *
 *   _gc_next   next head; the low bits are flags
 *   _gc_prev   previous head; the low bits are flags
 */
#include "runtime/cpython/walk.h"

#define HEAD_SIZE         16
#define FLAG_BITS         ((addr_t)3)
#define MOST_INTERPRETERS 1000

static void read_ring(struct walk *walk, addr_t head, struct address_set *set)
{
	addr_t at = head, next;

	for (;;) {
		const uint8_t *word = image_view(walk->python->image, at, 8, &walk->hint);

		if (!word) {
			anomaly_record(walk->python->anomalies, STAGE_CPYTHON, at,
				       "a collector's list leads out of the dump");
			return;
		}
		next = word_at(word) & ~FLAG_BITS;
		if (next == head)
			return;
		/* Every member is met once in a sound ring, so a repeat ends the walk. */
		if (!address_set_add(set, next + HEAD_SIZE)) {
			anomaly_record(walk->python->anomalies, STAGE_CPYTHON, next,
				       "a collector's list does not end");
			return;
		}
		at = next;
	}
}

static void read_generation(struct walk *walk, addr_t generation, unsigned number)
{
	read_ring(walk, generation + field_offset(&walk->python->fields, GC_GENERATION_HEAD),
		  walk->generations[number]);
}

/* Three generations in a row, or (early 3.14) a young one and two old ones. */
static void read_generations(struct walk *walk, addr_t collector)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t stride = python_struct_size(walk->python, "gc_generation");

	for (unsigned i = 0; i < GENERATIONS - 1; i++) {
		if (has_field(fields, GC_GENERATIONS))
			read_generation(walk,
					collector + field_offset(fields, GC_GENERATIONS) +
						i * stride,
					i);
		else if (i == 0 && has_field(fields, GC_YOUNG))
			read_generation(walk, collector + field_offset(fields, GC_YOUNG), i);
		else if (has_field(fields, GC_OLD))
			read_generation(
				walk,
				collector + field_offset(fields, GC_OLD) + (i - 1) * stride, i);
	}
	read_generation(walk, collector + field_offset(fields, GC_PERMANENT), GENERATIONS - 1);
}

/* 3.8 has one collector for all interpreters. */
static void read_collectors(struct walk *walk)
{
	const struct python *python = walk->python;
	addr_t interpreter = python->interpreter;

	if (!has_field(&python->fields, INTERPRETER_GC)) {
		read_generations(walk,
				 python->runtime + field_offset(&python->fields, RUNTIME_GC));
		return;
	}
	for (int i = 0; i < MOST_INTERPRETERS && interpreter; i++) {
		read_generations(walk,
				 interpreter + field_offset(&python->fields, INTERPRETER_GC));
		if (!image_read_u64(python->image,
				    interpreter +
					    field_offset(&python->fields, INTERPRETER_NEXT),
				    &interpreter))
			return;
	}
}

bool collector_read(struct walk *walk, struct error *err)
{
	read_collectors(walk);
	for (unsigned i = 0; i < GENERATIONS; i++)
		if (!address_set_freeze(walk->generations[i]))
			return error_out_of_memory(err, "reading the collector's lists");
	return true;
}
