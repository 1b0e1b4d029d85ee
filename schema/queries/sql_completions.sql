-- What a word of SQL can go on as.  :word is what is typed of it; :owner the table that stands
-- before a dot, or ''; :tables is 1 where only a table can stand.
WITH relations(name) AS (
	SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'
), keywords(name) AS (
	VALUES ('ALL'), ('AND'), ('AS'), ('ASC'), ('BETWEEN'), ('BY'), ('CASE'), ('CAST'), ('COLLATE'),
		('CROSS'), ('CURRENT'), ('DESC'), ('DISTINCT'), ('ELSE'), ('END'), ('ESCAPE'), ('EXCEPT'),
		('EXISTS'), ('EXPLAIN'), ('FILTER'), ('FIRST'), ('FOLLOWING'), ('FROM'), ('FULL'), ('GLOB'),
		('GROUP'), ('GROUPS'), ('HAVING'), ('IN'), ('INNER'), ('INTERSECT'), ('IS'), ('ISNULL'),
		('JOIN'), ('LAST'), ('LEFT'), ('LIKE'), ('LIMIT'), ('MATERIALIZED'), ('NATURAL'), ('NOCASE'),
		('NOT'), ('NOTNULL'), ('NULL'), ('NULLS'), ('OFFSET'), ('ON'), ('OR'), ('ORDER'), ('OUTER'),
		('OVER'), ('PARTITION'), ('PLAN'), ('PRECEDING'), ('QUERY'), ('RANGE'), ('RECURSIVE'),
		('RIGHT'), ('ROW'), ('ROWS'), ('SELECT'), ('THEN'), ('UNBOUNDED'), ('UNION'), ('USING'),
		('VALUES'), ('WHEN'), ('WHERE'), ('WINDOW'), ('WITH')
), names(name) AS (
	SELECT name FROM relations WHERE :owner = ''
	UNION
	SELECT c.name
	FROM relations r
	JOIN pragma_table_info(r.name) c
	WHERE NOT :tables AND (:owner = '' OR r.name = :owner COLLATE NOCASE)
	UNION
	SELECT lower(name) || '('
	FROM pragma_function_list
	WHERE NOT :tables AND :owner = '' AND :word <> '' AND name GLOB '[A-Za-z]*'
		AND name NOT LIKE 'sqlite%'
	UNION
	SELECT name || '(' FROM pragma_module_list WHERE :owner = '' AND name IN ('why')
	UNION
	SELECT CASE WHEN :word = lower(:word) THEN lower(name) ELSE name END
	FROM keywords
	WHERE NOT :tables AND :owner = '' AND :word <> ''
)
SELECT name FROM names WHERE substr(name, 1, length(:word)) = :word COLLATE NOCASE ORDER BY name;
