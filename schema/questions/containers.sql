-- Which containers have the most entries?
SELECT path(o.id) AS path, t.name AS type, o.entries, human(o.size + o.owned_size) AS size
FROM (
	SELECT *, CAST(substr(value, 5) AS INTEGER) AS entries
	FROM objects
	WHERE value GLOB 'len [0-9]*'
	ORDER BY entries DESC
	LIMIT 40
) o
JOIN types t ON t.id = o.type_id
WHERE t.name IN ('builtins.dict', 'builtins.list', 'builtins.set', 'builtins.tuple',
	'builtins.frozenset', 'collections.deque')
ORDER BY o.entries DESC
LIMIT 20;
