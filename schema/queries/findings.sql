SELECT rank, kind, severity, title, bytes, objects, evidence, advice, query
FROM findings
ORDER BY rank
LIMIT :top;
