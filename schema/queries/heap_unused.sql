-- What the C library keeps, by size: free blocks in its bins, cached ones in its fast lists.
SELECT state, size, sum(blocks) AS blocks, sum(bytes) AS bytes
FROM block_totals
WHERE state <> 'used' AND kind IS NULL AND allocator <> 'pymalloc'
GROUP BY state, size
ORDER BY sum(bytes) DESC, state, size
LIMIT :top;
