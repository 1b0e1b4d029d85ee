-- Why the objects of a type are alive: their paths merged into a tree, each branch below its own.
CREATE TABLE why_type (
	depth      INTEGER, -- 0: a root or owner
	expression TEXT,    -- of the branch's own steps; [*]: of all items
	objects    INTEGER, -- of the type, on the branch and further down
	bytes      INTEGER, -- of these
	example_id INTEGER, -- one of them
	type HIDDEN         -- types.name
);
