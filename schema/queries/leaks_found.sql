-- How many of a kind ('any': of all; 'new': of those that are not known) are at least as sure as a grade.
SELECT coalesce(sum(leaks), 0) AS leaks
FROM leak_groups
WHERE (kind = :kind OR :kind = 'any'
		OR (:kind = 'new' AND id NOT IN (SELECT value FROM json_each(:known))))
	AND (grade = 'proven' OR (grade = 'probable' AND :grade <> 'proven') OR :grade = 'unknown');
