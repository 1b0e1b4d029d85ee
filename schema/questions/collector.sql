-- How many objects does the collector look at, by generation?
-- 3 is the permanent one, which gc.freeze() fills, and which is not looked at.
SELECT gc_generation AS generation, count(*) AS objects, human(sum(size + owned_size)) AS size
FROM objects
WHERE gc_tracked
GROUP BY gc_generation;
