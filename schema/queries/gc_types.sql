-- What is tracked, by type.
SELECT t.name AS type, k.objects, 100.0 * k.objects / sum(k.objects) OVER () AS percent,
	k.in_cycles, k.leaves
FROM tracked_types k
JOIN types t ON t.id = k.type_id
ORDER BY k.objects DESC, t.name
LIMIT :top;
