-- Schema 2.  Ids count from 1.  Addresses are of the dissected process; those above
-- 0x7fffffffffffffff are negative here; addr(address) shows them right, and without heapsect's
-- functions printf('0x%x', address).
-- Sizes are bytes unless a comment says otherwise; NULL is "does not apply" or "not known".

CREATE TABLE meta ( -- a fact about the run
	key   TEXT NOT NULL PRIMARY KEY, -- tool_version, source, core (its absolute path), core_bytes, extensions (modules that work on objects and are not the interpreter's), pid, process_key (a number of the random bytes that the kernel gave it at its start), executable, command_line, runtime, runtime_version, layout_source, objects, refs, seconds.STAGE
	value TEXT NOT NULL              -- numbers as decimal text
) STRICT, WITHOUT ROWID;

CREATE TABLE mappings ( -- a range of the address space
	id          INTEGER PRIMARY KEY, -- in address order
	address     INTEGER NOT NULL,    -- of the first byte
	size        INTEGER NOT NULL,    -- bytes
	perms       TEXT NOT NULL,       -- "rwx", a dash where not permitted
	path        TEXT,                -- file, as the process saw it; NULL: anonymous
	file_offset INTEGER NOT NULL,    -- bytes into the file
	build_id    TEXT,                -- of the file, hex; NULL: unknown
	kind        TEXT NOT NULL,       -- code, data, file, stack, tls, linker (the dynamic linker's), trampolines, anonymous, reserved (no access), kernel
	dumped      INTEGER NOT NULL     -- bytes of the range that the core itself holds
) STRICT;

-- Three groups under 'dump': 'pymalloc' and 'native' are the heaps, 'mapped' is all else.  Buckets with
-- parts: objects by category, owned memory by what it is for, stacks by use, 'data of modules',
-- 'code of modules' and 'other files' by file (the large ones), 'unexplained' by mapping.
CREATE TABLE accounting ( -- a bucket of memory; the leaves sum to the bytes of the dump
	bucket TEXT NOT NULL PRIMARY KEY,          -- name
	parent TEXT REFERENCES accounting(bucket), -- bucket it is a part of; NULL at the top
	bytes  INTEGER NOT NULL,                   -- of a bucket with parts: their sum
	count  INTEGER NOT NULL                    -- things in it: objects, blocks, pools or mappings
) STRICT;

CREATE TABLE threads ( -- a thread of the process
	id                  INTEGER PRIMARY KEY, -- in the order of the dump
	tid                 INTEGER NOT NULL,    -- the kernel's thread id; 0: unknown
	name                TEXT,                -- NULL: unknown
	instruction_pointer INTEGER NOT NULL,    -- address; 0: the dump has no such thread, only the runtime's state of it
	stack_pointer       INTEGER NOT NULL     -- address
) STRICT;

CREATE TABLE frames ( -- a frame of a thread, as the runtime sees it
	id        INTEGER PRIMARY KEY,                     -- in the order they were read
	thread_id INTEGER NOT NULL REFERENCES threads(id), -- whose stack it is on
	depth     INTEGER NOT NULL,                        -- 0: innermost
	function  TEXT NOT NULL,                           -- qualified name
	file      TEXT NOT NULL,                           -- source file
	line      INTEGER,                                 -- line it was at; NULL: unknown
	address   INTEGER NOT NULL                         -- of the frame's record
) STRICT;

CREATE TABLE c_frames ( -- a frame of a C function on a thread's stack, as far as it can be followed
	id        INTEGER PRIMARY KEY,                     -- in the order of their addresses
	thread_id INTEGER NOT NULL REFERENCES threads(id), -- whose stack it is on
	depth     INTEGER NOT NULL,                        -- 0: innermost
	address   INTEGER NOT NULL,                        -- of its first word: the stack pointer, as long as it waits
	size      INTEGER NOT NULL,                        -- bytes up to the caller's frame
	function  TEXT,                                    -- as the linker has it; NULL: unknown
	module    TEXT                                     -- file that has its code, without the folder; NULL: unknown
) STRICT;

-- types.layout:
--   builtin    read by code that knows the type, or nothing but a header
--   dwarf      the members of the C struct that the debug info of its module describes
--   slots      a class of Python code: its slots and dict, and what its base has
--   guess      no debug info: words that hold addresses of objects (refs.kind 4)
--   opaque     nothing is known
--   traverse   no debug info, but its tp_traverse was run on every instance: what it visits is exact
--              (refs.kind 0); what it leaves out is a guess
-- Labels without debug info: `.name` of a member that Python sees, `+0x18` by its offset (bytes),
-- `+0x18.+0x8` in the struct that the word at 0x18 points to, `+0x18[]` in an array there.
CREATE TABLE types ( -- a runtime type
	id        INTEGER PRIMARY KEY,            -- in the order they were met
	object_id INTEGER REFERENCES objects(id), -- the type itself as an object; NULL: it is none
	name      TEXT NOT NULL,                  -- module.qualname
	struct    TEXT,                           -- C struct of the instances; NULL: unknown
	layout    TEXT NOT NULL,                  -- how its references are known: builtin, dwarf, slots, guess, opaque, traverse
	size      INTEGER NOT NULL,               -- bytes of an instance without items (tp_basicsize)
	item_size INTEGER NOT NULL                -- bytes of one item (tp_itemsize)
) STRICT;

CREATE TABLE type_totals ( -- what the objects of a type add up to; a type without objects has no row
	type_id        INTEGER PRIMARY KEY REFERENCES types(id), -- the type
	objects        INTEGER NOT NULL, -- how many
	bytes          INTEGER NOT NULL, -- of these and of the blocks that only they own
	retained_bytes INTEGER           -- of those that none of the same type dominates directly, so that a chain or a tree of one type counts once; NULL: not computed
) STRICT;

-- objects.value, by type (subclasses as their base):
--   str                         its text without quotes, escaped as in repr(), a backslash too; quotes as they are
--   bytes                       as repr() has it, always in single quotes: b'it\'s'
--   int, bool, float, complex   as repr(); an int of more than 256 bits: int of N bits
--   None                        None
--   list, tuple, dict, set, frozenset, bytearray, collections.deque, array.array
--                               len N
--   class                       module.qualname
--   function, generator, coroutine, async_generator
--                               qualified name
--   code, frame                 co_qualname, up to 3.10 co_name
--   module, builtin_function_or_method, and descriptors of methods and members
--                               name
-- At most 80 characters: of a longer one as many characters and whole escapes as fit in 79, and "…".
-- Escaped are controls, format characters, separators but the space, surrogates and private use.
CREATE TABLE objects ( -- an allocated object
	id            INTEGER PRIMARY KEY,                   -- 1 to N in address order
	address       INTEGER NOT NULL,                      -- what a reference to it holds
	type_id       INTEGER NOT NULL REFERENCES types(id), -- what it is an instance of
	size          INTEGER NOT NULL,                      -- bytes of the object, headers before it included
	owned_size    INTEGER NOT NULL,                      -- bytes of raw blocks that only it owns, those of kind private included
	retained_size INTEGER,                               -- bytes that would go with it, its own included; NULL: not computed
	refcount      INTEGER,                               -- as stored; NULL: it has none that can be read
	found_refs    INTEGER NOT NULL,                      -- counted references found, roots included
	surplus       INTEGER,                               -- refcount - found_refs; positive: someone unknown holds it; NULL: immortal, or no count
	state         TEXT NOT NULL,                         -- live, garbage (the collector would free it), leaked (held by references nobody owns)
	gc_tracked    INTEGER NOT NULL,                      -- 1: in one of the collector's lists
	gc_generation INTEGER,                               -- 0 to 2, 3: permanent; NULL: untracked
	immortal      INTEGER NOT NULL,                      -- 1: its count means nothing
	static        INTEGER NOT NULL,                      -- 1: in a module's data, not allocated
	distance      INTEGER,                               -- references from the nearest root, 0: a root's own; NULL: unreachable
	dominator_id  INTEGER REFERENCES objects(id),        -- the one object all paths to it pass last; NULL: none, or not computed
	cycle_id      INTEGER REFERENCES cycles(id),         -- NULL: in no cycle
	value         TEXT,                                  -- short text of its value, as told above; NULL: it has none, or it is not in the dump
	lender        INTEGER NOT NULL DEFAULT 0,            -- 1: it keeps nothing alive: the dict of interned strings
	content       INTEGER,                               -- number of all of an immutable value: equal values, equal numbers; of a tuple and the like, of what it refers to; NULL: it may change, or is not in the dump
	place_id      INTEGER REFERENCES places(id)          -- where it hangs; NULL: not computed
) STRICT;

CREATE TABLE ref_kinds ( -- what refs.kind means
	kind    INTEGER PRIMARY KEY, -- 0 to 4
	name    TEXT NOT NULL,       -- traversed, counted, weak, borrowed, guess
	counted INTEGER NOT NULL,    -- 1: part of the target's refcount
	meaning TEXT NOT NULL        -- the name explained
) STRICT;

INSERT INTO ref_kinds VALUES
	(0, 'traversed', 1, 'counted, and reported by tp_traverse: what gc.get_referents returns'),
	(1, 'counted', 1, 'counted, not traversed'),
	(2, 'weak', 0, 'weak'),
	(3, 'borrowed', 0, 'not counted'),
	(4, 'guess', 0, 'conservative: bytes that look like the address');

CREATE TABLE labels ( -- a name from code, never data
	id   INTEGER PRIMARY KEY, -- in the order they were met
	name TEXT NOT NULL,       -- a field, an attribute (.user), a slot, a local; [], key and value in containers
	expression TEXT,          -- how a person writes it in an expression; '': a namespace, whose values are attributes; NULL: as name
	weight INTEGER NOT NULL DEFAULT 2 -- what a step by it costs a path, 0 to 31: see paths
) STRICT;

CREATE TABLE refs ( -- a reference; v_refs shows its label in full
	source_id INTEGER NOT NULL REFERENCES objects(id),     -- who refers
	ordinal   INTEGER NOT NULL,                            -- position within the source, from 0; the key of an entry just before its value
	target_id INTEGER NOT NULL REFERENCES objects(id),     -- to whom
	label_id  INTEGER NOT NULL REFERENCES labels(id),      -- what the source calls it
	kind      INTEGER NOT NULL REFERENCES ref_kinds(kind), -- counted, weak, borrowed or a guess
	PRIMARY KEY (source_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE roots ( -- why something is alive
	id        INTEGER PRIMARY KEY,                     -- in the order they were found
	object_id INTEGER NOT NULL REFERENCES objects(id), -- what it keeps
	kind      TEXT NOT NULL,                           -- static, global, interpreter, thread, frame, c-local; stack, register, native are guesses
	label     TEXT NOT NULL,                           -- the variable, field or local
	address   INTEGER,                                 -- of the word that holds the reference; NULL: unknown
	thread_id INTEGER REFERENCES threads(id),          -- NULL: no thread's
	frame_id  INTEGER REFERENCES frames(id),           -- NULL: no frame's
	counted   INTEGER NOT NULL,                        -- references of the object's count that it explains
	expression TEXT                                    -- how a path that begins here is written; NULL: none does
) STRICT;

-- The tree of best paths from the roots: the least sum of the labels' weights, so that a path by
-- module and attribute beats a shorter one by what the language put there.  path(object_id) writes
-- it as an expression.  Paths of leaked and garbage objects begin at one of them.
CREATE TABLE paths ( -- how an object is reached: the last step of its path from a root
	object_id INTEGER PRIMARY KEY REFERENCES objects(id), -- the object
	parent_id INTEGER REFERENCES objects(id), -- the object before it; NULL: the path begins here
	ordinal   INTEGER,                        -- of the reference from there: refs.ordinal
	label_id  INTEGER REFERENCES labels(id),  -- of that reference
	key_id    INTEGER REFERENCES objects(id), -- of a dict's value: its key
	root_id   INTEGER REFERENCES roots(id),   -- where the path begins: the root; NULL: there is none
	depth     INTEGER NOT NULL,               -- steps from where it begins
	jump_id   INTEGER NOT NULL REFERENCES objects(id) -- an object further up the path, for getting far fast
) STRICT;

-- Paths without what is data: positions and keys are [*], the functions and numbers of a namespace
-- .*, its other names too where they are more than 1,000, and a path that comes to a step and type that it had before is where it was then, so that a
-- list of links has one place.  What no root holds begins with <garbage> or <leaked>.
CREATE TABLE places ( -- where objects of a type hang
	id            INTEGER PRIMARY KEY,                   -- a place before those below it
	parent_id     INTEGER REFERENCES places(id),         -- what it hangs from; NULL: a root
	type_id       INTEGER NOT NULL REFERENCES types(id), -- of its objects
	path          TEXT NOT NULL,                         -- modules['app'].CACHE[*]
	objects       INTEGER NOT NULL,                      -- how many
	bytes         INTEGER NOT NULL,                      -- of these and of the blocks that only they own
	total_objects INTEGER NOT NULL,                      -- with the places below
	total_bytes   INTEGER NOT NULL,                      -- with the places below
	example_id    INTEGER NOT NULL REFERENCES objects(id), -- an object: the one that is last in its container
	fingerprint   INTEGER NOT NULL,                      -- equal places, equal number, in every snapshot
	checksum      INTEGER NOT NULL                       -- equal where it and all places below have as many objects and bytes
) STRICT;

CREATE TABLE blocks ( -- memory that is no object
	id        INTEGER PRIMARY KEY,            -- in the order the allocators reported them
	address   INTEGER NOT NULL,               -- of the first byte its user has
	size      INTEGER NOT NULL,               -- bytes its user has, without the allocator's headers
	allocator TEXT NOT NULL,                  -- pymalloc, glibc, ...
	state     TEXT NOT NULL,                  -- used, free, cached (freed, kept in a fast cache)
	owner_id  INTEGER REFERENCES objects(id), -- object it belongs to; NULL: none known
	kind      TEXT,                           -- dict-keys, list-items, freelist, ..., or a C type: struct node, struct node[], char[]; private: only the owner's memory refers to it; NULL: unknown
	confidence    TEXT,                           -- of a C type: certain (a typed pointer, exactly the size), likely (as far as size and contents tell), guess (it begins with one); NULL: kind is no C type
	evidence_id   INTEGER REFERENCES labels(id),  -- how its C type was found: the variable or type and the members that lead to it
	first_word_id INTEGER REFERENCES labels(id),  -- of an unknown one: the symbol that its first word points to; NULL: to none
	holder_id     INTEGER REFERENCES labels(id)   -- of an unknown one: what has a pointer to it; NULL: nothing that was looked at
) STRICT;

CREATE TABLE arenas ( -- a stretch an allocator took from the system
	id         INTEGER PRIMARY KEY, -- in the order the allocators reported them
	allocator  TEXT NOT NULL,       -- pymalloc, glibc, ...
	address    INTEGER NOT NULL,    -- of the first byte
	size       INTEGER NOT NULL,    -- bytes
	used       INTEGER NOT NULL,    -- bytes of blocks in use
	free       INTEGER NOT NULL,    -- bytes of free blocks
	pools      INTEGER NOT NULL,    -- pools in it; 0: the allocator has none
	free_pools INTEGER NOT NULL,    -- of these, with no block in use
	cached     INTEGER NOT NULL DEFAULT 0, -- bytes of `free` that are kept in a fast cache
	top        INTEGER NOT NULL DEFAULT 0  -- bytes of `free` at its end, which it can return first
) STRICT;

CREATE TABLE pools ( -- pages of blocks of one size
	id         INTEGER PRIMARY KEY,                    -- in the order of their arenas
	arena_id   INTEGER NOT NULL REFERENCES arenas(id), -- what it is a part of
	address    INTEGER NOT NULL,                       -- of the first byte, the header
	size       INTEGER NOT NULL,                       -- bytes of the whole pool
	header     INTEGER NOT NULL,                       -- bytes before the first block
	block_size INTEGER NOT NULL,                       -- bytes of a block; 0: a free pool
	capacity   INTEGER NOT NULL,                       -- blocks
	used       INTEGER NOT NULL                        -- blocks
) STRICT;

CREATE TABLE block_totals ( -- what blocks that are alike add up to
	allocator TEXT NOT NULL,    -- pymalloc, glibc, ...
	state     TEXT NOT NULL,    -- used, free, cached
	kind      TEXT,             -- as blocks.kind; NULL: unknown
	owned     INTEGER NOT NULL, -- 1: they belong to objects
	blocks    INTEGER NOT NULL, -- how many
	bytes     INTEGER NOT NULL, -- of these
	confidence    TEXT,                          -- as blocks.confidence
	size          INTEGER,                       -- of a block of no known kind: its bytes; NULL: of any size
	first_word_id INTEGER REFERENCES labels(id), -- as in blocks
	holder_id     INTEGER REFERENCES labels(id), -- as in blocks
	example_id    INTEGER REFERENCES blocks(id)  -- the first of them
) STRICT;

-- Variables in modules' writable data, and functions of modules that have not too many.
CREATE TABLE symbols ( -- a variable or function of a module
	address INTEGER PRIMARY KEY, -- of the first byte
	size    INTEGER NOT NULL,    -- bytes
	name    TEXT NOT NULL,       -- as the linker has it
	kind    TEXT NOT NULL        -- variable, function
) STRICT;

CREATE TABLE structs ( -- a C struct that objects (types.struct) or blocks (blocks.kind) have
	id      INTEGER PRIMARY KEY, -- in the order they were met
	name    TEXT NOT NULL,       -- tag, or the typedef of one without
	keyword TEXT NOT NULL,       -- struct, union
	size    INTEGER NOT NULL     -- bytes
) STRICT;

CREATE TABLE members ( -- a member of a struct, those of structs within it too
	struct_id INTEGER NOT NULL REFERENCES structs(id), -- whose
	offset    INTEGER NOT NULL, -- bytes from the struct's start
	size      INTEGER NOT NULL, -- bytes; of an array: of one element
	count     INTEGER NOT NULL, -- elements; 1: no array; 0: to the end
	name      TEXT NOT NULL,    -- path: "ob_base.ob_refcnt"
	type      TEXT              -- as C has it; NULL: unknown
) STRICT;

-- Bytes that go back to the system are no sum of what is freed.  Each row is a simulation, block by
-- block: pools become empty, and arenas; free chunks are joined with those beside them, and the
-- end of a heap is trimmed.  What the runtime keeps in free lists is taken as given back, which it
-- is after a full collection.
--   holder      all that the object alone holds is dropped, but not the object: its clear()
--   pins        these pins are, and what only they hold; the object refers to them, others may too
--   garbage     a collection
--   leaked      all that nobody known holds
--   free-lists  what the runtime keeps for reuse is given up
--   leak        leaks of one fingerprint, without what is leaked but alive for other reasons, too
CREATE TABLE releases ( -- what would go back to the system if something were freed; at most a few dozen
	id              INTEGER PRIMARY KEY, -- in the order of what would go back, the most first
	kind            TEXT NOT NULL,       -- holder, pins, garbage, leaked, free-lists, leak
	object_id       INTEGER REFERENCES objects(id), -- of holder, pins: who has them
	fingerprint     INTEGER,             -- of leak: leaks.fingerprint
	type            TEXT,                -- of most of its pins: a type of objects or a kind of blocks; NULL: it has none
	typed           INTEGER NOT NULL,    -- pins of that type
	path            TEXT,                -- of object_id, as an expression; NULL: unknown
	pins            INTEGER NOT NULL,    -- objects and blocks of it in arenas with little in them: see pins
	pin_bytes       INTEGER NOT NULL,    -- of these
	arenas          INTEGER NOT NULL,    -- that these are in
	arena_bytes     INTEGER NOT NULL,    -- of these arenas, whole
	blocks          INTEGER NOT NULL,    -- that would be freed, pins or not
	bytes           INTEGER NOT NULL,    -- of these
	returned_arenas INTEGER NOT NULL,    -- that would go back to the system
	returned        INTEGER NOT NULL,    -- bytes that would go back, of arenas, mappings and ends of heaps
	together        INTEGER              -- bytes that would, if the rows of kind holder and pins before it went, too; NULL: another kind
) STRICT;

-- Of arenas with at most a quarter of their bytes in use, those with the least first, and of at
-- most 10,000 objects and blocks.
CREATE TABLE pins ( -- what keeps an arena with little in it from being returned
	arena_id   INTEGER REFERENCES arenas(id),   -- what is kept
	pool_id    INTEGER REFERENCES pools(id),    -- the pool of it that the pin is in; NULL: unknown
	object_id  INTEGER REFERENCES objects(id),  -- the pin, if it is an object
	block_id   INTEGER REFERENCES blocks(id),   -- the pin, if it is none
	size       INTEGER NOT NULL,                -- bytes of the pin
	path       TEXT,                            -- why it, or the block's owner, is alive, as an expression; NULL: unknown
	release_id INTEGER REFERENCES releases(id)  -- with what it would go; NULL: with nothing that is listed
) STRICT;

-- Cycles are told apart by their patterns: a pattern is one shortest cycle of the component, as the
-- program writes its references: app.Node.children[] → app.Node.parent.  Containers that one object
-- alone holds are parts of that object's attribute, and dict keys are shown where code spells them.
CREATE TABLE cycles ( -- a strongly connected component of the counted references
	id          INTEGER PRIMARY KEY, -- in the order of their lowest members
	state       TEXT NOT NULL,       -- as objects.state
	objects     INTEGER NOT NULL,    -- members
	bytes       INTEGER NOT NULL,    -- of the members and their blocks
	pattern     TEXT NOT NULL,       -- one shortest cycle, without what the language ties up itself if there is such a one
	fingerprint INTEGER NOT NULL,    -- equal patterns, equal number, in every snapshot
	finalizers  INTEGER NOT NULL     -- members with a finalizer: __del__, a C type's, or the callback of a weak reference
) STRICT;

-- Classes and modules tie all of a program's objects up in one large component: an object leads to its
-- class, a function of that to the module, and what is in the module to the object.  So a component
-- is taken apart: what is still a cycle without references to classes, modules and modules' dicts
-- is the program's, and counts as a cycle of its own here; the rest is another.
CREATE TABLE cycle_patterns ( -- cycles of the same state and pattern
	id            INTEGER PRIMARY KEY, -- garbage first, then leaked and live; by bytes
	state         TEXT NOT NULL,       -- as objects.state
	kind          TEXT NOT NULL,       -- program; class or module: the language ties it up itself
	pattern       TEXT NOT NULL,       -- as cycles.pattern
	fingerprint   INTEGER NOT NULL,    -- as cycles.fingerprint
	cycles        INTEGER NOT NULL,    -- components, or parts of them
	objects       INTEGER NOT NULL,    -- members
	bytes         INTEGER NOT NULL,    -- of the members and their blocks
	finalizers    INTEGER NOT NULL,    -- members with a finalizer
	example_id    INTEGER REFERENCES objects(id),     -- a member of the largest of them
	type          TEXT NOT NULL,       -- that most members have, of the types in the pattern
	type_objects  INTEGER NOT NULL,    -- members of that type
	held_objects  INTEGER,             -- that go when the collector takes these cycles, members included; NULL: it would not
	held_bytes    INTEGER,             -- of these
	edge_id       INTEGER REFERENCES cycle_edges(id), -- the reference to give up; NULL: none helps
	owner_id      INTEGER REFERENCES objects(id),     -- the object outside that alone keeps most of them: they are garbage when it lets go; NULL: garbage already, or kept in several ways
	owner_cycles  INTEGER NOT NULL,    -- of how many
	advice        TEXT                 -- what to do; NULL: nothing
) STRICT;

-- A trial takes away every reference that is written like this, and lets counts fall: exactly, by
-- what the dump has, without a collector.
CREATE TABLE cycle_edges ( -- what would be without some references: if they were weak, or cleared
	id         INTEGER PRIMARY KEY, -- by pattern
	pattern_id INTEGER REFERENCES cycle_patterns(id), -- whose cycles it was tried on; NULL: all garbage
	edge       TEXT NOT NULL,       -- app.Node.parent; "A and B" where it takes both
	refs       INTEGER NOT NULL,    -- references of that name in these cycles
	cycles     INTEGER NOT NULL,    -- that would be cycles no more
	objects    INTEGER NOT NULL,    -- of garbage that reference counting alone would have freed
	bytes      INTEGER NOT NULL,    -- of these
	direction  INTEGER NOT NULL,    -- above 0: it leads back to an owner; below 0: away from one; 0: nothing tells
	chosen     INTEGER NOT NULL     -- 1: of those that help most, the one that a program can do without best
) STRICT;

CREATE TABLE cycle_members ( -- an object of a cycle
	cycle_id  INTEGER NOT NULL REFERENCES cycles(id),  -- the cycle
	object_id INTEGER NOT NULL REFERENCES objects(id), -- a member
	PRIMARY KEY (cycle_id, object_id)
) STRICT, WITHOUT ROWID;

-- A fingerprint says what leaks, not where it was or how often: no addresses, no counts.  It is made of
-- the kind and the type, of garbage the cycle's pattern besides, and of native blocks what their first
-- words point to or, without that, their size or that they hold text.
CREATE TABLE leak_groups ( -- leaks that are alike: what a person looks at
	id          INTEGER PRIMARY KEY, -- in the order they were met
	kind        TEXT NOT NULL,       -- as leaks.kind
	grade       TEXT NOT NULL,       -- as leaks.grade
	fingerprint INTEGER NOT NULL,    -- as leaks.fingerprint; groups of several grades or holders may share one
	type        TEXT NOT NULL,       -- of the object; of a block its kind and size
	holder      TEXT,                -- the C code that could hold the references, by evidence: a module, or "variable (module)"; NULL: nothing tells
	evidence    TEXT,                -- why it could; NULL: there is none
	leaks       INTEGER NOT NULL,    -- rows of `leaks`
	objects     INTEGER NOT NULL,    -- sum of leaks.objects
	bytes       INTEGER NOT NULL,    -- sum of leaks.bytes
	largest_id  INTEGER NOT NULL REFERENCES leaks(id) -- the one with the most bytes, for an example
) STRICT;

CREATE TABLE leaks ( -- a suspect; above 100,000 lost blocks, a row is all that are alike
	id          INTEGER PRIMARY KEY,            -- in the order they were judged
	kind        TEXT NOT NULL,                  -- refcount, garbage, native
	grade       TEXT NOT NULL,                  -- proven, probable (a conservative hit speaks against it), unknown (pages are missing)
	object_id   INTEGER REFERENCES objects(id), -- NULL: no object
	block_id    INTEGER REFERENCES blocks(id),  -- of native ones, what nothing leads to; NULL: no block
	objects     INTEGER NOT NULL,               -- or blocks, that go with it, itself included; nothing counts twice
	bytes       INTEGER NOT NULL,               -- of these
	fingerprint INTEGER NOT NULL,               -- equal leaks, equal number, in every snapshot
	explanation TEXT NOT NULL,                  -- a sentence
	words       INTEGER,                        -- of refcount: words of the dump that could be a missing reference each
	group_id    INTEGER REFERENCES leak_groups(id) -- those that are alike
) STRICT;

-- The collector of cycles.  Up to 3.8 there is one for all interpreters.
CREATE TABLE collectors ( -- a tracing collector, as it stood
	id                 INTEGER PRIMARY KEY, -- 1: the main interpreter's
	enabled            INTEGER NOT NULL,    -- 1: it runs by itself
	collecting         INTEGER NOT NULL,    -- 1: it was running
	debug              INTEGER NOT NULL,    -- flags, as gc.get_debug() gives them
	long_lived_total   INTEGER,             -- objects that survived the last full collection; NULL: it does not keep that
	long_lived_pending INTEGER              -- objects that came to the oldest generation since then; a full collection waits for a quarter of the former; NULL: it does not keep that
) STRICT;

-- What would_... tell is told by the counts and references in the dump, as the collector itself
-- goes about it: it visits the generation and all younger ones, and an object is found to be garbage
-- unless it is held from outside of these; references from older generations are outside.  They are
-- NULL where a process has several collectors or one was running, and for a generation that is
-- collected piece by piece.
CREATE TABLE generations ( -- objects that a collector looks at together
	collector_id     INTEGER NOT NULL REFERENCES collectors(id), -- whose
	generation       INTEGER NOT NULL, -- 0: the youngest; 3: permanent (gc.freeze), which is never collected
	objects          INTEGER NOT NULL, -- in its list
	threshold        INTEGER,          -- it is collected when `count` is above; 0: never; NULL: permanent
	count            INTEGER,          -- of 0: containers allocated, less those freed, since it was collected; else collections of the next younger one since then
	collections      INTEGER,          -- since the process began; NULL, like the next two: permanent
	collected        INTEGER,          -- objects freed by these
	uncollectable    INTEGER,          -- garbage that these could not free
	in_cycles        INTEGER,          -- objects that are in a cycle
	leaves           INTEGER,          -- objects that can be in none as they are: see tracked_types
	would_visit      INTEGER,          -- objects that a collection would look at now
	would_follow     INTEGER,          -- references from them that it would follow
	would_find       INTEGER,          -- objects that it would find to be garbage: what gc.collect() returns
	would_find_bytes INTEGER,          -- bytes of these and their blocks
	PRIMARY KEY (collector_id, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE tracked_types ( -- objects of a type that the collector tracks
	type_id   INTEGER PRIMARY KEY REFERENCES types(id), -- their type
	objects   INTEGER NOT NULL, -- how many
	in_cycles INTEGER NOT NULL, -- of these, in a cycle now
	leaves    INTEGER NOT NULL  -- of these, can be in no cycle as they are: nothing they refer to, their type aside, is tracked or leads to something tracked
) STRICT;

-- waste.kind:
--   duplicate-text, duplicate-bytes     str and bytes that are equal to others.  Of each set of equal
--                                       ones a copy is kept: an interned one, or one of the holder that
--                                       has most; all others are savings
--   underfilled-list, -dict, -set       containers with more room than a copy of them would have: x[:],
--                                       dict(x.items()), set(x); tables that dicts share do not count
--   empty-list, empty-dict, empty-set   containers with nothing in them; all of them is savings
--   boxed-ints, boxed-floats            lists and tuples of at least 8 numbers and of nothing else:
--                                       against an array.array of 8 bytes each.  A number goes with
--                                       them if nothing else refers to it
-- Sizes are as sys.getsizeof() counts.  Live objects only.  An object counts once in a kind, but may
-- be of several kinds: an underfilled list of floats.
CREATE TABLE waste ( -- memory that the same program would not need, by kind and holder
	id          INTEGER PRIMARY KEY, -- in order of savings, those of several holders last
	kind        TEXT NOT NULL,       -- as told above
	holder      TEXT,                -- where the objects are held, as the program's source has it: app.Row.country, app.ROWS[]['name']; [*]: by keys that are data; NULL: by several, with little each
	objects     INTEGER NOT NULL,    -- copies or containers
	distinct_values INTEGER,         -- duplicates: sets of equal ones; boxed: numbers that go with them; NULL: does not apply
	bytes       INTEGER NOT NULL,    -- of these
	savings     INTEGER NOT NULL,    -- bytes of that to win
	example_id  INTEGER REFERENCES objects(id), -- a copy of the most frequent one, or the container with the most to win
	example_copies INTEGER,          -- duplicates: copies of the example that the holder has; else NULL
	advice      TEXT NOT NULL        -- how to win it
) STRICT;

CREATE TABLE fingerprints ( -- what the leaks or cycles of a fingerprint add up to
	subject     TEXT NOT NULL,    -- leak, cycle
	kind        TEXT NOT NULL,    -- leaks.kind; of cycles the state
	fingerprint INTEGER NOT NULL, -- as in leaks and cycles
	count       INTEGER NOT NULL, -- rows there
	objects     INTEGER NOT NULL, -- in these
	bytes       INTEGER NOT NULL, -- in these
	example_id  INTEGER NOT NULL, -- the first of them: leaks.id, cycles.id
	PRIMARY KEY (subject, kind, fingerprint)
) STRICT, WITHOUT ROWID;

-- Kinds: of what is lost garbage, refcount and native, as in leaks; of what is live holder (an object
-- that has much), holders (many alike, each of which has little), c-held (objects that only C code
-- holds), native-use (whose native memory it is) and waste; of what allocators keep pins and retention;
-- and verdict, one row: what the memory is as a whole.
CREATE TABLE findings ( -- a conclusion for a person
	rank     INTEGER PRIMARY KEY, -- 1: the most important
	kind     TEXT NOT NULL,       -- what it is about
	severity TEXT NOT NULL,       -- critical: lost for good; warning: a fault, or half of the memory; info
	title    TEXT NOT NULL,       -- one line
	bytes    INTEGER NOT NULL,    -- it is about
	objects  INTEGER NOT NULL,    -- it is about
	evidence TEXT NOT NULL,       -- what was seen
	advice   TEXT NOT NULL,       -- what to do
	query    TEXT NOT NULL        -- SQL that shows the evidence again
) STRICT;

CREATE TABLE anomalies ( -- what was damaged, missing or not understood
	stage   TEXT NOT NULL,   -- who met it: core, pymalloc, ...
	address INTEGER,         -- of the first one; NULL: of no address
	message TEXT NOT NULL,   -- a sentence
	count   INTEGER NOT NULL -- times
) STRICT;
