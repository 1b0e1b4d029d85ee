-- Groups that a list of known leaks has: :fingerprints is a JSON array of numbers, :ignored one of
-- [kind, pattern].  A pattern is of the type, or of "type by holder"; kind may be 'any'.
SELECT g.id
FROM leak_groups g
WHERE g.fingerprint IN (SELECT value FROM json_each(:fingerprints))
	OR EXISTS (
		SELECT 1
		FROM json_each(:ignored) i
		WHERE json_extract(i.value, '$[0]') IN (g.kind, 'any')
			AND (g.type GLOB json_extract(i.value, '$[1]')
				OR g.type || ' by ' || g.holder GLOB json_extract(i.value, '$[1]')));
