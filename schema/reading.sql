-- What a reader of a snapshot sets.
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
PRAGMA query_only = ON;
