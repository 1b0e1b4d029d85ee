-- Cycles by pattern, garbage first; the example is an object of the largest of them.
SELECT g.state, g.cycles, g.objects, g.bytes, g.finalizers, (
		SELECT printf('0x%x', o.address)
		FROM cycle_members m
		JOIN objects o ON o.id = m.object_id
		WHERE m.cycle_id = g.id
		LIMIT 1
	) AS example, g.pattern, printf('%016x', g.fingerprint) AS fingerprint
FROM (
	SELECT state, fingerprint, pattern, count(*) AS cycles, sum(objects) AS objects,
		sum(bytes) AS bytes, sum(finalizers) AS finalizers, id, max(bytes)
	FROM cycles
	GROUP BY state, fingerprint, pattern
) g
ORDER BY CASE g.state WHEN 'garbage' THEN 0 WHEN 'leaked' THEN 1 ELSE 2 END, g.bytes DESC,
	g.pattern
LIMIT :top;
