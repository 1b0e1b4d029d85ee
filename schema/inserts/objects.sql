INSERT INTO objects (id, address, type_id, size, owned_size, retained_size, refcount,
	found_refs, surplus, state, gc_tracked, gc_generation, immortal, static, distance,
	dominator_id, cycle_id, value, lender, content, place_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
