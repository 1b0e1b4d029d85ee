-- Groups of leaks: what is not known first, then the largest; the example is the largest of each.
-- :known is NULL, or a JSON array of the ids of groups that a list of known leaks has.
SELECT row_number() OVER (ORDER BY k.is_known, g.bytes DESC, g.id) AS row, g.kind, g.grade,
	CASE k.is_known WHEN 0 THEN 'NEW' WHEN 1 THEN 'KNOWN' END AS known, g.leaks, g.objects, g.bytes,
	g.type, g.holder, printf('0x%x', coalesce(o.address, b.address)) AS example, l.explanation,
	g.evidence, printf('%016x', g.fingerprint) AS fingerprint, l.bytes AS largest_bytes
FROM (SELECT id, CASE WHEN :known IS NOT NULL
		THEN id IN (SELECT value FROM json_each(:known)) END AS is_known
	FROM leak_groups) k
JOIN leak_groups g ON g.id = k.id
JOIN leaks l ON l.id = g.largest_id
LEFT JOIN objects o ON o.id = l.object_id
LEFT JOIN blocks b ON b.id = l.block_id
ORDER BY row
LIMIT :top;
