SELECT count(*) AS leaks, coalesce(sum(objects), 0) AS objects, coalesce(sum(bytes), 0) AS bytes
FROM leaks;
