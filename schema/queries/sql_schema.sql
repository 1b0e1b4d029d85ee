-- What tables and views are made of, line by line.  :name is one of them, or '' for all.
WITH RECURSIVE wanted(place, text) AS (
	SELECT row_number() OVER (ORDER BY type, name), sql || ';' || char(10)
	FROM sqlite_schema
	WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'
		AND (:name = '' OR name = :name COLLATE NOCASE)
), lines(place, number, line, rest) AS (
	SELECT place, 0, '', text FROM wanted
	UNION ALL
	SELECT place, number + 1, substr(rest, 1, instr(rest, char(10)) - 1),
		substr(rest, instr(rest, char(10)) + 1)
	FROM lines
	WHERE rest <> ''
)
SELECT replace(line, char(9), '    ') AS line FROM lines WHERE number > 0 ORDER BY place, number;
