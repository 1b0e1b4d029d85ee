SELECT coalesce(owner_id, 0)
FROM blocks
WHERE id = :block;
