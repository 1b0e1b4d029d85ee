-- What the C library keeps, by size: free blocks in its bins, cached ones in its fast lists.
SELECT state, size, count(*) AS blocks, sum(size) AS bytes
FROM blocks
WHERE state <> 'used' AND kind IS NULL AND allocator <> 'pymalloc'
GROUP BY state, size
ORDER BY sum(size) DESC, state, size
LIMIT :top;
