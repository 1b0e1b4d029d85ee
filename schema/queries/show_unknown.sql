-- One row if the address is in no object, no block, no symbol and no stack; a pool knows its free blocks.
SELECT printf('0x%x', :address) AS address,
	CASE
	WHEN p.id IS NULL THEN 'in no object or block that is known'
	WHEN p.block_size = 0 THEN 'in a free pool'
	WHEN :address < p.address + p.header THEN 'in the header of a pool'
	WHEN (:address - p.address - p.header) / p.block_size >= p.capacity
		THEN 'in the unusable rest of a pool'
	ELSE printf('in the free block of %d B at 0x%x', p.block_size,
		p.address + p.header + (:address - p.address - p.header) / p.block_size * p.block_size)
	END AS place
FROM (SELECT 1)
LEFT JOIN pools p ON p.id = :pool
WHERE :object = 0 AND :block = 0 AND :symbol = 0 AND NOT EXISTS (
	SELECT 1 FROM mappings WHERE id = :mapping AND kind = 'stack');
