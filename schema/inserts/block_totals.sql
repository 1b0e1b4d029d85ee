INSERT INTO block_totals (allocator, state, kind, owned, blocks, bytes, confidence, size,
	first_word_id, holder_id, example_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
