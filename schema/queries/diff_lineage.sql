-- One row: whether objects can be told by their addresses.
SELECT why_not IS NULL AS same_process, why_not, CASE WHEN why_not IS NULL
		THEN 'One process: an object is told by its address.'
		ELSE 'Not one process (' || why_not || '): types, places and fingerprints are compared, no objects.'
	END AS sentence
FROM temp.lineage;
