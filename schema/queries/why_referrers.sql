-- Who holds an object, and by what step; as many as are worth a look.
SELECT r.source_id, r.ordinal, l.name, l.expression, l.weight, kt.name AS key_type,
	k.value AS key_value, st.name = 'builtins.module' AS is_module
FROM refs r
JOIN labels l ON l.id = r.label_id
JOIN objects s ON s.id = r.source_id
JOIN types st ON st.id = s.type_id
LEFT JOIN refs kr ON kr.source_id = r.source_id AND kr.ordinal = r.ordinal - 1 AND l.name = 'value'
LEFT JOIN objects k ON k.id = kr.target_id
LEFT JOIN types kt ON kt.id = k.type_id
WHERE r.target_id = :object AND r.kind < 2 AND NOT s.lender
LIMIT 1000;
