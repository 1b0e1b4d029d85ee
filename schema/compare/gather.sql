-- One row of `snapshots`, and what that snapshot adds up to.
INSERT INTO temp.snapshots
SELECT (SELECT count(*) + 1 FROM temp.snapshots),
	(SELECT file FROM pragma_database_list WHERE name = 'snapshot'),
	max(value) FILTER (WHERE key = 'source'),
	max(value) FILTER (WHERE key = 'pid' AND value <> '0'),
	max(value) FILTER (WHERE key = 'executable' AND value <> ''),
	max(value) FILTER (WHERE key = 'process_key'),
	max(value) FILTER (WHERE key = 'runtime_version'),
	(SELECT sum(objects) FROM snapshot.type_totals),
	(SELECT sum(bytes) FROM snapshot.type_totals),
	CAST(max(value) FILTER (WHERE key = 'dumped_bytes') AS INTEGER)
FROM snapshot.meta;

INSERT INTO temp.bases
SELECT path, (SELECT count(*) FROM temp.snapshots), min(address)
FROM snapshot.mappings
WHERE path IS NOT NULL
GROUP BY path;

INSERT INTO temp.series
SELECT 'type', t.name, (SELECT count(*) FROM temp.snapshots), sum(n.objects), sum(n.bytes),
	sum(n.retained_bytes)
FROM snapshot.type_totals n
JOIN snapshot.types t ON t.id = n.type_id
GROUP BY t.name;

INSERT INTO temp.series
SELECT 'place', p.fingerprint, (SELECT count(*) FROM temp.snapshots), p.objects, p.bytes, NULL
FROM temp.place_change c
CROSS JOIN snapshot.places p ON p.fingerprint = c.fingerprint;

INSERT INTO temp.series
SELECT 'bucket', bucket, (SELECT count(*) FROM temp.snapshots), count, bytes, NULL
FROM snapshot.accounting;

INSERT INTO temp.series
SELECT CASE owned WHEN 1 THEN 'owned block' ELSE 'block' END,
	allocator || ': ' || coalesce(kind, 'unknown'), (SELECT count(*) FROM temp.snapshots),
	sum(blocks), sum(bytes), NULL
FROM snapshot.block_totals
WHERE state = 'used'
GROUP BY 1, 2;

INSERT INTO temp.series
SELECT 'heap', key, (SELECT count(*) FROM temp.snapshots), objects, bytes, NULL
FROM (
	SELECT allocator || ': arenas' AS key, count(*) AS objects, sum(size) AS bytes
	FROM snapshot.arenas GROUP BY allocator
	UNION ALL
	SELECT allocator || ': in use', sum(pools - free_pools), sum(used)
	FROM snapshot.arenas GROUP BY allocator
	UNION ALL
	SELECT allocator || ': free', sum(free_pools), sum(free)
	FROM snapshot.arenas GROUP BY allocator
	UNION ALL
	SELECT allocator || ': pools of ' || block_size || '-byte blocks', pools, bytes
	FROM snapshot.v_size_classes WHERE block_size > 0
);

INSERT INTO temp.series
SELECT subject, printf('%s %016x', kind, fingerprint), (SELECT count(*) FROM temp.snapshots), objects,
	bytes, NULL
FROM snapshot.fingerprints;

INSERT OR REPLACE INTO temp.things
SELECT 'leak', printf('%s %016x', f.kind, f.fingerprint), f.kind,
	coalesce(t.name, coalesce(b.kind, b.allocator || ' block') || ' of ' || b.size || ' bytes')
		|| ': ' || l.explanation
FROM snapshot.fingerprints f
JOIN snapshot.leaks l ON l.id = f.example_id
LEFT JOIN snapshot.objects o ON o.id = l.object_id
LEFT JOIN snapshot.types t ON t.id = o.type_id
LEFT JOIN snapshot.blocks b ON b.id = l.block_id
WHERE f.subject = 'leak';

INSERT OR REPLACE INTO temp.things
SELECT 'cycle', printf('%s %016x', f.kind, f.fingerprint), f.kind, c.pattern
FROM snapshot.fingerprints f
JOIN snapshot.cycles c ON c.id = f.example_id
WHERE f.subject = 'cycle';

DETACH snapshot;
