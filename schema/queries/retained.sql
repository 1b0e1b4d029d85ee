-- The tree of dominators of the whole heap, or below an object, depth first: of each the largest
-- children, of at least a hundredth of its bytes.  -1 and -2 stand for what has no object to be below.
WITH RECURSIVE groups(id, state, name) AS (
	VALUES (-1, 'garbage', '(garbage)'), (-2, 'leaked', '(leaked)')
), group_sums AS (
	SELECT g.id, sum(o.retained_size) AS bytes
	FROM groups g
	JOIN objects o ON o.state = g.state
	WHERE o.dominator_id IS NULL AND :object = 0
	GROUP BY g.id
), total AS (
	SELECT CASE :object
		WHEN 0 THEN (SELECT sum(retained_size) FROM objects WHERE dominator_id IS NULL)
		ELSE (SELECT retained_size FROM objects WHERE id = :object) END AS bytes
), tree(id, depth, bytes) AS (
	SELECT id, 0, retained_size
	FROM objects
	WHERE id = :object
	UNION ALL
	SELECT id, 0, bytes
	FROM group_sums
	UNION ALL
	SELECT id, 0, retained_size
	FROM (
		SELECT id, retained_size
		FROM objects
		WHERE dominator_id IS NULL AND state = 'live' AND :object = 0
		ORDER BY retained_size DESC
		LIMIT :top
	)
	UNION ALL
	SELECT o.id, tree.depth + 1, o.retained_size
	FROM tree
	LEFT JOIN groups g ON g.id = tree.id
	JOIN objects o ON o.id IN (
		SELECT id
		FROM (
			SELECT c.id
			FROM objects c
			WHERE c.dominator_id = tree.id AND c.retained_size >= tree.bytes / 100
			ORDER BY c.retained_size DESC
			LIMIT :top
		)
		UNION ALL
		SELECT id
		FROM (
			SELECT c.id
			FROM objects c
			WHERE c.dominator_id IS NULL AND c.state = g.state
				AND c.retained_size >= tree.bytes / 100
			ORDER BY c.retained_size DESC
			LIMIT :top
		)
	)
	WHERE tree.depth < :depth - 1 + (:object > 0)
	ORDER BY 2 DESC, 3 DESC, 1
	LIMIT :top -- without one SQLite forgets the order
)
SELECT tree.bytes AS retained_size, 100.0 * tree.bytes / total.bytes AS percent,
	o.size + o.owned_size AS own_size, tree.depth, printf('0x%x', o.address) AS address,
	coalesce(t.name, g.name) AS type, o.value, path(tree.id) AS path
FROM tree
CROSS JOIN total
LEFT JOIN objects o ON o.id = tree.id
LEFT JOIN types t ON t.id = o.type_id
LEFT JOIN groups g ON g.id = tree.id;
