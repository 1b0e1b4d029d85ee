-- Of which files was how much memory in the dump?
SELECT path, count(*) AS mappings, human(sum(size)) AS size, human(sum(dumped)) AS dumped
FROM mappings
WHERE path IS NOT NULL
GROUP BY path
ORDER BY sum(dumped) DESC, sum(size) DESC
LIMIT 20;
