SELECT r.kind, r.label, CASE WHEN r.address IS NOT NULL THEN printf('0x%x', r.address) END AS address,
	f.function || coalesce(':' || f.line, '') AS frame, th.tid
FROM roots r
LEFT JOIN frames f ON f.id = r.frame_id
LEFT JOIN threads th ON th.id = r.thread_id
WHERE r.object_id = :object
ORDER BY r.id
LIMIT :top;
