-- What is gathered from the snapshots that are compared, in tables of the connection's own.
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE snapshots ( -- a snapshot; n: 1 is the oldest
	n INTEGER PRIMARY KEY, path TEXT NOT NULL, source TEXT, pid TEXT, executable TEXT,
	process_key TEXT, runtime_version TEXT, objects INTEGER, bytes INTEGER,
	dumped_bytes INTEGER
);
CREATE TEMP TABLE bases ( -- where a snapshot's process had a file
	path TEXT, n INTEGER, address INTEGER, PRIMARY KEY (path, n)
) WITHOUT ROWID;
-- subject: type, place, bucket, owned block, block (no object owns it), heap, leak, cycle; key:
-- equal things, equal keys.  A key has no affinity, so what an index is to find it by has none.
CREATE TEMP TABLE series ( -- how many and how large something was in a snapshot
	subject TEXT, key, n INTEGER, objects INTEGER, bytes INTEGER, retained_bytes INTEGER,
	PRIMARY KEY (subject, key, n)
) WITHOUT ROWID;
CREATE TEMP TABLE things ( -- what a key of leaks and cycles is, in words
	subject TEXT, key, kind TEXT, text TEXT, PRIMARY KEY (subject, key)
) WITHOUT ROWID;
CREATE TEMP TABLE born (id INTEGER PRIMARY KEY, died_id INTEGER); -- in the newest; died_id: what had its address
CREATE TEMP TABLE died (id INTEGER PRIMARY KEY, born_id INTEGER); -- in the oldest; born_id: what has its address
