-- How many references there are to an object.
SELECT count(*) AS "references"
FROM refs
WHERE target_id = :object;
