-- What a collection of each generation would do now.
SELECT collector_id AS collector, generation, would_visit, would_follow, would_find,
	would_find_bytes
FROM generations
WHERE generation < 3
ORDER BY collector_id, generation;
