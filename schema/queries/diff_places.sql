-- Where growth began: bytes and all_objects are of all that came with it, objects those at the place.
SELECT p.path, t.name AS type, g.new_objects - g.old_objects AS objects, s.bytes,
	s.total_objects AS all_objects, g.old_objects, g.new_objects, path(p.example_id) AS example,
	printf('%016x', p.fingerprint) AS fingerprint,
	g.objects_series, g.bytes_series
FROM (
	SELECT * FROM temp.place_growth
	WHERE shown
	ORDER BY bytes DESC, id
	LIMIT :top
) s
JOIN main.places p ON p.id = s.id
JOIN main.types t ON t.id = p.type_id
JOIN temp.growth g ON g.subject = 'place' AND g.key = +p.fingerprint
ORDER BY s.bytes DESC, s.id;
