-- Types that grew or shrank, the one that grew most first.
SELECT g.key AS type, g.new_objects - g.old_objects AS objects, g.new_bytes - g.old_bytes AS bytes,
	g.old_objects, g.new_objects, g.old_bytes, g.new_bytes,
	coalesce(g.new_retained, CASE g.new_objects WHEN 0 THEN 0 END)
		- coalesce(g.old_retained, CASE g.old_objects WHEN 0 THEN 0 END) AS retained_bytes,
	g.old_retained, g.new_retained,
	g.objects_series, g.bytes_series
FROM temp.growth g
WHERE g.subject = 'type' AND g.shown
ORDER BY bytes DESC, objects DESC, g.key
LIMIT :top;
