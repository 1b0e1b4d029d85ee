INSERT INTO mappings (id, address, size, perms, path, file_offset, build_id, kind, dumped)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
