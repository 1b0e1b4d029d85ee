INSERT INTO cycles (id, state, objects, bytes, pattern, fingerprint, finalizers)
VALUES (?, ?, ?, ?, ?, ?, ?);
