-- Words of the dump that have the address, and what they are: those that nobody understands first.
-- :hits is a JSON array of [address, bytes into the object or block, thread, register].
WITH hit AS (
	SELECT json_extract(value, '$[0]') AS address, json_extract(value, '$[1]') AS into_it,
		json_extract(value, '$[2]') AS tid, json_extract(value, '$[3]') AS register
	FROM json_each(:hits)
), pooled AS (
	SELECT h.*, (
		SELECT id
		FROM (SELECT id, address, size FROM pools WHERE address <= h.address
			ORDER BY address DESC LIMIT 1)
		WHERE h.address < address + size) AS pool_id, (
		SELECT id
		FROM (SELECT id, address, size FROM blocks WHERE address <= h.address
			ORDER BY address DESC LIMIT 1)
		WHERE h.address < address + size) AS block_id
	FROM hit h
), slotted AS (
	SELECT h.*, p.block_size, CASE WHEN p.block_size > 0 AND h.address >= p.address + p.header
		THEN p.address + p.header
			+ (h.address - p.address - p.header) / p.block_size * p.block_size END AS slot
	FROM pooled h
	LEFT JOIN pools p ON p.id = h.pool_id
), root_word AS MATERIALIZED ( -- thousands, of None
	SELECT min(id) AS id, address
	FROM roots
	WHERE object_id = :object AND address IS NOT NULL
	GROUP BY address
), placed AS MATERIALIZED (
	SELECT h.*, CASE
		WHEN h.slot IS NOT NULL THEN (
			SELECT min(o.id)
			FROM objects o
			WHERE o.address >= h.slot AND o.address < h.slot + h.block_size)
		WHEN h.block_id IS NULL THEN (
			SELECT id
			FROM (SELECT id, address, size FROM objects WHERE address <= h.address
				ORDER BY address DESC LIMIT 1)
			WHERE h.address < address + size) END AS object_id, (
		SELECT address
		FROM (SELECT address, size FROM symbols WHERE h.address >= 0 AND address <= h.address
			ORDER BY address DESC LIMIT 8)
		WHERE h.address - address < size
		LIMIT 1) AS symbol, (
		SELECT id
		FROM mappings
		WHERE (h.address >= 0) = (address >= 0) AND address <= h.address
			AND h.address - address < size) AS mapping_id, (
		SELECT id
		FROM (SELECT id, address, size FROM c_frames WHERE address <= h.address
			ORDER BY address DESC LIMIT 1)
		WHERE h.address < address + size) AS c_frame_id, r.id AS root_id
	FROM slotted h
	LEFT JOIN root_word r ON r.address = h.address
), owned AS (
	SELECT p.*, coalesce(p.object_id, b.owner_id) AS holder_id, b.state, b.kind AS block_kind,
		b.size AS block_bytes, hl.name AS block_holder
	FROM placed p
	LEFT JOIN blocks b ON b.id = p.block_id
	LEFT JOIN labels hl ON hl.id = b.holder_id
), referring AS MATERIALIZED ( -- by its source: very many may refer to the object
	SELECT o.*, (SELECT min(r.ordinal) FROM refs r
		WHERE r.source_id = o.holder_id AND +r.target_id = :object) AS ordinal
	FROM owned o
), told AS (
	SELECT h.*, t.name AS type, t.layout, x.address AS object_address, (
			SELECT v.label FROM v_refs v
			WHERE v.source_id = h.holder_id AND v.ordinal = h.ordinal) AS label, (
			SELECT rk.name
			FROM refs r
			JOIN ref_kinds rk ON rk.kind = r.kind
			WHERE r.source_id = h.holder_id AND r.ordinal = h.ordinal) AS ref_kind, m.kind AS mapping_kind,
		m.path, m.address AS mapping_address, m.size AS mapping_size, r.kind AS root_kind,
		r.counted, r.label AS root_label, f.function AS frame_function, s.name AS symbol_name,
		cf.function AS c_function, cf.module AS c_module, cf.thread_id AS c_thread_id
	FROM referring h
	LEFT JOIN objects x ON x.id = h.holder_id
	LEFT JOIN types t ON t.id = x.type_id
	LEFT JOIN mappings m ON m.id = h.mapping_id
	LEFT JOIN roots r ON r.id = h.root_id
	LEFT JOIN frames f ON f.id = r.frame_id
	LEFT JOIN symbols s ON s.address = h.symbol
	LEFT JOIN c_frames cf ON cf.id = h.c_frame_id
), judged AS (
	SELECT *, CASE
		WHEN root_id IS NOT NULL AND counted > 0 THEN 'counted'
		WHEN register IS NOT NULL THEN 'unknown'
		WHEN state IN ('free', 'cached') THEN 'stale'
		WHEN slot IS NOT NULL AND object_id IS NULL AND block_id IS NULL THEN 'stale'
		WHEN mapping_kind = 'stack' AND object_id IS NULL AND block_id IS NULL AND c_frame_id IS NULL
			AND NOT EXISTS (SELECT 1 FROM threads th WHERE th.stack_pointer <= h.address
				AND th.stack_pointer >= h.mapping_address) THEN 'stale'
		WHEN holder_id = :object THEN 'own'
		WHEN ref_kind IN ('traversed', 'counted') THEN 'counted'
		WHEN ref_kind = 'guess' THEN 'unknown'
		WHEN ref_kind IS NOT NULL THEN ref_kind
		WHEN layout IN ('builtin', 'slots') THEN 'data' -- all its references are known
		WHEN object_id IS NULL AND block_id IS NULL AND (pool_id IS NOT NULL OR EXISTS (
			SELECT 1 FROM arenas a WHERE a.address <= h.address AND h.address < a.address + a.size))
			THEN 'allocator'
		ELSE 'unknown' END AS status
	FROM told h
)
SELECT h.status, CASE
	WHEN h.register IS NOT NULL THEN 'register ' || h.register || ', thread ' || h.tid
	WHEN h.root_id IS NOT NULL AND h.root_kind NOT IN ('stack', 'register', 'native')
		THEN h.root_label || coalesce(' of ' || h.frame_function || '()', '')
	WHEN h.holder_id IS NOT NULL THEN coalesce(h.block_kind || ' of ', '') || h.type
		|| coalesce(CASE WHEN h.label GLOB '[.[]*' THEN '' ELSE '.' END || h.label, (
			SELECT '.' || m.name
			FROM types t
			JOIN structs s ON s.name = t.struct
			JOIN members m ON m.struct_id = s.id
			WHERE h.object_id IS NOT NULL AND t.name = h.type
				AND m.offset <= h.address - h.object_address
				AND h.address - h.object_address < m.offset + m.size * max(m.count, 1)
			ORDER BY m.offset DESC
			LIMIT 1), ' + ' || nullif(h.address - h.object_address, 0), '')
	WHEN h.block_id IS NOT NULL THEN h.state || ' ' || coalesce(h.block_kind, 'block') || ' of '
		|| h.block_bytes || ' bytes' || coalesce(', held by ' || h.block_holder, '')
	WHEN h.slot IS NOT NULL THEN 'free block of ' || h.block_size || ' bytes'
	WHEN h.symbol IS NOT NULL THEN h.symbol_name || coalesce(' + ' || nullif(h.address - h.symbol, 0), '')
		|| coalesce(', ' || h.path, '')
	WHEN h.c_frame_id IS NOT NULL THEN coalesce(h.c_function || '()', 'a function')
		|| coalesce(' of ' || h.c_module, '') || coalesce(', thread ' || (
			SELECT tid FROM threads WHERE id = h.c_thread_id), '')
	ELSE coalesce(h.mapping_kind, 'memory') || coalesce(' of thread ' || (
			SELECT tid
			FROM threads
			WHERE h.mapping_kind = 'stack' AND stack_pointer >= h.mapping_address
				AND stack_pointer - h.mapping_address < h.mapping_size
			LIMIT 1), '') || coalesce(', ' || h.path, '') END AS place,
	nullif(h.into_it, 0) AS into_it, CASE WHEN h.register IS NULL THEN printf('0x%x', h.address) END AS address
FROM judged h
ORDER BY CASE WHEN h.status = 'unknown' THEN 0 WHEN h.status IN ('stale', 'data', 'allocator') THEN 2
	ELSE 1 END, h.address
LIMIT :top;
