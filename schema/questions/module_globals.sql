-- Which modules' globals retain the most?
-- What two modules share counts for neither.
SELECT m.value AS module, d.value AS globals, human(d.retained_size) AS retained
FROM types t
JOIN objects m ON m.type_id = t.id
JOIN refs r ON r.source_id = m.id
JOIN labels l ON l.id = r.label_id
JOIN objects d ON d.id = r.target_id
WHERE t.name = 'builtins.module' AND l.name = 'md_dict'
ORDER BY d.retained_size DESC
LIMIT 20;
