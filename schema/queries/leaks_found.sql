-- How many of a kind ('any': of all) are at least as sure as a grade.
SELECT count(*) AS leaks
FROM leaks
WHERE (kind = :kind OR :kind = 'any')
	AND (grade = 'proven' OR (grade = 'probable' AND :grade <> 'proven') OR :grade = 'unknown');
