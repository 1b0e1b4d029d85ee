-- One row, none if the dump has it all: what of the address space is not in the accounts.
SELECT sum(size - dumped) FILTER (WHERE path IS NOT NULL AND path NOT LIKE '[%') AS files,
	sum(size - dumped) FILTER (WHERE perms LIKE '---%') AS reserved,
	sum(size - dumped) FILTER (WHERE perms NOT LIKE '---%'
		AND (path IS NULL OR path LIKE '[%')) AS other
FROM mappings
WHERE dumped < size
HAVING sum(size - dumped) > 0;
