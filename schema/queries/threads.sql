-- Threads; the module is the file whose code the thread is in.
SELECT t.id, t.tid, t.name,
	CASE WHEN t.instruction_pointer THEN printf('0x%x', t.instruction_pointer) END
		AS instruction_pointer,
	(SELECT m.path
		FROM (SELECT * FROM mappings WHERE address <= t.instruction_pointer
			ORDER BY address DESC LIMIT 1) m
		WHERE t.instruction_pointer - m.address < m.size) AS module,
	CASE WHEN NOT t.instruction_pointer THEN 'not in the dump' END AS gone
FROM threads t
ORDER BY t.id
LIMIT :top;
