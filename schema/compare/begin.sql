-- All pages of two tables are read once: in place.  One transaction for all rows that are written.
PRAGMA main.mmap_size = 1099511627776;
PRAGMA old.mmap_size = 1099511627776;
BEGIN;
