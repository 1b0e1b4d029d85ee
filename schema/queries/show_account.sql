-- Who has each unit of an object's count: references of objects by type and label, roots, and what
-- is left, which nobody is known to own.  The last row is the count itself, the sum of the others.
-- A row more than :top - 2 would leave no room for it, so the smallest share one.  Of very many
-- references, 10,000 are looked at one by one, unless all rows are wanted.
WITH object AS (
	SELECT id, refcount, found_refs, surplus
	FROM objects
	WHERE id = :object AND refcount IS NOT NULL AND NOT immortal
), looked_at AS MATERIALIZED (
	SELECT r.source_id, r.ordinal, r.label_id
	FROM object o
	JOIN refs r ON r.target_id = o.id
	WHERE r.kind <= 1
	LIMIT CASE WHEN :top < 0 THEN -1 ELSE 10000 END
), by_label AS (
	SELECT count(*) AS units, s.type_id, l.label_id, l.source_id, l.ordinal
	FROM looked_at l
	JOIN objects s ON s.id = l.source_id
	GROUP BY s.type_id, l.label_id
), root AS (
	SELECT r.kind, r.label, sum(r.counted) AS units, count(*) AS words, min(r.address) AS address,
		r.thread_id, r.frame_id
	FROM object o
	JOIN roots r ON r.object_id = o.id
	GROUP BY r.kind, r.label, r.thread_id, r.frame_id
), guess AS ( -- each word could be one reference, and is listed in an order of its own
	SELECT 1 AS place, kind, words, address, thread_id
	FROM root
	WHERE kind IN ('stack', 'register')
	UNION ALL
	SELECT 2, kind, max(words, coalesce((SELECT l.words FROM leaks l
			WHERE l.object_id = :object AND l.kind = 'refcount'), 0)
		- (SELECT coalesce(sum(words), 0) FROM root WHERE kind IN ('stack', 'register'))
		- (SELECT count(*) FROM refs WHERE target_id = :object AND kind = 4)),
		address, NULL
	FROM root
	WHERE kind = 'native'
	UNION ALL
	SELECT 3, 'guess', count(*), min(s.address), NULL
	FROM object o
	JOIN refs r ON r.target_id = o.id
	JOIN objects s ON s.id = r.source_id
	WHERE r.kind = 4 AND o.surplus > 0
	HAVING count(*) > 0
), taken AS (
	SELECT g.*, sum(words) OVER (ORDER BY place, kind, thread_id) - words AS before
	FROM guess g
), held AS (
	SELECT 0 AS class, b.units, 'object' AS kind, t.name || CASE WHEN b.units = 1
			THEN (SELECT CASE WHEN v.label GLOB '[.[]*' THEN '' ELSE '.' END || v.label
				FROM v_refs v
				WHERE v.source_id = b.source_id AND v.ordinal = b.ordinal)
			ELSE CASE WHEN l.name GLOB '[.[]*' THEN '' ELSE '.' END || l.name END AS holder,
		s.address, s.id AS source_id
	FROM by_label b
	JOIN types t ON t.id = b.type_id
	JOIN labels l ON l.id = b.label_id
	JOIN objects s ON s.id = b.source_id
	UNION ALL
	SELECT 0, o.found_refs - coalesce((SELECT sum(units) FROM root), 0) - 10000, 'object',
		'objects that were not looked at one by one', NULL, NULL
	FROM object o
	WHERE :top >= 0 AND (SELECT count(*) FROM looked_at) = 10000
		AND o.found_refs - coalesce((SELECT sum(units) FROM root), 0) > 10000
	UNION ALL
	SELECT 0, r.units, r.kind, CASE r.kind
		WHEN 'frame' THEN r.label || coalesce(' of ' || f.function || '()', '')
			|| coalesce(', line ' || f.line, '')
		WHEN 'c-local' THEN r.label || ' of a running C function'
		WHEN 'static' THEN 'the count that it was built with, in its file'
		WHEN 'interpreter' THEN CASE r.label WHEN 'interned'
			THEN 'the table of interned strings counts nothing' ELSE r.label END
		ELSE r.label END || coalesce(', thread ' || th.tid, ''), r.address, NULL
	FROM root r
	LEFT JOIN frames f ON f.id = r.frame_id
	LEFT JOIN threads th ON th.id = r.thread_id
	WHERE r.units <> 0
	UNION ALL
	SELECT 2, max(0, min(g.words, o.surplus - g.before)), g.kind, 'perhaps, by ' || g.words || CASE g.words WHEN 1 THEN ' word' ELSE ' words' END
		|| CASE g.kind
		WHEN 'stack' THEN ' of the stack' || coalesce(', ' || cf.function || '()', '')
		WHEN 'register' THEN ' of the registers'
		WHEN 'native' THEN ' of native memory'
		ELSE ' of objects of unknown layout' END || coalesce(', thread ' || th.tid, ''),
		g.address, NULL
	FROM object o
	JOIN taken g ON o.surplus > 0
	LEFT JOIN threads th ON th.id = g.thread_id
	LEFT JOIN c_frames cf ON g.kind = 'stack' AND cf.id = (
		SELECT id
		FROM (SELECT id, address, size FROM c_frames WHERE address <= g.address
			ORDER BY address DESC LIMIT 1)
		WHERE g.address < address + size)
	UNION ALL
	SELECT 2, o.surplus - coalesce((SELECT sum(words) FROM guess), 0), 'unknown',
		'nobody: no word that could hold them is in the dump', NULL, NULL
	FROM object o
	WHERE o.surplus > coalesce((SELECT sum(words) FROM guess), 0)
	UNION ALL
	SELECT 2, o.surplus, 'unknown', 'more references were found than it counts', NULL, NULL
	FROM object o
	WHERE o.surplus < 0
), ranked AS (
	SELECT *, row_number() OVER (ORDER BY class DESC, abs(units) DESC, holder) AS place,
		count(*) OVER () AS total
	FROM held
), listed AS (
	SELECT *, :top < 0 OR total <= :top - 2 OR place < :top - 2 AS is_shown
	FROM ranked
)
SELECT units, kind, holder, CASE WHEN address IS NOT NULL THEN printf('0x%x', address) END AS example,
	path(source_id) AS path
FROM (
	SELECT class, units, kind, holder, address, source_id
	FROM listed
	WHERE is_shown
	UNION ALL
	SELECT 1, sum(units), 'others', count(*) || ' other holders', NULL, NULL
	FROM listed
	WHERE NOT is_shown
	HAVING count(*) > 0
	UNION ALL
	SELECT 3, refcount, 'count', 'its count', NULL, NULL
	FROM object
)
ORDER BY class, abs(units) DESC, holder;
