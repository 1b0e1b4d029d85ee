-- After loading: see indexes_of_refs.sql.
PRAGMA cache_size = -4096;
CREATE UNIQUE INDEX objects_address ON objects(address);
CREATE INDEX objects_type ON objects(type_id, size, owned_size);
CREATE INDEX objects_dominator ON objects(dominator_id, retained_size) WHERE dominator_id IS NOT NULL;
CREATE INDEX objects_top ON objects(state, retained_size) WHERE dominator_id IS NULL;
CREATE INDEX objects_dead ON objects(state) WHERE state <> 'live';
CREATE INDEX objects_surplus ON objects(surplus) WHERE surplus <> 0;
CREATE INDEX roots_object ON roots(object_id);
CREATE INDEX roots_frame ON roots(frame_id) WHERE frame_id IS NOT NULL;
CREATE INDEX blocks_address ON blocks(address);
CREATE INDEX blocks_owner ON blocks(owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX members_struct ON members(struct_id, offset);
CREATE INDEX structs_name ON structs(name);
CREATE INDEX pools_address ON pools(address);
CREATE INDEX pools_arena ON pools(arena_id);
CREATE INDEX pools_class ON pools(block_size, arena_id, capacity, used, size);
CREATE INDEX frames_thread ON frames(thread_id, depth);
CREATE INDEX c_frames_address ON c_frames(address);
CREATE INDEX pins_arena ON pins(arena_id);
CREATE INDEX pins_release ON pins(release_id) WHERE release_id IS NOT NULL;
CREATE INDEX places_parent ON places(parent_id);
CREATE INDEX places_fingerprint ON places(fingerprint, checksum, objects, bytes);
CREATE INDEX leaks_object ON leaks(object_id);
CREATE INDEX cycle_edges_pattern ON cycle_edges(pattern_id);
-- What the query planner should know of the sizes.
PRAGMA analysis_limit = 400;
ANALYZE;
