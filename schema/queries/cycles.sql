-- Cycles by pattern, garbage first, without what the language ties up itself and is alive.
SELECT g.state, g.kind, g.cycles, g.objects, g.bytes, nullif(g.finalizers, 0) AS finalizers,
	printf('0x%x', o.address) AS example, g.pattern, printf('%016x', g.fingerprint) AS fingerprint,
	g.type, g.type_objects, g.held_objects, g.held_bytes, e.edge, e.refs AS edge_refs,
	e.cycles AS edge_cycles,
	CASE WHEN g.state = 'garbage' THEN e.objects END AS freed_objects,
	CASE WHEN g.state = 'garbage' THEN e.bytes END AS freed_bytes,
	CASE WHEN g.state <> 'garbage' THEN e.edge END AS live_edge, g.advice,
	CASE WHEN g.state <> 'live' THEN g.advice END AS todo,
	path(g.owner_id) AS owner, nullif(g.owner_cycles, 0) AS owner_cycles
FROM (
	SELECT *
	FROM cycle_patterns
	WHERE kind = 'program' OR state <> 'live'
	ORDER BY id
	LIMIT :top
) g
LEFT JOIN objects o ON o.id = g.example_id
LEFT JOIN cycle_edges e ON e.id = g.edge_id
ORDER BY g.id;
