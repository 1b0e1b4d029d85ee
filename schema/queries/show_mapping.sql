SELECT id, printf('0x%x', address) AS address, printf('0x%x', address + size) AS end, size, perms,
	kind, path, build_id, nullif(size - dumped, 0) AS missing,
	CASE WHEN path NOT LIKE '[%' THEN printf('0x%x', file_offset + :address - address) END
		AS file_offset
FROM mappings
WHERE id = :mapping;
