-- The buckets that changed as a tree, with the buckets they are in; of too many, those in which
-- most changed.
WITH RECURSIVE bucket(bucket, parent) AS (
	SELECT bucket, parent FROM main.accounting
	UNION ALL
	SELECT bucket, parent FROM old.accounting
	WHERE bucket NOT IN (SELECT bucket FROM main.accounting)
), tree(bucket, depth, path) AS (
	SELECT b.bucket, 0, printf('%020d %s', 9223372036854775807 - g.new_bytes, b.bucket)
	FROM bucket b
	JOIN temp.growth g ON g.subject = 'bucket' AND g.key = b.bucket
	WHERE b.parent IS NULL
	UNION ALL
	SELECT b.bucket, t.depth + 1,
		t.path || printf('/%020d %s', 9223372036854775807 - g.new_bytes, b.bucket)
	FROM tree t
	JOIN bucket b ON b.parent = t.bucket
	JOIN temp.growth g ON g.subject = 'bucket' AND g.key = b.bucket
	WHERE t.depth < 16
), changed AS MATERIALIZED (
	SELECT t.*, g.old_bytes, g.new_bytes, g.old_objects, g.new_objects, g.shown, g.objects_series,
		g.bytes_series
	FROM tree t
	JOIN temp.growth g ON g.subject = 'bucket' AND g.key = t.bucket
), moved AS MATERIALIZED (
	SELECT c.*, (
		SELECT max(abs(d.new_bytes - d.old_bytes)) FROM changed d
		WHERE d.shown AND substr(d.path, 1, length(c.path)) = c.path
	) AS most
	FROM changed c
)
SELECT g.bucket, g.depth, g.new_bytes - g.old_bytes AS bytes,
	g.new_objects - g.old_objects AS objects, g.old_bytes, g.new_bytes, g.old_objects,
	g.new_objects,
	g.objects_series, g.bytes_series
FROM (
	SELECT * FROM moved
	WHERE most IS NOT NULL
	ORDER BY most DESC, depth
	LIMIT :top
) g
ORDER BY g.path;
