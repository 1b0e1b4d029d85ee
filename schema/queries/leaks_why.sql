-- Why the rows of `leaks` are there: those of which the same is said together.
WITH shown AS (
	SELECT row_number() OVER (ORDER BY k.is_known, g.bytes DESC, g.id) AS row, l.explanation AS why, g.holder,
		g.evidence
	FROM (SELECT id, CASE WHEN :known IS NOT NULL
			THEN id IN (SELECT value FROM json_each(:known)) END AS is_known
		FROM leak_groups) k
	JOIN leak_groups g ON g.id = k.id
	JOIN leaks l ON l.id = g.largest_id
	ORDER BY row
	LIMIT :top - (:top > 0)
)
SELECT group_concat(row, ', ') AS rows, why, holder, evidence
FROM shown
GROUP BY why, holder, evidence
ORDER BY min(row);
