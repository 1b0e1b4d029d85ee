-- The buckets as a tree, the largest first at every level; of too many, the largest.
WITH RECURSIVE tree(bucket, depth, bytes, count, path) AS (
	SELECT bucket, 0, bytes, count, printf('%020d %s', 9223372036854775807 - bytes, bucket)
	FROM accounting WHERE parent IS NULL
	UNION ALL
	SELECT a.bucket, t.depth + 1, a.bytes, a.count,
		t.path || printf('/%020d %s', 9223372036854775807 - a.bytes, a.bucket)
	FROM accounting a JOIN tree t ON a.parent = t.bucket
	WHERE t.depth < 16
), total(bytes) AS (SELECT sum(bytes) FROM accounting WHERE parent IS NULL)
SELECT t.bucket, t.depth, t.bytes, t.count, 100.0 * t.bytes / total.bytes AS percent
FROM total, (
	SELECT * FROM tree
	ORDER BY bytes DESC, depth
	LIMIT CASE WHEN :top < 0 THEN -1 ELSE :top - 1 END
) t
ORDER BY t.path;
