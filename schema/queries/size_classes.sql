-- Pools in use, laid out like _debugmallocstats; of too many, the largest.  Classes are 16 bytes
-- apart.  Waste is what holds no block in use: free blocks, headers, and rests too small for one.
SELECT allocator, block_size / 16 - 1 AS class, block_size, pools, used_blocks, free_blocks, bytes,
	free_bytes, bytes - used_blocks * block_size AS waste,
	100.0 * (bytes - used_blocks * block_size) / bytes AS waste_percent
FROM v_size_classes
WHERE block_size > 0
ORDER BY CASE WHEN :top < 0 THEN 0 ELSE -bytes END, allocator, block_size
LIMIT :top;
