INSERT INTO fingerprints (subject, kind, fingerprint, count, objects, bytes, example_id)
VALUES (?, ?, ?, ?, ?, ?, ?);
