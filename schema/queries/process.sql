-- One row: the process and how it was read.
WITH facts AS (
	SELECT max(value) FILTER (WHERE key = 'source') AS source,
		max(value) FILTER (WHERE key = 'pid' AND value <> '0') AS pid,
		max(value) FILTER (WHERE key = 'executable' AND value <> '') AS executable,
		max(value) FILTER (WHERE key = 'command_line' AND value <> '') AS command_line,
		max(value) FILTER (WHERE key = 'runtime' AND value <> '') AS runtime,
		max(value) FILTER (WHERE key = 'runtime_version' AND value <> '') AS runtime_version,
		max(value) FILTER (WHERE key = 'layout_source' AND value <> '') AS layout_source,
		max(value) FILTER (WHERE key = 'tool_version') AS tool_version,
		CAST(max(value) FILTER (WHERE key = 'seconds.stopped') AS REAL) AS stopped_seconds
	FROM meta
)
SELECT *, CASE WHEN source <> 'pid ' || pid THEN pid END AS process FROM facts;
