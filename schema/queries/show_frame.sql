-- The Python frame with the nearest record below, on the thread's stack or in its data stack.
WITH place AS (
	SELECT address, address + size AS end FROM mappings WHERE id = :mapping AND kind = 'stack'
	UNION ALL
	SELECT address, address + size FROM blocks WHERE id = :block AND kind = 'data-stack'
)
SELECT f.function, f.file, f.line, printf('0x%x', f.address) AS address,
	nullif(:address - f.address, 0) AS offset, th.tid
FROM place p
JOIN frames f ON f.address >= p.address AND f.address <= :address AND :address < p.end
JOIN threads th ON th.id = f.thread_id
ORDER BY f.address DESC
LIMIT 1;
