INSERT INTO block_totals (allocator, state, kind, blocks, bytes)
VALUES (?, ?, ?, ?, ?);
