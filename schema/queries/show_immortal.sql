-- One row if the object's count means nothing.
SELECT refcount
FROM objects
WHERE id = :object AND immortal;
