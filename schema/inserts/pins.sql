INSERT INTO pins (arena_id, pool_id, object_id, block_id, size, path, release_id)
VALUES (?, ?, ?, ?, ?, ?, ?);
