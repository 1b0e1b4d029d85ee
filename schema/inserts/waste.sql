INSERT INTO waste (id, kind, holder, objects, distinct_values, bytes, savings, example_id,
	example_copies, advice)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
