SELECT id, printf('0x%x', address) AS address, size, block_size, capacity, used
FROM pools
WHERE id = :pool;
