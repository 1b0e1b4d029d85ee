-- Where the objects of a type hang, as a tree: places with such objects, and places before them
-- where the paths part; of at least one in a hundred objects.
WITH RECURSIVE own AS MATERIALIZED (
	SELECT id, objects, bytes, example_id
	FROM places
	WHERE type_id IN (SELECT id FROM types WHERE name = :type)
), up(place_id, own_id) AS (
	SELECT id, id
	FROM own
	UNION ALL
	SELECT p.parent_id, up.own_id
	FROM up
	JOIN places p ON p.id = up.place_id
	WHERE p.parent_id IS NOT NULL
), total AS MATERIALIZED (
	SELECT sum(objects) AS objects
	FROM own
), sums AS MATERIALIZED (
	SELECT up.place_id, sum(own.objects) AS objects, sum(own.bytes) AS bytes,
		max(own.example_id) AS example_id, max(up.place_id = own.id) AS is_own
	FROM up
	JOIN own ON own.id = up.own_id
	GROUP BY up.place_id
	HAVING sum(own.objects) * 100 >= (SELECT objects FROM total)
), parts AS MATERIALIZED (
	SELECT s.place_id, s.objects, s.bytes, s.example_id, p.parent_id,
		s.is_own OR (p.parent_id IS NOT NULL AND (
			SELECT count(*)
			FROM sums c
			JOIN places cp ON cp.id = c.place_id
			WHERE cp.parent_id = s.place_id) > 1) AS is_shown
	FROM sums s
	JOIN places p ON p.id = s.place_id
), tree(place_id, level, objects, depth) AS (
	SELECT place_id, 0, objects, 0
	FROM parts
	WHERE parent_id IS NULL
	UNION ALL
	SELECT c.place_id, tree.level + 1, c.objects, tree.depth + s.is_shown
	FROM tree
	JOIN parts s ON s.place_id = tree.place_id
	JOIN parts c ON c.parent_id = tree.place_id
	ORDER BY 2 DESC, 3 DESC, 1
	LIMIT 1000000 -- without one SQLite forgets the order
)
SELECT s.objects, 100.0 * s.objects / total.objects AS percent, s.bytes,
	printf('0x%x', o.address) AS example, tree.depth, p.path AS expression
FROM tree
CROSS JOIN total
CROSS JOIN parts s ON s.place_id = tree.place_id
CROSS JOIN places p ON p.id = tree.place_id
LEFT JOIN objects o ON o.id = s.example_id
WHERE s.is_shown
LIMIT :top;
