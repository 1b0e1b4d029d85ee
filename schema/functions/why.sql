-- Why an object is alive: a path for each distinct root, the likeliest first.
CREATE TABLE why (
	rank     INTEGER, -- 1: the path that path() writes
	kind     TEXT,    -- roots.kind; module, class: of an owner where the search stopped; NULL: no root
	path     TEXT,    -- as an expression
	steps    INTEGER, -- references from the root or owner
	complete INTEGER, -- 0: the search was stopped before all roots were found
	object_id HIDDEN  -- objects.id
);
