-- Objects that were born and died, by the place where they hang or hung.
SELECT path, type, sum(born) AS born, sum(born_bytes) AS born_bytes, sum(died) AS died,
	sum(died_bytes) AS died_bytes
FROM (
	SELECT p.fingerprint, p.path, t.name AS type, count(*) AS born,
		sum(o.size + o.owned_size) AS born_bytes, 0 AS died, 0 AS died_bytes
	FROM temp.born b
	CROSS JOIN main.objects o ON o.id = b.id
	JOIN main.places p ON p.id = o.place_id
	JOIN main.types t ON t.id = p.type_id
	GROUP BY o.place_id
	UNION ALL
	SELECT p.fingerprint, p.path, t.name, 0, 0, count(*), sum(o.size + o.owned_size)
	FROM temp.died d
	CROSS JOIN old.objects o ON o.id = d.id
	JOIN old.places p ON p.id = o.place_id
	JOIN old.types t ON t.id = p.type_id
	GROUP BY o.place_id
)
GROUP BY fingerprint
ORDER BY born_bytes DESC, died_bytes DESC, path
LIMIT :top;
