-- What became of each thing from the first snapshot to the last; what is not there counts as
-- nothing.  shown: of two snapshots what changed, of more what grew from each to the next.
CREATE TEMP TABLE growth (
	subject TEXT, key, old_objects INTEGER, new_objects INTEGER, old_bytes INTEGER,
	new_bytes INTEGER, old_retained INTEGER, new_retained INTEGER, shown INTEGER,
	objects_series TEXT, bytes_series TEXT, -- of three and more: from each to the next
	PRIMARY KEY (subject, key)
) WITHOUT ROWID;
INSERT INTO temp.growth
WITH last(n) AS (SELECT max(n) FROM temp.snapshots)
SELECT s.subject, s.key,
	coalesce(max(s.objects) FILTER (WHERE s.n = 1), 0) AS old_objects,
	coalesce(max(s.objects) FILTER (WHERE s.n = last.n), 0) AS new_objects,
	coalesce(max(s.bytes) FILTER (WHERE s.n = 1), 0) AS old_bytes,
	coalesce(max(s.bytes) FILTER (WHERE s.n = last.n), 0) AS new_bytes,
	max(s.retained_bytes) FILTER (WHERE s.n = 1) AS old_retained,
	max(s.retained_bytes) FILTER (WHERE s.n = last.n) AS new_retained,
	CASE WHEN last.n > 2 THEN last.n - 1 = sum(s.n > 1 AND s.bytes > coalesce((
			SELECT b.bytes FROM temp.series b
			WHERE b.subject = s.subject AND b.key = s.key AND b.n = s.n - 1), 0))
		ELSE min(s.objects) <> max(s.objects) OR min(s.bytes) <> max(s.bytes) OR count(*) = 1
	END AS shown,
	CASE WHEN last.n > 2 THEN substr('0 → ', 1, 4 * (min(s.n) > 1))
		|| group_concat(s.objects, ' → ') END AS objects_series,
	CASE WHEN last.n > 2 THEN substr('0 → ', 1, 4 * (min(s.n) > 1))
		|| group_concat(s.bytes, ' → ') END AS bytes_series
FROM last CROSS JOIN temp.series s
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

-- Growth by the place that began it.  A place did if more hangs there than what it hangs from
-- explains: 40,000 responses in one dict do, and the one text that each of them has does not.
-- What grew below a place that began it counts for that.
CREATE TEMP TABLE place_growth (
	id INTEGER PRIMARY KEY, bytes INTEGER, total_objects INTEGER, shown INTEGER
);
INSERT INTO temp.place_growth
WITH RECURSIVE walk(id, source, old, new, bytes) AS (
	SELECT p.id, CASE WHEN p.new > p.old OR p.bytes > 0 THEN p.id END, p.old, p.new, p.bytes
	FROM temp.place_change p
	WHERE p.parent_id = 0
	UNION ALL
	SELECT p.id, CASE
		WHEN p.new > p.old AND w.old > 0
			AND 2 * (p.new - 1.0 * p.old * w.new / w.old) > p.new - p.old THEN p.id
		WHEN w.source IS NOT NULL THEN w.source
		WHEN p.new > p.old OR p.bytes > 0 THEN p.id
	END, p.old, p.new, p.bytes
	FROM walk w
	JOIN temp.place_change p ON p.parent_id = w.id
)
SELECT w.source, sum(w.bytes), sum(w.new - w.old), max(g.shown)
FROM walk w
JOIN main.places p ON p.id = w.source
JOIN temp.growth g ON g.subject = 'place' AND g.key = +p.fingerprint
WHERE w.source IS NOT NULL
GROUP BY w.source;
