-- The one in a sentence of its own left out.
SELECT rank, kind, severity, title, bytes, objects, evidence, advice, query
FROM findings
WHERE kind <> 'verdict'
ORDER BY rank
LIMIT :top;
