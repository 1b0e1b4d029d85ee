-- Before loading: nothing reads the file until it is whole, so nothing is journalled.
-- A small cache is the fast one: rows arrive in key order, and the sorter behind CREATE INDEX
-- takes the cache's size for its runs, which should fit the processor's cache.
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA foreign_keys = OFF;
PRAGMA temp_store = FILE;
PRAGMA threads = 1;
PRAGMA cache_size = -16384;
PRAGMA application_id = 0x68707374; -- "hpst"
PRAGMA user_version = 2;
BEGIN;
