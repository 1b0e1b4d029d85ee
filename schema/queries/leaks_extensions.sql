-- One row if references have no owner and there is code that could have them.
SELECT value AS modules
FROM meta
WHERE key = 'extensions' AND value <> ''
	AND EXISTS (SELECT 1 FROM leak_groups WHERE kind = 'refcount');
