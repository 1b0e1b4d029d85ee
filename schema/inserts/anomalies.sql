INSERT INTO anomalies (stage, address, message, count)
VALUES (?, ?, ?, ?);
