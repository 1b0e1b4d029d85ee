-- The roots that hold an object; a guess only where the count has no other reason.
SELECT r.kind, r.expression
FROM roots r
JOIN objects o ON o.id = r.object_id
WHERE r.object_id = :object AND r.expression IS NOT NULL
	AND (r.counted > 0 OR r.kind = 'static'
		OR (o.surplus > 0 AND r.kind IN ('stack', 'register', 'native')));
