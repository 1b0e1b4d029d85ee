-- How much of what collectors look at can be in a cycle at all.
SELECT coalesce(sum(objects), 0) AS tracked,
	coalesce(sum(in_cycles), 0) AS in_cycles,
	100.0 * sum(in_cycles) / sum(objects) AS in_cycles_percent,
	coalesce(sum(leaves), 0) AS leaves, 100.0 * sum(leaves) / sum(objects) AS leaves_percent
FROM tracked_types;
