INSERT INTO blocks (id, address, size, allocator, state, owner_id, kind)
VALUES (?, ?, ?, ?, ?, ?, ?);
