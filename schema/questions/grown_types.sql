-- Which types grew from one snapshot to the next?
-- heapsect sql reads one snapshot only. In the sqlite3 shell, on the later one, after
-- .load heapsect_sqlite and ATTACH 'earlier.db' AS old:
SELECT new.name, coalesce(old.objects, 0) AS before, new.objects AS now,
	new.objects - coalesce(old.objects, 0) AS more,
	human(new.bytes - coalesce(old.bytes, 0)) AS grown
FROM (SELECT name, sum(objects) AS objects, sum(bytes) AS bytes FROM main.v_types GROUP BY name) new
LEFT JOIN (
	SELECT name, sum(objects) AS objects, sum(bytes) AS bytes FROM old.v_types GROUP BY name
) old ON old.name = new.name
WHERE new.bytes > coalesce(old.bytes, 0)
ORDER BY new.bytes - coalesce(old.bytes, 0) DESC
LIMIT 20;
