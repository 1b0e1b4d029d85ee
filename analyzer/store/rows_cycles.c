#include "store/rows.h"

static uint32_t cycle_objects(const struct snapshot *snapshot, uint32_t component)
{
	return snapshot->components.first[component + 1] -
	       snapshot->components.first[component];
}

bool rows_cycles(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->cycles.count; i++) {
		const struct snapshot_cycle *cycle = &snapshot->cycles.items[i];

		insert_id(insert, i);
		insert_text(insert, object_state_name(cycle->state));
		insert_integer(insert, cycle_objects(snapshot, cycle->component));
		insert_unsigned(insert, cycle->bytes);
		insert_text(insert, cycle->pattern);
		insert_unsigned(insert, cycle->fingerprint);
		insert_integer(insert, cycle->finalizers);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_cycle_members(struct insert *insert, const struct snapshot *snapshot,
			struct error *err)
{
	for (uint32_t i = 0; i < snapshot->cycles.count; i++) {
		uint32_t component = snapshot->cycles.items[i].component;
		uint32_t first = snapshot->components.first[component];

		for (uint32_t j = 0; j < cycle_objects(snapshot, component); j++) {
			insert_id(insert, i);
			insert_id(insert, snapshot->components.members[first + j]);
			if (!insert_row(insert, err))
				return false;
		}
	}
	return true;
}

static void insert_held(struct insert *insert, const struct snapshot_cycle_pattern *pattern)
{
	if (pattern->state == STATE_GARBAGE) {
		insert_unsigned(insert, pattern->held_objects);
		insert_unsigned(insert, pattern->held_bytes);
	} else {
		insert_null(insert);
		insert_null(insert);
	}
}

bool rows_cycle_patterns(struct insert *insert, const struct snapshot *snapshot,
			 struct error *err)
{
	for (uint32_t i = 0; i < snapshot->cycle_patterns.count; i++) {
		const struct snapshot_cycle_pattern *pattern =
			&snapshot->cycle_patterns.items[i];

		insert_id(insert, i);
		insert_text(insert, object_state_name(pattern->state));
		insert_text(insert, cycle_kind_name(pattern->kind));
		insert_text(insert, pattern->pattern);
		insert_unsigned(insert, pattern->fingerprint);
		insert_unsigned(insert, pattern->cycles);
		insert_unsigned(insert, pattern->objects);
		insert_unsigned(insert, pattern->bytes);
		insert_unsigned(insert, pattern->finalizers);
		insert_id(insert, pattern->example);
		insert_text(insert, pattern->type);
		insert_unsigned(insert, pattern->type_objects);
		insert_held(insert, pattern);
		insert_id(insert, pattern->edge);
		insert_id(insert, pattern->owner);
		insert_integer(insert, pattern->owner_cycles);
		insert_known_text(insert, pattern->advice);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_cycle_edges(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->cycle_edges.count; i++) {
		const struct snapshot_cycle_edge *edge = &snapshot->cycle_edges.items[i];

		insert_id(insert, i);
		insert_id(insert, edge->pattern);
		insert_text(insert, edge->text);
		insert_unsigned(insert, edge->references);
		insert_unsigned(insert, edge->cycles);
		insert_unsigned(insert, edge->objects);
		insert_unsigned(insert, edge->bytes);
		insert_integer(insert, edge->direction);
		insert_integer(insert, edge->chosen);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
