-- The oldest snapshot's types by their numbers in the newest: one name, one type object.
SELECT o.id AS old_id, n.id AS new_id, n.name = 'builtins.dict' AS is_dict
FROM old.types o
LEFT JOIN old.objects oo ON oo.id = o.object_id
JOIN main.types n ON n.name = o.name
LEFT JOIN main.objects nn ON nn.id = n.object_id
WHERE oo.address IS nn.address;
