INSERT INTO blocks (id, address, size, allocator, state, owner_id, kind, confidence,
	evidence_id, first_word_id, holder_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
