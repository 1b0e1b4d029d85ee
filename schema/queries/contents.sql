-- One row: how much there is.
SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'objects') AS objects,
	(SELECT count(*) FROM types) AS types,
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'refs') AS refs,
	(SELECT count(*) FROM objects WHERE state <> 'live' AND state = 'garbage') AS garbage,
	(SELECT count(*) FROM objects WHERE state <> 'live' AND state = 'leaked') AS leaked;
