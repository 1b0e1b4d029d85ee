-- The path that path() writes: its root, and how long it is.
WITH RECURSIVE up(object_id, jump_id, parent_id, depth, root_id) AS (
	SELECT object_id, jump_id, parent_id, depth, root_id
	FROM paths
	WHERE object_id = :object
	UNION ALL
	SELECT p.object_id, p.jump_id, p.parent_id, p.depth, p.root_id
	FROM up
	JOIN paths p ON p.object_id = up.jump_id
	WHERE up.parent_id IS NOT NULL
)
SELECT r.kind, (SELECT max(depth) FROM up) AS steps
FROM up
LEFT JOIN roots r ON r.id = up.root_id
WHERE up.parent_id IS NULL;
