INSERT INTO symbols (address, size, name, kind)
VALUES (?, ?, ?, ?);
