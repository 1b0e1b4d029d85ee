-- The lines that a list of known leaks, :known, lacks of those that are at least as sure as :grade.
SELECT DISTINCT printf('%016x', fingerprint) AS fingerprint,
	kind || ' ' || type || coalesce(' by ' || holder, '') AS text
FROM leak_groups
WHERE id NOT IN (SELECT value FROM json_each(:known))
	AND (grade = 'proven' OR (grade = 'probable' AND :grade <> 'proven') OR :grade = 'unknown')
GROUP BY fingerprint
ORDER BY kind, type, fingerprint;
