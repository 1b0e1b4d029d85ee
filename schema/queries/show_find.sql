-- Where an address lies: ids, NULL where it is in none.  A pool knows where its blocks begin,
-- headers included, so it decides first; elsewhere an object reaches from its address up.
WITH pool AS (
	SELECT id, address, header, block_size
	FROM (SELECT * FROM pools WHERE address <= :address ORDER BY address DESC LIMIT 1)
	WHERE :address < address + size
), slot AS (
	SELECT address + header + (:address - address - header) / block_size * block_size AS address,
		block_size AS size
	FROM pool
	WHERE block_size > 0 AND :address >= address + header
), below AS (
	SELECT id, address, size FROM objects WHERE address <= :address ORDER BY address DESC LIMIT 1
), block AS (
	SELECT id
	FROM (SELECT * FROM blocks WHERE address <= :address ORDER BY address DESC LIMIT 1)
	WHERE :address < address + size
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM slot) THEN (
		SELECT o.id FROM objects o, slot
		WHERE o.address >= slot.address AND o.address < slot.address + slot.size
		LIMIT 1)
	ELSE (SELECT id FROM below
		WHERE :address < address + size AND NOT EXISTS (SELECT 1 FROM block)) END AS object,
	(SELECT id FROM block) AS block,
	(SELECT id FROM pool) AS pool,
	(SELECT id FROM arenas WHERE address <= :address AND :address < address + size
		ORDER BY size LIMIT 1) AS arena,
	(SELECT id FROM mappings
		WHERE (:address >= 0) = (address >= 0) AND address <= :address
			AND :address - address < size) AS mapping,
	(SELECT address
		FROM (SELECT * FROM symbols WHERE :address >= 0 AND address <= :address
			ORDER BY address DESC LIMIT 8)
		WHERE :address - address < size
		LIMIT 1) AS symbol;
