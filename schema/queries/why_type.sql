-- Branches of at least one in a hundred objects.
WITH tree AS MATERIALIZED (
	SELECT rowid AS position, depth, expression, objects, bytes, example_id
	FROM why_type(:type)
), total AS (
	SELECT sum(objects) AS objects
	FROM tree
	WHERE depth = 0
)
SELECT tree.objects, 100.0 * tree.objects / total.objects AS percent, tree.bytes,
	printf('0x%x', o.address) AS example, tree.depth, tree.expression
FROM tree, total
LEFT JOIN objects o ON o.id = tree.example_id
WHERE tree.objects * 100 >= total.objects
ORDER BY tree.position
LIMIT :top;
