SELECT count(*) AS objects, coalesce(sum(size + owned_size), 0) AS bytes FROM objects;
