/*
 * The collector's lists: rings of PyGC_Head, 16 bytes before each container.  Generations and
 * the permanent generation (gc.freeze) keep one each; 3.8 has them in the runtime's state.
 *
 *   _gc_next   next head; the low bits are flags
 *   _gc_prev   previous head; the low bits are flags
 *
 * What it did so far, struct gc_generation_stats, stands in three rows in its state.  3.15 has
 * a pointer to struct gc_stats, which keeps the last few of each generation in a ring of rows:
 *
 *   young, old[2]   items[], and `index` of the latest, which has the sums up to then
 */
#include "runtime/cpython/walk.h"

#define HEAD_SIZE         16
#define FLAG_BITS         ((addr_t)3)
#define MOST_INTERPRETERS 1000
#define MOST_ITEMS        255 /* of a ring of statistics */
#define PERMANENT         (GENERATIONS - 1)

static uint64_t read_ring(struct walk *walk, addr_t head, struct address_set *set)
{
	addr_t at = head, next;

	for (uint64_t count = 0;; count++) {
		const uint8_t *word = image_view(walk->python->image, at, 8, &walk->hint);

		if (!word) {
			anomaly_record(walk->python->anomalies, STAGE_CPYTHON, at,
				       "a collector's list leads out of the dump");
			return count;
		}
		next = word_at(word) & ~FLAG_BITS;
		if (next == head)
			return count;
		/* Every member is met once in a sound ring, so a repeat ends the walk. */
		if (!address_set_add(set, next + HEAD_SIZE)) {
			anomaly_record(walk->python->anomalies, STAGE_CPYTHON, next,
				       "a collector's list does not end");
			return count;
		}
		at = next;
	}
}

/* A field of a struct at an address; COLLECTOR_UNKNOWN where there is none. */
static int64_t read_number(const struct walk *walk, addr_t address, enum field field)
{
	const struct fields *fields = &walk->python->fields;
	uint8_t bytes[sizeof(uint64_t)] = {0};
	const struct layout_field *at = &fields->at[field];
	size_t size = at->size < sizeof(bytes) ? at->size : sizeof(bytes);
	int64_t number = 0;

	if (!at->present || !address ||
	    !image_read(walk->python->image, address + at->offset, bytes, size))
		return COLLECTOR_UNKNOWN;
	memcpy(&number, bytes, sizeof(number));
	return size == sizeof(int32_t) ? (int32_t)number : size == 1 ? (int8_t)number : number;
}

static void read_generation(struct walk *walk, addr_t generation, unsigned number,
			    struct generation_report *ret)
{
	ret->objects = read_ring(
		walk, generation + field_offset(&walk->python->fields, GC_GENERATION_HEAD),
		walk->generations[number]);
	if (number == PERMANENT)
		return;
	ret->threshold = read_number(walk, generation, GC_GENERATION_THRESHOLD);
	ret->count = read_number(walk, generation, GC_GENERATION_COUNT);
}

/* Three generations in a row, or (early 3.14) a young one and two old ones. */
static void read_generations(struct walk *walk, addr_t collector,
			     struct collector_report *report)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t stride = python_struct_size(walk->python, "gc_generation");

	for (unsigned i = 0; i < PERMANENT; i++) {
		struct generation_report *generation = &report->generations[i];

		if (has_field(fields, GC_GENERATIONS))
			read_generation(walk,
					collector + field_offset(fields, GC_GENERATIONS) +
						i * stride,
					i, generation);
		else if (i == 0 && has_field(fields, GC_YOUNG))
			read_generation(walk, collector + field_offset(fields, GC_YOUNG), i,
					generation);
		else if (has_field(fields, GC_OLD))
			read_generation(walk,
					collector + field_offset(fields, GC_OLD) +
						(i - 1) * stride,
					i, generation);
	}
	read_generation(walk, collector + field_offset(fields, GC_PERMANENT), PERMANENT,
			&report->generations[PERMANENT]);
}

/* The latest row of a ring of statistics; 0 if there is none that makes sense. */
static addr_t latest_row(const struct walk *walk, addr_t ring, enum field index, addr_t buffer)
{
	int64_t latest = read_number(walk, buffer, index);

	if (latest < 0 || latest > MOST_ITEMS)
		return 0;
	return ring + (addr_t)latest * python_struct_size(walk->python, "gc_generation_stats");
}

/* Where the statistics of a generation stand; 0: nowhere. */
static addr_t statistics_of(const struct walk *walk, addr_t collector, unsigned number)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t ring = python_struct_size(walk->python, "gc_old_stats_buffer");
	addr_t statistics = collector + field_offset(fields, GC_STATISTICS), old;

	if (!has_field(fields, GC_STATISTICS))
		return 0;
	if (!has_field(fields, STATISTICS_YOUNG))
		return statistics +
		       number * python_struct_size(walk->python, "gc_generation_stats");
	if (!image_read_u64(walk->python->image, statistics, &statistics) || !statistics)
		return 0;
	if (number == 0)
		return latest_row(walk, statistics + field_offset(fields, STATISTICS_YOUNG),
				  STATISTICS_YOUNG_INDEX, statistics);
	old = statistics + field_offset(fields, STATISTICS_OLD) + (number - 1) * ring;
	return latest_row(walk, old, STATISTICS_OLD_INDEX, old);
}

static void read_state(const struct walk *walk, addr_t collector,
		       struct collector_report *report)
{
	const struct fields *fields = &walk->python->fields;

	report->enabled = read_number(walk, collector, GC_ENABLED) == 1;
	report->collecting = read_number(walk, collector, GC_COLLECTING) == 1;
	report->debug = (uint32_t)read_number(walk, collector, GC_DEBUG);
	report->long_lived_total = read_number(walk, collector, GC_LONG_LIVED_TOTAL);
	report->long_lived_pending = read_number(walk, collector, GC_LONG_LIVED_PENDING);
	report->incremental = has_field(fields, GC_OLD);
	for (unsigned i = 0; i < PERMANENT; i++) {
		struct generation_report *generation = &report->generations[i];
		addr_t statistics = statistics_of(walk, collector, i);

		generation->collections = read_number(walk, statistics, STATISTICS_COLLECTIONS);
		generation->collected = read_number(walk, statistics, STATISTICS_COLLECTED);
		generation->uncollectable =
			read_number(walk, statistics, STATISTICS_UNCOLLECTABLE);
	}
}

static void read_collector(struct walk *walk, addr_t collector)
{
	struct collector_report report = {.enabled = false};

	for (unsigned i = 0; i < GENERATIONS; i++)
		report.generations[i] = (struct generation_report){
			.threshold = COLLECTOR_UNKNOWN,
			.count = COLLECTOR_UNKNOWN,
			.collections = COLLECTOR_UNKNOWN,
			.collected = COLLECTOR_UNKNOWN,
			.uncollectable = COLLECTOR_UNKNOWN,
		};
	read_generations(walk, collector, &report);
	read_state(walk, collector, &report);
	walk->visitor->collector(walk->visitor->context, &report);
}

/* 3.8 has one collector for all interpreters. */
static void read_collectors(struct walk *walk)
{
	const struct python *python = walk->python;
	addr_t interpreter = python->interpreter;

	if (!has_field(&python->fields, INTERPRETER_GC)) {
		read_collector(walk,
			       python->runtime + field_offset(&python->fields, RUNTIME_GC));
		return;
	}
	for (int i = 0; i < MOST_INTERPRETERS && interpreter; i++) {
		read_collector(walk,
			       interpreter + field_offset(&python->fields, INTERPRETER_GC));
		interpreter = python_next_interpreter(python, interpreter);
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
