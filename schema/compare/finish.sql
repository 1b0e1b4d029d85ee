-- What became of each thing from the first snapshot to the last; what is not there counts as
-- nothing.  shown: of two snapshots what changed, of more what grew from each to the next.
CREATE TEMP TABLE growth AS
WITH last(n) AS (SELECT max(n) FROM temp.snapshots),
steps AS (
	SELECT *, n > 1 AND bytes > coalesce(
		lag(bytes) OVER (PARTITION BY subject, key ORDER BY n), 0) AS grew
	FROM temp.series
)
SELECT s.subject, s.key,
	coalesce(max(s.objects) FILTER (WHERE s.n = 1), 0) AS old_objects,
	coalesce(max(s.objects) FILTER (WHERE s.n = last.n), 0) AS new_objects,
	coalesce(max(s.bytes) FILTER (WHERE s.n = 1), 0) AS old_bytes,
	coalesce(max(s.bytes) FILTER (WHERE s.n = last.n), 0) AS new_bytes,
	max(s.retained_bytes) FILTER (WHERE s.n = 1) AS old_retained,
	max(s.retained_bytes) FILTER (WHERE s.n = last.n) AS new_retained,
	CASE WHEN last.n > 2 THEN sum(s.grew) = last.n - 1
		ELSE min(s.objects) <> max(s.objects) OR min(s.bytes) <> max(s.bytes) OR count(*) = 1
	END AS shown
FROM steps s, last
GROUP BY s.subject, s.key;

-- Whether addresses mean the same in all of them: one process, or the reason that it is not.
CREATE TEMP TABLE lineage AS
SELECT CASE
	WHEN max(pid) IS NULL OR count(pid) < count(*) THEN 'a snapshot does not know its process'
	WHEN min(pid) <> max(pid) THEN 'the process ids differ'
	WHEN min(executable) IS NOT max(executable) THEN 'the executables differ'
	WHEN min(runtime_version) IS NOT max(runtime_version) THEN 'the versions differ'
	WHEN count(process_key) = count(*) AND min(process_key) <> max(process_key)
		THEN 'the process was started anew in between'
	WHEN (
		SELECT min(address) IS NOT max(address)
		FROM temp.bases
		WHERE path = (SELECT executable FROM temp.snapshots LIMIT 1)
	) THEN 'the executable is at another address'
	WHEN count(process_key) < count(*) AND EXISTS (
		SELECT 1 FROM temp.bases GROUP BY path HAVING min(address) <> max(address)
	) THEN 'files are at other addresses'
END AS why_not
FROM temp.snapshots;
