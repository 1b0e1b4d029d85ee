-- How many references there are to an object, and from how many others.
SELECT count(*) AS "references", count(DISTINCT source_id) AS referrers
FROM refs
WHERE target_id = :object;
