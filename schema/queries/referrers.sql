-- The references to an object, in the order of who refers.
SELECT v.referrer, v.referrer_type, v.label, v.kind, v.ordinal, o.value, path(v.referrer_id) AS path
FROM v_referrers v
JOIN objects o ON o.id = v.referrer_id
WHERE v.object_id = :object
ORDER BY v.referrer_id, v.ordinal
LIMIT :top;
