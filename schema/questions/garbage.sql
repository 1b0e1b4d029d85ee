-- What is garbage that the collector has not freed, by type?
SELECT type, count(*) AS objects, human(sum(bytes)) AS size, pattern
FROM v_garbage
GROUP BY type, pattern
ORDER BY sum(bytes) DESC;
