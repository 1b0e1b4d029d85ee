-- One row: what the memory is, in a sentence; none if nothing is accounted for.
SELECT title AS sentence, evidence, advice, bytes, query
FROM findings
WHERE kind = 'verdict'
ORDER BY rank
LIMIT 1;
