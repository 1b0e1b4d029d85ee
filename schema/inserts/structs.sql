INSERT INTO structs (id, name, keyword, size)
VALUES (?, ?, ?, ?);
