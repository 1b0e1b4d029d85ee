INSERT INTO accounting (bucket, parent, bytes, count)
VALUES (?, ?, ?, ?);
