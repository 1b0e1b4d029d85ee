INSERT INTO pools (id, arena_id, address, size, header, block_size, capacity, used)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);
