-- Objects that were born and died, by type.
SELECT type, sum(born) AS born, sum(born_bytes) AS born_bytes, sum(died) AS died,
	sum(died_bytes) AS died_bytes, sum(born) - sum(died) AS objects,
	sum(born_bytes) - sum(died_bytes) AS bytes
FROM (
	SELECT t.name AS type, count(*) AS born, sum(o.size + o.owned_size) AS born_bytes, 0 AS died,
		0 AS died_bytes
	FROM temp.born b
	CROSS JOIN main.objects o ON o.id = b.id
	JOIN main.types t ON t.id = o.type_id
	GROUP BY o.type_id
	UNION ALL
	SELECT t.name, 0, 0, count(*), sum(o.size + o.owned_size)
	FROM temp.died d
	CROSS JOIN old.objects o ON o.id = d.id
	JOIN old.types t ON t.id = o.type_id
	GROUP BY o.type_id
)
GROUP BY type
ORDER BY born_bytes DESC, died_bytes DESC, type
LIMIT :top;
