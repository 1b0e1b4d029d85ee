-- Kinds of blocks in use that grew or shrank, those of objects too.
SELECT g.key AS kind, g.subject = 'owned block' AS owned,
	g.new_objects - g.old_objects AS objects, g.new_bytes - g.old_bytes AS bytes,
	g.old_objects, g.new_objects, g.old_bytes, g.new_bytes,
	g.objects_series, g.bytes_series
FROM temp.growth g
WHERE g.subject IN ('block', 'owned block') AND g.shown
ORDER BY bytes DESC, objects DESC, g.key
LIMIT :top;
