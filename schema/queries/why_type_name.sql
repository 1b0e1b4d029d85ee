-- The type of that name; else the one with most objects of that name in any module.
SELECT name
FROM types
WHERE name = :type OR substr(name, -length(:type) - 1) = '.' || :type
ORDER BY name <> :type, id
LIMIT 1;
