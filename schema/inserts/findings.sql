INSERT INTO findings (rank, kind, severity, title, bytes, objects, evidence, advice, query)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
