SELECT id, allocator, printf('0x%x', address) AS address, size, used, free, pools, free_pools
FROM arenas
WHERE id = :arena;
