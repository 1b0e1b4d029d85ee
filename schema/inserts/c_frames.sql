INSERT INTO c_frames (id, thread_id, depth, address, size, function, module)
VALUES (?, ?, ?, ?, ?, ?, ?);
