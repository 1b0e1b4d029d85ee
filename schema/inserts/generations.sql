INSERT INTO generations (collector_id, generation, objects, threshold, count, collections,
	collected, uncollectable, in_cycles, leaves, would_visit, would_follow, would_find,
	would_find_bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
