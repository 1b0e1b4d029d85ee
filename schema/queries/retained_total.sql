SELECT CASE :object
	WHEN 0 THEN (SELECT sum(retained_size) FROM objects WHERE dominator_id IS NULL)
	ELSE (SELECT retained_size FROM objects WHERE id = :object) END AS bytes,
	CASE WHEN :object > 0 THEN path(:object) END AS path;
