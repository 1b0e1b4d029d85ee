-- For people: addresses as text in hex, names in place of ids.

CREATE VIEW v_objects ( -- objects with hex addresses and type names
	id,            -- objects.id
	address,       -- hex
	type,          -- module.qualname
	size,          -- bytes of the object, headers before it included
	owned_size,    -- bytes of raw blocks that only it owns
	retained_size, -- bytes that would go with it, its own included; NULL: not computed
	refcount,      -- as stored; NULL: it has none that can be read
	found_refs,    -- counted references found, roots included
	surplus,       -- refcount - found_refs; NULL: immortal, or no count
	state,         -- live, garbage, leaked
	gc_tracked,    -- 1: in one of the collector's lists
	gc_generation, -- 0 to 2, 3: permanent; NULL: untracked
	immortal,      -- 1: its count means nothing
	static,        -- 1: in a module's data, not allocated
	distance,      -- references from the nearest root; NULL: unreachable
	dominator,     -- hex address of the one object all paths to it pass last; NULL: none
	cycle_id,      -- cycles.id; NULL: in no cycle
	value          -- short text of its value; NULL: it has none, or it is not in the dump
) AS
SELECT o.id, printf('0x%x', o.address) AS address, t.name AS type, o.size, o.owned_size,
	o.retained_size, o.refcount, o.found_refs, o.surplus, o.state, o.gc_tracked,
	o.gc_generation, o.immortal, o.static, o.distance,
	CASE WHEN d.id IS NOT NULL THEN printf('0x%x', d.address) END AS dominator, o.cycle_id, o.value
FROM objects o
JOIN types t ON t.id = o.type_id
LEFT JOIN objects d ON d.id = o.dominator_id;

CREATE VIEW v_blocks ( -- memory that is no object, with what is known of it in words
	id,         -- blocks.id
	address,    -- hex, of the first byte its user has
	size,       -- bytes its user has
	allocator,  -- pymalloc, glibc, ...
	state,      -- used, free, cached (freed, kept in a fast cache)
	kind,       -- what it is for, or its C type; NULL: unknown
	confidence, -- of a C type: certain, likely, guess; NULL: kind is no C type
	evidence,   -- the variable or type and the members that lead to it; NULL: no C type
	owner,      -- hex address of the object it belongs to; NULL: none known
	owner_type, -- module.qualname of that object's type
	holder,     -- of an unknown one, what has a pointer to it; NULL: nothing that was looked at
	first_word  -- of an unknown one, the symbol that its first word points to; NULL: to none
) AS
SELECT b.id, printf('0x%x', b.address) AS address, b.size, b.allocator, b.state, b.kind,
	b.confidence, e.name AS evidence, CASE WHEN o.id IS NOT NULL THEN printf('0x%x', o.address) END
		AS owner, t.name AS owner_type, h.name AS holder, w.name AS first_word
FROM blocks b
LEFT JOIN labels e ON e.id = b.evidence_id
LEFT JOIN labels h ON h.id = b.holder_id
LEFT JOIN labels w ON w.id = b.first_word_id
LEFT JOIN objects o ON o.id = b.owner_id
LEFT JOIN types t ON t.id = o.type_id;

CREATE VIEW v_types ( -- a row a type: count, bytes and retained bytes of its objects
	id,      -- types.id
	name,    -- module.qualname
	layout,  -- how its references are known: see types.layout
	objects, -- instances
	bytes,   -- of the instances and the blocks that only they own
	retained_bytes -- of the instances and all that only they keep alive, those that one of the type dominates once
) AS
SELECT t.id, t.name, t.layout, coalesce(n.objects, 0) AS objects, coalesce(n.bytes, 0) AS bytes,
	n.retained_bytes
FROM types t
LEFT JOIN type_totals n ON n.type_id = t.id;

