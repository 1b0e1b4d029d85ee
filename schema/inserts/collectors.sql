INSERT INTO collectors (id, enabled, collecting, debug, long_lived_total, long_lived_pending)
VALUES (?, ?, ?, ?, ?, ?);
