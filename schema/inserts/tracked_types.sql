INSERT INTO tracked_types (type_id, objects, in_cycles, leaves)
VALUES (?, ?, ?, ?);
