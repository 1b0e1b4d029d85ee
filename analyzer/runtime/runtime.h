/*
 * A runtime knows which of the allocators' blocks are objects, what refers to what, and what
 * keeps the first ones alive.  It finds its own state in the target and calls a visitor.
 *
 * Refuses to know: graphs, snapshots, what an answer is.
 *
 * How to add one: write a folder with an `attach` and a `walk`, and put its struct
 * runtime_ops into the registry in runtime.c.
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include "base/error.h"
#include "graph/graph.h" /* the words for kinds and flags; not the graph */
#include "heap/allocator.h"
#include "target/target.h"

/* How the references of a type's instances are known: types.layout. */
enum type_layout {
	LAYOUT_BUILTIN,
	LAYOUT_DWARF,
	LAYOUT_SLOTS,
	LAYOUT_GUESS,
	LAYOUT_OPAQUE,
	LAYOUT_TRAVERSE
};
const char *type_layout_name(enum type_layout layout);

/* What the instances of a type are, for sums over a whole heap. */
enum object_category {
	CATEGORY_CONTAINERS, /* lists, dicts, sets, … */
	CATEGORY_TEXT,       /* text, bytes, arrays of numbers */
	CATEGORY_NUMBERS,
	CATEGORY_CODE,      /* functions, code, descriptors, frames */
	CATEGORY_TYPES,     /* classes and modules */
	CATEGORY_INSTANCES, /* of classes that the program's language made */
	CATEGORY_OTHER,
	CATEGORY_COUNT
};

struct type_report {
	addr_t address;          /* of the type object */
	const char *name;        /* module.qualname */
	const char *struct_name; /* C struct of the instances; "" if unknown */
	enum type_layout layout;
	uint64_t size, item_size;       /* bytes: tp_basicsize, tp_itemsize */
	const struct debug_info *debug; /* of struct_name; NULL if unknown */
	uint32_t struct_type;           /* in debug */
	enum object_category category;
	bool is_plain;  /* instances hold data, and no address but of what they claim */
	bool finalizes; /* code of its own runs when an instance dies */
	bool weakly_referable;
	addr_t code; /* in the module that made the type; 0: the runtime's own */
};

struct object_report {
	addr_t address;
	uint64_t size;  /* bytes, headers included */
	uint64_t owned; /* bytes behind it in its own block, for its attributes alone */
	int64_t refcount;
	uint32_t type;      /* number of the type, in the order they were reported */
	uint8_t flags;      /* enum object_flag */
	uint8_t generation; /* or GENERATION_NONE */
};

/* As much as the allocator's block has that begins at the address; nothing if none does. */
#define CLAIM_WHOLE_BLOCK UINT64_MAX

/* Raw memory that belongs to an object, or that the runtime knows what it is for. */
struct claim_report {
	addr_t address;
	uint64_t size;    /* bytes in use of it, from address; or CLAIM_WHOLE_BLOCK */
	uint64_t spare;   /* bytes at its end that are kept for later and hold nothing yet */
	addr_t owner;     /* object; 0: nobody's */
	const char *kind; /* "dict-keys", "freelist", …, a C struct; lives as the runtime */
	bool exclusive;   /* only the owner has it: counts as its owned_size */
	bool cached;      /* kept for reuse, or the unused part of a block: holds nothing */
	bool opaque;      /* only whose it is is known: its words may be references */
};

/* A C struct that is no object, where the runtime knows it. */
struct struct_report {
	addr_t address;
	const struct debug_info *debug;
	uint32_t type; /* in debug */
};

struct thread_report {
	uint32_t id; /* the kernel's */
	const char *name;
	addr_t instruction_pointer, stack_pointer;
};

struct frame_report {
	uint32_t thread; /* index, in the order reported */
	uint32_t depth;  /* 0: innermost */
	const char *function, *file;
	uint32_t line; /* 0: unknown */
	addr_t address;
};

/*
 * A tracing collector, and the generations that it keeps objects in, the youngest first and
 * the permanent one, which it never looks at, last.
 */
#define COLLECTOR_GENERATIONS 4
#define COLLECTOR_UNKNOWN     INT64_MIN

struct generation_report {
	uint64_t objects;
	/* COLLECTOR_UNKNOWN: it has none. */
	int64_t threshold, count; /* it is collected when count is more than threshold */
	int64_t collections, collected, uncollectable; /* since the process began */
};

struct collector_report {
	bool enabled, collecting;
	uint32_t debug; /* flags, as the runtime numbers them */
	/* What survived full collections, and what came to the oldest generation since then. */
	int64_t long_lived_total, long_lived_pending; /* objects; or COLLECTOR_UNKNOWN */
	bool incremental; /* the middle generation is collected piece by piece */
	struct generation_report generations[COLLECTOR_GENERATIONS];
};

