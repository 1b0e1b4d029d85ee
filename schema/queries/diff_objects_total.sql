-- One row: what became of the objects; none if they cannot be told by their addresses.
SELECT (SELECT count(*) FROM temp.born) AS born,
	(SELECT coalesce(sum(o.size + o.owned_size), 0) FROM temp.born b CROSS JOIN main.objects o ON o.id = b.id)
		AS born_bytes,
	(SELECT count(*) FROM temp.died) AS died,
	(SELECT coalesce(sum(o.size + o.owned_size), 0) FROM temp.died d CROSS JOIN old.objects o ON o.id = d.id)
		AS died_bytes,
	(SELECT max(id) FROM main.objects) - (SELECT count(*) FROM temp.born) AS survived,
	(SELECT count(*) FROM temp.born WHERE died_id IS NOT NULL) AS replaced
FROM temp.lineage
WHERE why_not IS NULL;
