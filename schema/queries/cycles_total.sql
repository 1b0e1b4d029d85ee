SELECT count(*) AS cycles, coalesce(sum(objects), 0) AS objects, coalesce(sum(bytes), 0) AS bytes,
	count(*) FILTER (WHERE state = 'garbage') AS garbage,
	coalesce(sum(bytes) FILTER (WHERE state = 'garbage'), 0) AS garbage_bytes
FROM cycles;
