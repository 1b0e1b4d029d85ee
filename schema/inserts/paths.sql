INSERT INTO paths (object_id, parent_id, ordinal, label_id, key_id, root_id, depth, jump_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);
