-- What the language ties up itself: a class is in its own __mro__, a function in its module.
SELECT nullif(coalesce(sum(cycles) FILTER (WHERE kind = 'class'), 0), 0) AS classes,
	nullif(coalesce(sum(cycles) FILTER (WHERE kind = 'module'), 0), 0) AS modules,
	sum(objects) AS objects, sum(bytes) AS bytes
FROM cycle_patterns
WHERE kind <> 'program' AND state = 'live'
HAVING count(*) > 0;
