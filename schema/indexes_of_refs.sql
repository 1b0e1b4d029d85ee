-- After loading: sorting once is cheaper than keeping an index sorted row by row.
-- A few MiB for the sorter's runs beat many: see settings.sql.
PRAGMA cache_size = -4096;
CREATE INDEX refs_target ON refs(target_id);
PRAGMA cache_size = -16384;
