INSERT INTO frames (id, thread_id, depth, function, file, line, address)
VALUES (?, ?, ?, ?, ?, ?, ?);
