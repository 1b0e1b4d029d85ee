-- A row where not all roots were found.
SELECT 'more' AS more
FROM why(:object)
WHERE NOT complete
LIMIT 1;
