INSERT INTO roots (id, object_id, kind, label, address, thread_id, frame_id, counted, expression)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
