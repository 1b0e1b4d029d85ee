#include "store/rows.h"

static bool is_duplicate(const struct snapshot_waste *waste)
{
	return strncmp(waste->kind, "duplicate-", strlen("duplicate-")) == 0;
}

bool rows_waste(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->waste.count; i++) {
		const struct snapshot_waste *waste = &snapshot->waste.items[i];

		insert_id(insert, i);
		insert_text(insert, waste->kind);
		insert_known_text(insert, waste->holder);
		insert_unsigned(insert, waste->objects);
		insert_if(insert, waste->has_distinct, waste->distinct);
		insert_unsigned(insert, waste->bytes);
		insert_unsigned(insert, waste->savings);
		insert_id(insert, waste->example);
		insert_if(insert, is_duplicate(waste), waste->example_weight);
		insert_text(insert, waste->advice);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
