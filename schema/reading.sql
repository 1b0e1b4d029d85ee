-- What a reader of a snapshot sets.
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
-- Made here, json_each() is there for all queries: the authorizer would not let it declare its columns.
SELECT 1 FROM json_each('[]');
PRAGMA query_only = ON;
