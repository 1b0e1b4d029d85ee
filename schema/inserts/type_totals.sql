INSERT INTO type_totals (type_id, objects, bytes, retained_bytes)
VALUES (?, ?, ?, ?);
