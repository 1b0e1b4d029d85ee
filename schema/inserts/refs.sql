INSERT INTO refs (source_id, ordinal, target_id, label_id, kind)
VALUES (?, ?, ?, ?, ?);
