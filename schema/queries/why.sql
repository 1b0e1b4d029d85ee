SELECT rank, kind, steps, path
FROM why(:object)
ORDER BY rank
LIMIT :top;
