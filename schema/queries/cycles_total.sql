SELECT coalesce(sum(cycles), 0) AS cycles, coalesce(sum(objects), 0) AS objects,
	coalesce(sum(bytes), 0) AS bytes,
	coalesce(sum(cycles) FILTER (WHERE state = 'garbage'), 0) AS garbage,
	coalesce(sum(bytes) FILTER (WHERE state = 'garbage'), 0) AS garbage_bytes
FROM cycle_patterns;
