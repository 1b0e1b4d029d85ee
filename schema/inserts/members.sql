INSERT INTO members (struct_id, offset, size, count, name, type)
VALUES (?, ?, ?, ?, ?, ?);
