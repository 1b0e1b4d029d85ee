-- The snapshots, the oldest first.
SELECT n, path, source, pid, objects, bytes, dumped_bytes
FROM temp.snapshots
ORDER BY n;
