SELECT id, expression, kind = 'interpreter' AS is_namespace
FROM roots
WHERE expression IS NOT NULL;
