-- One row, none if there are no anomalies.
SELECT sum(count) AS times, count(*) AS kinds,
	(SELECT message FROM anomalies ORDER BY count DESC LIMIT 1) AS message,
	(SELECT stage FROM anomalies ORDER BY count DESC LIMIT 1) AS stage
FROM anomalies
HAVING count(*) > 0;
