-- The one in a sentence of its own left out.  seen: the evidence of the first, to fit a screen.
SELECT rank, kind, severity, title, bytes, objects, evidence, advice, query,
	CASE WHEN rank = (SELECT min(rank) FROM findings WHERE kind <> 'verdict') OR :top < 0
		THEN evidence END AS seen
FROM findings
WHERE kind <> 'verdict'
ORDER BY rank
LIMIT :top;
