-- Arenas by allocator; a free arena has no block in use.
SELECT allocator, count(*) AS arenas, sum(size) AS bytes, sum(used) AS used, sum(free) AS free,
	sum(pools) AS pools, sum(free_pools) AS free_pools,
	count(*) FILTER (WHERE used = 0) AS free_arenas
FROM arenas
GROUP BY allocator
ORDER BY sum(size) DESC
LIMIT :top;
