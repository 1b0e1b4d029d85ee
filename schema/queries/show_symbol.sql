-- The variable or function that has the address; of nested ones the innermost.
SELECT name, kind, printf('0x%x', address) AS address, size, nullif(:address - address, 0) AS offset,
	printf('0x%x', :address) AS asked
FROM (SELECT * FROM symbols WHERE :address >= 0 AND address <= :address ORDER BY address DESC LIMIT 8)
WHERE :address - address < size
ORDER BY address DESC
LIMIT 1;
