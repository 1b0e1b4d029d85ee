-- What the allocators have from the system, and their pools by size of block; objects: arenas,
-- pools.
SELECT g.key AS kind, g.new_objects - g.old_objects AS objects, g.new_bytes - g.old_bytes AS bytes,
	g.old_objects, g.new_objects, g.old_bytes, g.new_bytes,
	g.objects_series, g.bytes_series
FROM temp.growth g
WHERE g.subject = 'heap' AND g.shown
ORDER BY bytes DESC, objects DESC, g.key
LIMIT :top;
