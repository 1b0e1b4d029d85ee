-- How each collector stood; `next_full`: what long_lived_pending must exceed for a full collection.
SELECT c.id AS collector, c.enabled, c.collecting, c.debug, c.long_lived_total,
	c.long_lived_pending, c.long_lived_total / 4 AS next_full,
	CASE c.enabled WHEN 1 THEN 'on' ELSE 'off' END AS switch,
	CASE c.collecting WHEN 1 THEN '; a collection was running' END AS running,
	nullif(c.debug, 0) AS flags
FROM collectors c
ORDER BY c.id;
