SELECT v.ordinal, v.label, v.kind, v.referent, v.referent_type, o.value
FROM v_referents v
JOIN objects o ON o.id = v.referent_id
WHERE v.object_id = :object
ORDER BY v.ordinal
LIMIT :top;
