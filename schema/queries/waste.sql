-- The holders with the most to win, each with an example and why that is alive.
SELECT w.kind, w.savings, w.bytes, w.objects, w.distinct_values,
	coalesce(w.holder, '(others)') AS holder, w.example_copies,
	printf('0x%x', o.address) AS example, o.value,
	CASE
	WHEN w.example_copies IS NULL THEN o.value
	WHEN t.name IN ('str', 'builtins.str')
		THEN w.example_copies || ' of ''' || replace(o.value, '''', '\''') || ''''
	ELSE w.example_copies || ' of ' || o.value END AS seen,
	path(w.example_id) AS path, w.advice
FROM (SELECT * FROM waste ORDER BY savings DESC, id LIMIT :top) w
LEFT JOIN objects o ON o.id = w.example_id
LEFT JOIN types t ON t.id = o.type_id
ORDER BY w.savings DESC, w.id;
