-- One row: of which core the snapshot is, if of any; and the range of the object or block :object, :block.
SELECT (SELECT value FROM meta WHERE key = 'core') AS core,
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'core_bytes') AS core_bytes,
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'dumped_bytes') AS dumped_bytes,
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'pid') AS pid,
	(SELECT value FROM meta WHERE key = 'executable') AS executable,
	CASE WHEN o.id IS NULL THEN b.address ELSE o.address END AS address,
	CASE WHEN o.id IS NULL THEN b.size ELSE 8 END AS size
FROM (SELECT 1)
LEFT JOIN objects o ON o.id = :object
LEFT JOIN blocks b ON b.id = :block;
