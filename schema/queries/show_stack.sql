-- The thread whose stack has the address, and the Python frame whose record is the nearest below.
WITH place AS (
	SELECT address, address + size AS end FROM mappings WHERE id = :mapping AND kind = 'stack'
), above AS (
	SELECT th.id, th.tid, th.name, th.stack_pointer, :address >= th.stack_pointer AS in_use
	FROM threads th
	JOIN place p ON th.stack_pointer >= p.address AND th.stack_pointer < p.end
	ORDER BY in_use DESC, abs(:address - th.stack_pointer)
	LIMIT 1
)
SELECT a.tid, a.name, printf('0x%x', a.stack_pointer) AS stack_pointer,
	abs(:address - a.stack_pointer) AS distance,
	CASE WHEN a.in_use THEN 'above' ELSE 'below' END AS side,
	CASE WHEN a.in_use THEN 'in use' ELSE 'not in use' END AS state
FROM above a;
