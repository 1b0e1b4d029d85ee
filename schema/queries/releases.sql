-- What else would give memory back: one row a simulation of which something would.
SELECT r.id, r.kind, r.fingerprint, r.pins, r.arenas, r.blocks, r.bytes, r.returned_arenas, r.returned,
	CASE r.kind
	WHEN 'garbage' THEN 'a collection of the garbage'
	WHEN 'leaked' THEN 'all that nobody known holds'
	WHEN 'free-lists' THEN 'the runtime''s free lists'
	ELSE (SELECT l.kind || ' leaks: ' || l.explanation FROM leaks l
		WHERE l.fingerprint = r.fingerprint LIMIT 1)
	END AS what
FROM releases r
WHERE r.kind NOT IN ('holder', 'pins') AND r.returned > 0
ORDER BY r.id
LIMIT :top;