/* All functions are required. */
struct runtime_visitor {
	void *context;
	uint32_t (*label)(void *context, const char *name); /* number of a label */
	void (*type)(void *context, const struct type_report *type);
	void (*object)(void *context, const struct object_report *object);
	/* Of the object reported last. */
	void (*reference)(void *context, addr_t target, uint32_t label,
			  enum reference_kind kind);
	void (*skip)(void *context, uint32_t count); /* empty positions */
	void (*root)(void *context, addr_t target, const struct graph_root *root);
	void (*claim)(void *context, const struct claim_report *claim);
	void (*native)(void *context, const struct struct_report *native);
	void (*thread)(void *context, const struct thread_report *thread);
	void (*frame)(void *context, const struct frame_report *frame);
	/* One for each interpreter, the main one's first; or one for all. */
	void (*collector)(void *context, const struct collector_report *collector);
};

/* The allocators' blocks, for the runtime to tell apart. */
struct heap_blocks {
	const struct block_report
		*blocks; /* small-object blocks in use, ascending by address */
	size_t count;
	const struct block_report *native; /* the C library's, in all states; ascending */
	size_t native_count;
};

/* What tells an immutable object from another of its type that has its address later. */
enum content_kind {
	CONTENT_CHANGES,   /* nothing that is known: it may change, or cannot be read */
	CONTENT_VALUE,     /* its value */
	CONTENT_REFERENCES /* what it refers to, attributes excepted */
};

/* How a person writes a step along a reference with a label: see analysis/expression.h. */
struct label_style {
	const char *expression; /* NULL: as the label is; "": a namespace */
	uint8_t weight;         /* what it costs a path, 0 … PATH_WEIGHT_MOST */
};

/* Bytes that a value's text never needs more of. */
#define VALUE_TEXT_SIZE 336

/* What an object holds, for whoever looks for memory that could be saved. */
enum contents_kind {
	CONTENTS_TEXT,
	CONTENTS_BYTES,
	CONTENTS_INTEGER, /* that eight bytes can hold */
	CONTENTS_FLOAT,
	CONTENTS_LIST,
	CONTENTS_TUPLE,
	CONTENTS_MAPPING,
	CONTENTS_SET,
	CONTENTS_KINDS
};

struct contents {
	enum contents_kind kind;
	bool is_plain; /* of the very type that is built in, and of none below it */
	/* Text and bytes: equal ones have the same width and the same bytes.  Mapped. */
	const uint8_t *bytes;
	addr_t address; /* of them, in the process */
	uint64_t size;  /* of them */
	uint32_t width; /* bytes of a character */
	bool is_shared; /* the runtime keeps it, to be used in place of equal ones */
	/* Of the others but numbers: elements, and bytes of the memory that they are kept in. */
	uint64_t count;
	uint64_t room;  /* as it is; without the object itself */
	uint64_t fresh; /* if a copy of it were made */
	uint64_t
		packed; /* lists, tuples: of an array of as many eight-byte numbers, all of it */
};

struct runtime; /* attached */

struct runtime_ops {
	const char *name; /* "CPython" */
	/* NULL without an error: the process does not run it. */
	struct runtime *(*attach)(struct target *target, struct error *err);
	const char *(*version)(const struct runtime *runtime);
	/* Where the layouts came from: a file, or a table's name. */
	const char *(*layout_source)(const struct runtime *runtime);
	bool (*walk)(struct runtime *runtime, const struct heap_blocks *blocks,
		     const struct runtime_visitor *visitor, struct error *err);
	/*
	 * An object's value as a short text, for one that was reported with the type of that
	 * number; after the walk, in any order, as often as wanted.  False: it has none.
	 * Bytes of ret: at most `size`, which VALUE_TEXT_SIZE always suffices for.
	 */
	bool (*value)(struct runtime *runtime, uint32_t type, addr_t object, char *ret,
		      size_t size);
	/* Is it code that works on objects and is no part of the runtime and its libraries? */
	bool (*is_extension)(const struct runtime *runtime, const struct module *module);
	/* The same for what an object holds.  False: that is of no kind, or not in the dump. */
	bool (*contents)(struct runtime *runtime, uint32_t type, addr_t object,
			 struct contents *ret);
	/*
	 * Likewise, what an object's content is; of CONTENT_VALUE a number in *ret: equal
	 * values, equal numbers, and in practice never otherwise.
	 */
	enum content_kind (*content)(struct runtime *runtime, uint32_t type, addr_t object,
				     uint64_t *ret);
	/* The texts are constants. */
	struct label_style (*label_style)(const char *label);
	void (*detach)(struct runtime *runtime);
};

/* NULL-terminated. */
extern const struct runtime_ops *const runtimes[];

#endif
