-- Each generation, as it stood and as gc.get_stats() has it.
SELECT collector_id AS collector, generation, CASE generation WHEN 3 THEN 'permanent'
		ELSE generation END AS name,
	objects, count, threshold, collections, collected, uncollectable, in_cycles, leaves
FROM generations
ORDER BY collector_id, generation;
