-- How much do the instances of each class retain?
-- Retained is what would go with an instance: what others refer to, too, does not count.
SELECT t.name AS class, count(*) AS instances, human(avg(o.retained_size)) AS average,
	human(max(o.retained_size)) AS largest
FROM types t
JOIN objects o ON o.type_id = t.id
WHERE t.layout = 'slots'
GROUP BY t.id
ORDER BY sum(o.retained_size) DESC
LIMIT 20;
