INSERT INTO arenas (id, allocator, address, size, used, free, pools, free_pools, cached, top)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
