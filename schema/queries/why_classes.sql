SELECT object_id
FROM types
WHERE object_id IS NOT NULL
ORDER BY object_id;
