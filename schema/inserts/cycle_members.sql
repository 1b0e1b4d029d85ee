INSERT INTO cycle_members (cycle_id, object_id)
VALUES (?, ?);
