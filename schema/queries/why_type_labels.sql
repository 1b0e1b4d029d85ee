SELECT id, name, expression
FROM labels
ORDER BY id;
