-- Which strings are there many times?
-- A value has at most 80 characters, so of longer strings this tells only that they begin alike.
SELECT o.value, count(*) AS copies, human(sum(o.size) - max(o.size)) AS wasted
FROM types t
JOIN objects o ON o.type_id = t.id
WHERE t.name = 'builtins.str'
GROUP BY o.value, o.size
HAVING count(*) > 1
ORDER BY sum(o.size) - max(o.size) DESC
LIMIT 20;
