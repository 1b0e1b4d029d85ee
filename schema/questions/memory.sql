-- Where is every byte of the dump?
-- Buckets stand below the one they are a part of, the largest first.
WITH RECURSIVE tree(bucket, depth, bytes, count, place) AS (
	SELECT bucket, 0, bytes, count, '' FROM accounting WHERE parent IS NULL
	UNION ALL
	SELECT a.bucket, t.depth + 1, a.bytes, a.count,
		t.place || printf('%020d', 1e18 - a.bytes) || a.bucket || char(10)
	FROM tree t
	JOIN accounting a ON a.parent = t.bucket
)
SELECT printf('%*s', depth * 2, '') || bucket AS bucket, human(bytes) AS size, count
FROM tree
ORDER BY place;
