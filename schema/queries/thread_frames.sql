-- Frames of the thread :id, innermost first.
SELECT id, depth, function, file, line, printf('0x%x', address) AS address
FROM frames
WHERE thread_id = :id
ORDER BY id
LIMIT :top;
