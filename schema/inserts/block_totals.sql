INSERT INTO block_totals (allocator, state, kind, owned, blocks, bytes)
VALUES (?, ?, ?, ?, ?, ?);
