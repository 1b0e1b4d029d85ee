-- Tables and views, with the comment in the first line of each.
SELECT name, type,
	CASE WHEN instr(first_line, ' -- ') THEN substr(first_line, instr(first_line, ' -- ') + 4) END
		AS meaning
FROM (
	SELECT name, type, substr(sql, 1, instr(sql || char(10), char(10)) - 1) AS first_line
	FROM sqlite_schema
	WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'
)
ORDER BY type, name;
