#include "store/rows.h"

static void insert_told(struct insert *insert, int64_t value)
{
	if (value == COLLECTOR_UNKNOWN)
		insert_null(insert);
	else
		insert_integer(insert, value);
}

bool rows_collectors(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->collectors.count; i++) {
		const struct collector_report *collector = &snapshot->collectors.items[i];

		insert_id(insert, i);
		insert_integer(insert, collector->enabled);
		insert_integer(insert, collector->collecting);
		insert_integer(insert, collector->debug);
		insert_told(insert, collector->long_lived_total);
		insert_told(insert, collector->long_lived_pending);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

static void bind_pass(struct insert *insert, const struct snapshot_generation *generation)
{
	const struct collector_pass *pass = &generation->pass;

	insert_if(insert, generation->is_counted, generation->tracked.in_cycles);
	insert_if(insert, generation->is_counted, generation->tracked.leaves);
	insert_if(insert, generation->is_simulated, pass->visited);
	insert_if(insert, generation->is_simulated, pass->followed);
	insert_if(insert, generation->is_simulated, pass->found);
	insert_if(insert, generation->is_simulated, pass->found_bytes);
}

bool rows_generations(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	vector_each (&snapshot->generations, generation) {
		const struct generation_report *told =
			&snapshot->collectors.items[generation->collector]
				 .generations[generation->number];

		insert_id(insert, generation->collector);
		insert_integer(insert, generation->number);
		insert_unsigned(insert, told->objects);
		insert_told(insert, told->threshold);
		insert_told(insert, told->count);
		insert_told(insert, told->collections);
		insert_told(insert, told->collected);
		insert_told(insert, told->uncollectable);
		bind_pass(insert, generation);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_tracked_types(struct insert *insert, const struct snapshot *snapshot,
			struct error *err)
{
	vector_each (&snapshot->tracked_types, tracked) {
		insert_id(insert, tracked->type);
		insert_unsigned(insert, tracked->objects);
		insert_unsigned(insert, tracked->in_cycles);
		insert_unsigned(insert, tracked->leaves);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
