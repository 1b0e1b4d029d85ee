-- Locals of the frame :id.  Of a frame on a thread's stack they are roots; where a frame is an
-- object, or a part of a generator, they are references of that.  A variable that closures
-- share is in a cell, which is given beside what it holds.
WITH holder AS (
	SELECT o.id
	FROM frames f
	JOIN objects o ON o.id = (
		SELECT id FROM objects WHERE address <= f.address ORDER BY address DESC LIMIT 1)
	WHERE f.id = :id AND f.address < o.address + o.size
), local AS (
	SELECT r.id AS position, r.label, r.object_id
	FROM roots r
	WHERE r.frame_id = :id AND r.kind = 'frame'
	UNION ALL
	SELECT r.ordinal, l.name, r.target_id
	FROM holder h
	JOIN refs r ON r.source_id = h.id
	JOIN labels l ON l.id = r.label_id
), held AS (
	SELECT l.position, substr(l.label, 7) AS name, l.object_id, CASE t.name WHEN 'builtins.cell' THEN (
		SELECT r.target_id
		FROM refs r
		JOIN labels rl ON rl.id = r.label_id
		WHERE r.source_id = o.id AND rl.name IN ('ob_ref', 'cell_contents')) END AS contents_id
	FROM local l
	JOIN objects o ON o.id = l.object_id
	JOIN types t ON t.id = o.type_id
	WHERE substr(l.label, 1, 6) = 'local '
)
SELECT h.name, t.name AS type, o.value, printf('0x%x', o.address) AS address,
	CASE WHEN h.contents_id THEN printf('0x%x', c.address) END AS cell
FROM held h
JOIN objects c ON c.id = h.object_id
JOIN objects o ON o.id = coalesce(h.contents_id, h.object_id)
JOIN types t ON t.id = o.type_id
ORDER BY h.position
LIMIT :top;