CREATE VIEW v_refs ( -- references with their labels in full: [3], ['user'], [5], [<builtins.tuple len 2>]
	source_id,   -- objects.id of who refers
	source,      -- its address, hex
	source_type, -- its type, module.qualname
	ordinal,     -- position within the source, from 0
	label,       -- what the source calls it, in full
	kind,        -- a name from ref_kinds
	target_id,   -- objects.id of who is referred to
	target,      -- its address, hex
	target_type  -- its type, module.qualname
) AS
SELECT r.source_id, printf('0x%x', s.address) AS source, st.name AS source_type, r.ordinal,
	CASE l.name
	WHEN '[]' THEN '[' || r.ordinal || ']'
	WHEN 'value' THEN coalesce((
		SELECT CASE
			WHEN kt.name IN ('str', 'builtins.str') AND k.value IS NOT NULL
				THEN '[''' || replace(k.value, '''', '\''') || ''']'
			WHEN kt.name IN ('builtins.int', 'builtins.bool', 'builtins.NoneType',
					'builtins.float', 'builtins.bytes', 'builtins.complex')
				AND k.value IS NOT NULL
				THEN '[' || k.value || ']'
			ELSE '[<' || kt.name || coalesce(' ' || k.value, '') || '>]' END
		FROM refs kr
		JOIN labels kl ON kl.id = kr.label_id
		JOIN objects k ON k.id = kr.target_id
		JOIN types kt ON kt.id = k.type_id
		WHERE kr.source_id = r.source_id AND kr.ordinal = r.ordinal - 1
			AND kl.name = 'key'), l.name)
	ELSE l.name END AS label,
	rk.name AS kind, r.target_id, printf('0x%x', t.address) AS target, tt.name AS target_type
FROM refs r
JOIN labels l ON l.id = r.label_id
JOIN ref_kinds rk ON rk.kind = r.kind
JOIN objects s ON s.id = r.source_id
JOIN types st ON st.id = s.type_id
JOIN objects t ON t.id = r.target_id
JOIN types tt ON tt.id = t.type_id;

CREATE VIEW v_referents ( -- what an object refers to: WHERE object_id = N
	object_id,     -- objects.id of who refers
	object,        -- its address, hex
	ordinal,       -- position within it, from 0
	label,         -- what it calls the reference, in full
	kind,          -- a name from ref_kinds
	referent_id,   -- objects.id of who is referred to
	referent,      -- its address, hex
	referent_type  -- its type, module.qualname
) AS
SELECT source_id AS object_id, source AS object, ordinal, label, kind, target_id AS referent_id,
	target AS referent, target_type AS referent_type
FROM v_refs;

CREATE VIEW v_referrers ( -- who refers to an object: WHERE object_id = N
	object_id,     -- objects.id of who is referred to
	object,        -- its address, hex
	referrer_id,   -- objects.id of who refers
	referrer,      -- its address, hex
	referrer_type, -- its type, module.qualname
	ordinal,       -- position within the referrer, from 0
	label,         -- what the referrer calls the reference, in full
	kind           -- a name from ref_kinds
) AS
SELECT target_id AS object_id, target AS object, source_id AS referrer_id, source AS referrer,
	source_type AS referrer_type, ordinal, label, kind
FROM v_refs;

CREATE VIEW v_size_classes ( -- pools by size of block; block_size 0: free pools
	allocator,   -- pymalloc, ...
	block_size,  -- bytes of a block; 0: free pools
	pools,       -- pools of it
	capacity,    -- blocks in them
	used_blocks, -- of these, in use
	free_blocks, -- of these, free
	bytes,       -- of the pools, headers included
	free_bytes   -- of the free blocks
) AS
SELECT a.allocator, p.block_size, sum(p.pools) AS pools, sum(p.capacity) AS capacity,
	sum(p.used) AS used_blocks, sum(p.capacity - p.used) AS free_blocks,
	sum(p.bytes) AS bytes, sum((p.capacity - p.used) * p.block_size) AS free_bytes
FROM ( -- by arena first, in the order of the index pools_class: 2 GiB of pools are 27 ms, not 110
	SELECT block_size, arena_id, count(*) AS pools, sum(capacity) AS capacity,
		sum(used) AS used, sum(size) AS bytes
	FROM pools
	GROUP BY block_size, arena_id
) p
JOIN arenas a ON a.id = p.arena_id
GROUP BY a.allocator, p.block_size;

CREATE VIEW v_garbage ( -- objects that the collector would free
	id,            -- objects.id
	address,       -- hex
	type,          -- module.qualname
	bytes,         -- of the object and the blocks that only it owns
	refcount,      -- as stored
	gc_generation, -- 0 to 2; NULL: untracked
	cycle_id,      -- cycles.id; NULL: in none itself, only reached from one
	pattern,       -- of that cycle, by types and labels
	value          -- short text of its value; NULL: it has none
) AS
SELECT o.id, printf('0x%x', o.address) AS address, t.name AS type,
	o.size + o.owned_size AS bytes, o.refcount, o.gc_generation, o.cycle_id, c.pattern, o.value
FROM objects o
JOIN types t ON t.id = o.type_id
LEFT JOIN cycles c ON c.id = o.cycle_id
WHERE o.state = 'garbage' AND o.state <> 'live'; -- the latter is what objects_dead is an index of
