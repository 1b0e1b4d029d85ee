-- What there is to win, by what wins it.
SELECT kind, count(*) FILTER (WHERE holder IS NOT NULL) AS holders, sum(objects) AS objects,
	sum(bytes) AS bytes, sum(savings) AS savings, advice
FROM waste
GROUP BY kind, advice
ORDER BY sum(savings) DESC, kind;
