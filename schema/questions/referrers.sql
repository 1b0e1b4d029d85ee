-- Who refers to an object, and under which name?
-- Here to the largest one. Of one whose address is known:
-- WHERE object_id = (SELECT id FROM objects WHERE address = addr('0x7f52a41c0e10')).
SELECT referrer, referrer_type, label, kind, path(referrer_id) AS path
FROM v_referrers
WHERE object_id = (SELECT id FROM objects ORDER BY size + owned_size DESC LIMIT 1);
