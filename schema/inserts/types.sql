INSERT INTO types (id, object_id, name, struct, layout, size, item_size)
VALUES (?, ?, ?, ?, ?, ?, ?);
