SELECT coalesce(sum(leaks), 0) AS leaks, count(*) AS groups, coalesce(sum(objects), 0) AS objects,
	coalesce(sum(bytes), 0) AS bytes,
	CASE WHEN :known IS NOT NULL THEN count(*) FILTER (
		WHERE id NOT IN (SELECT value FROM json_each(:known))) END AS new_groups
FROM leak_groups;
