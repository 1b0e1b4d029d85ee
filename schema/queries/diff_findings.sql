-- What grew most and where it hangs, in words.
WITH grown AS (
	SELECT 'place' AS kind, s.bytes, g.new_objects - g.old_objects AS objects, CASE
		WHEN g.new_objects > g.old_objects
			THEN printf('%,d more %s at %s', g.new_objects - g.old_objects, t.name, p.path)
		ELSE printf('%s grew (%s)', p.path, t.name) END AS sentence
	FROM temp.place_growth s
	JOIN main.places p ON p.id = s.id
	JOIN main.types t ON t.id = p.type_id
	JOIN temp.growth g ON g.subject = 'place' AND g.key = +p.fingerprint
	WHERE s.shown
	UNION ALL
	SELECT 'block', new_bytes - old_bytes, new_objects - old_objects,
		printf('%,d more blocks that no object owns (%s)', new_objects - old_objects, key)
	FROM temp.growth
	WHERE subject = 'block' AND shown
	UNION ALL
	SELECT 'free', new_bytes - old_bytes, new_objects - old_objects,
		printf('%s keeps more memory that nobody uses', replace(key, ': free', ''))
	FROM temp.growth
	WHERE subject = 'heap' AND key LIKE '%: free' AND shown
)
SELECT row_number() OVER (ORDER BY bytes DESC, sentence) AS rank, kind, bytes, objects, sentence
FROM grown
WHERE bytes > 0
ORDER BY rank
LIMIT :top;
