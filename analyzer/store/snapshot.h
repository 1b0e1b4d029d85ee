/*
 * What a snapshot is made of, as the pipeline hands it to the store: everything is an array,
 * and every reference to a row is its index (the store adds one to make an id).
 *
 * Refuses to know: how any of it was found.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "analysis/analysis.h"
#include "base/anomaly.h"
#include "base/names.h"
#include "base/vector.h"
#include "core/image.h"
#include "graph/graph.h"
#include "runtime/runtime.h"

struct snapshot_meta {
	const char *key, *value;
};

struct snapshot_bucket {
	const char *bucket, *parent;
	uint64_t bytes, count;
}; /* parent "" at the top */

struct snapshot_mapping {
	struct address_range range;
	const char *perms, *path,
		*kind; /* "rw-"; path "" if anonymous; kind: code, data, stack, … */
	uint64_t file_offset, dumped;
	const char *build_id; /* hex; "" if unknown */
};

struct snapshot_type {
	uint32_t object; /* OBJECT_NONE if the type object is not an object here */
	const char *name, *struct_name;
	enum type_layout layout;
	uint64_t size, item_size;
};

struct snapshot_block {
	addr_t address;
	uint64_t size;
	const char *allocator; /* "pymalloc", "glibc", … */
	enum block_state state;
	uint32_t owner;   /* object, or OBJECT_NONE */
	const char *kind; /* "" if unknown */
	/* Of a kind that is a C type; else "" or NULL. */
	const char *confidence;
	/* Labels' numbers + 1, 0 for none: see the columns of `blocks`. */
	uint32_t evidence, first_word, holder;
};

struct snapshot_arena {
	const char *allocator;
	struct arena_report report;
	uint64_t cached, top; /* bytes, both part of report.free */
};
struct snapshot_pool {
	uint32_t arena;
	struct pool_report report;
};

/* A variable or function of a module. */
struct snapshot_symbol {
	addr_t address;
	uint64_t size;
	const char *name;
	bool is_function;
};

/* A C struct that objects or blocks have. */
struct snapshot_struct {
	const char *name;
	uint64_t size;
	bool is_union;
};

/* Its members, those of structs within it too; of an array one row. */
struct snapshot_member {
	uint32_t owner;        /* index of the struct */
	uint64_t offset, size; /* bytes; of an array's element */
	uint64_t count;        /* elements; 1: no array */
	const char *name, *type;
};

/* What keeps an arena, that has little in it, from being returned. */
struct snapshot_pin {
	uint32_t arena, pool;   /* indexes; OBJECT_NONE where there is none */
	uint32_t object, block; /* one of them, the other OBJECT_NONE */
	uint32_t release;       /* index of the release it is one of; or OBJECT_NONE */
	uint64_t size;
	const char *path; /* "" if unknown */
};

/* What releases are of. */
enum release_kind {
	RELEASE_HOLDER,     /* what one object alone holds */
	RELEASE_PINS,       /* pins that an object refers to, and not it alone */
	RELEASE_GARBAGE,    /* what the collector would free */
	RELEASE_LEAKED,     /* what nobody known holds */
	RELEASE_FREE_LISTS, /* what the runtime keeps for reuse */
	RELEASE_LEAK,       /* leaks of one fingerprint */
	RELEASE_KINDS
};
const char *release_kind_name(enum release_kind kind); /* "holder", … */

static inline bool release_has_holder(enum release_kind kind)
{
	return kind <= RELEASE_PINS;
}

/* What would go back to the system if something were freed. */
struct snapshot_release {
	enum release_kind kind;
	uint32_t object;      /* that holds, or OBJECT_NONE */
	uint64_t fingerprint; /* of leaks; 0: none */
	const char *type;     /* of most pins; "" if there are none */
	uint64_t typed;       /* pins of that type */
	bool is_object_type;  /* it is no kind of blocks */
	const char *path;     /* of the object; "" if unknown */
	uint64_t pins, pin_bytes;
	uint64_t arenas, arena_bytes; /* that they are in */
	uint64_t blocks, bytes;       /* that would be freed */
	uint64_t returned_arenas,
		returned;  /* arenas, and bytes of all kinds, that would go back */
	uint64_t together; /* bytes, of those with a holder: if those before it went, too */
};

/* Where objects of a type hang: all those whose paths differ only in keys and positions. */
struct snapshot_place {
	uint32_t parent;  /* index of a place before it; OBJECT_NONE at the top */
	uint32_t type;    /* index of the type */
	uint32_t example; /* object: the one that is last in its container */
	uint64_t objects, bytes;
	uint64_t total_objects, total_bytes; /* with the places below */
	uint64_t fingerprint;
	uint64_t checksum; /* of this place and those below */
	const char *path;  /* "modules['app'].CACHE[*]" */
};

struct snapshot_cycle {
	uint32_t component; /* into components */
	enum object_state state;
	uint64_t bytes;
	const char *pattern; /* "app.Node.next → app.Node.prev" */
	uint64_t fingerprint;
	uint32_t finalizers;
};

/* What is the program's, and what the language makes of every class and module. */
enum cycle_kind { CYCLE_PROGRAM, CYCLE_CLASS, CYCLE_MODULE };
const char *cycle_kind_name(enum cycle_kind kind); /* "program", … */

/* What would be without the references of one site, or of some. */
struct snapshot_cycle_edge {
	uint32_t pattern;            /* index; OBJECT_NONE: of all garbage */
	const char *text;            /* "app.Node.parent"; of several: "app.A.x and app.A.y" */
	uint64_t references, cycles; /* that there are; that would be none any more */
	uint64_t objects, bytes;     /* of garbage, that counting alone would have freed */
	int direction;               /* above 0: it leads back to an owner; below: away */
	bool chosen;                 /* the one that is advised */
};

/*
 * Parts of components, of the same state and pattern.  A part are the objects of cycles that
 * the program made, without the classes and modules that tie all of a program's objects up.
 */
struct snapshot_cycle_pattern {
	enum object_state state;
	enum cycle_kind kind;
	const char *pattern, *short_pattern;
	const char *type; /* of most of the members that are no containers */
	uint64_t fingerprint, cycles, objects, bytes, finalizers;
	uint64_t type_objects; /* members of that type */
	uint64_t held_objects,
		held_bytes;           /* of garbage: that go with them, themselves included */
	uint32_t example;             /* a member of the largest of them */
	uint32_t edge;                /* index of the chosen one; OBJECT_NONE: none helps */
	uint32_t owner, owner_cycles; /* of most of them, and of how many; or OBJECT_NONE */
	const char *advice;           /* "" where there is none to give */
	const char *remedy;           /* the same in a few words */
};

/*
 * What v_objects shows as the object's value: of a str its text, without quotes; bounded.
 * Asked for each object once, in their order, so that the texts of all are never in memory.
 */
struct snapshot_values {
	/* UTF-8, at most size-1 bytes of VALUE_TEXT_SIZE.  False: the object has no value. */
	bool (*text)(void *context, uint32_t object, char *ret, size_t size);
	void *context;
};

enum leak_kind { LEAK_REFCOUNT, LEAK_GARBAGE, LEAK_NATIVE };
enum leak_grade { GRADE_PROVEN, GRADE_PROBABLE, GRADE_UNKNOWN };
const char *leak_kind_name(enum leak_kind kind);    /* "refcount", … */
const char *leak_grade_name(enum leak_grade grade); /* "proven", … */

struct snapshot_leak {
	enum leak_kind kind;
	enum leak_grade grade;
	uint32_t object, block; /* OBJECT_NONE where there is none */
	uint64_t objects,
		bytes;        /* that go with it, itself included; sums count nothing twice */
	uint64_t fingerprint; /* of type and label chain: equal leaks, equal number */
	const char *explanation;
	uint64_t words; /* LEAK_REFCOUNT: that could be a missing reference each */
	uint32_t group; /* index of the leak groups */
	/* Of a group, when it is made; NULL where unknown. */
	const char *holder, *evidence; /* the C code that could hold it, and why */
	const char *what;              /* LEAK_NATIVE: what a block holds: "text" */
};

/* Leaks of one kind, grade, fingerprint and holder. */
struct snapshot_leak_group {
	enum leak_kind kind;
	enum leak_grade grade;
	uint64_t fingerprint;
	const char *type, *holder, *evidence; /* the latter two NULL if unknown */
	uint64_t leaks, objects, bytes;       /* sums */
	uint32_t largest;                     /* index of the leaks */
};

/* A frame of a C function, by the words of the stack that are its own. */
struct snapshot_c_frame {
	uint32_t thread, depth; /* index of the thread; 0: innermost */
	struct address_range words;
	addr_t code;                   /* of the function */
	const char *function, *module; /* NULL if unknown; module: "libc.so.6" */
};

struct snapshot_finding {
	const char *kind, *severity; /* severity: "critical", "warning", "info" */
	const char *title, *evidence, *advice, *query;
	uint64_t bytes, objects;
	unsigned certainty; /* percent that it is a fault; for the rank, no column */
	uint64_t whole;     /* bytes of all that it is a part of; 0: of itself.  No column. */
	bool small_too;     /* told however few its bytes are, if it is repeated.  No column. */
};

/* Objects that the collector tracks, of a type or in a generation. */
struct snapshot_tracked {
	uint32_t type; /* of a row of tracked_types */
	uint64_t objects;
	uint64_t in_cycles; /* of these, members of a component */
	uint64_t leaves; /* of these, what leads to no tracked object: see collector_leads() */
};

struct snapshot_generation {
	uint32_t collector;
	uint8_t number;                /* of the report's generations */
	bool is_counted, is_simulated; /* false: NULL in the columns of the next two */
	struct snapshot_tracked tracked;
	struct collector_pass pass;
};

/* What one holder's objects could do without; see the columns of `waste`. */
struct snapshot_waste {
	const char *kind, *holder, *advice; /* holder "": several */
	uint64_t objects, distinct, bytes, savings;
	bool has_distinct; /* false: the column is NULL */
	uint32_t example;
	uint64_t example_weight;
};

struct snapshot {
	VECTOR_OF(struct snapshot_meta) meta;
	VECTOR_OF(struct snapshot_mapping) mappings;
	VECTOR_OF(struct snapshot_bucket) accounting;
	VECTOR_OF(struct thread_report) threads;
	VECTOR_OF(struct frame_report) frames;
	VECTOR_OF(struct snapshot_c_frame) c_frames; /* ascending */
	VECTOR_OF(struct snapshot_type) types;
	struct snapshot_values values; /* text NULL: of no object */
	VECTOR_OF(struct snapshot_block) blocks;
	VECTOR_OF(struct snapshot_arena) arenas;
	VECTOR_OF(struct snapshot_pool) pools;
	VECTOR_OF(struct snapshot_symbol) symbols; /* ascending, one an address */
	VECTOR_OF(struct snapshot_struct) structs;
	VECTOR_OF(struct snapshot_member) members;
	VECTOR_OF(struct snapshot_pin) pins;
	VECTOR_OF(struct snapshot_release) releases; /* those that return most first */
	VECTOR_OF(struct snapshot_cycle) cycles;
	VECTOR_OF(struct snapshot_cycle_pattern) cycle_patterns; /* garbage first, by bytes */
	VECTOR_OF(struct snapshot_cycle_edge) cycle_edges;
	VECTOR_OF(struct snapshot_leak) leaks;
	VECTOR_OF(struct snapshot_leak_group) leak_groups;
	VECTOR_OF(struct collector_report) collectors;
	VECTOR_OF(struct snapshot_generation) generations;
	VECTOR_OF(struct snapshot_tracked) tracked_types;
	VECTOR_OF(struct snapshot_waste) waste;      /* the most to win first */
	VECTOR_OF(struct snapshot_finding) findings; /* in order of rank */
	struct names *labels;
	const struct graph *graph;
	struct ledger ledger;
	struct reachability reachability;
	struct components components;
	struct dominators dominators; /* arrays NULL: not computed, columns NULL */
	VECTOR_OF(struct snapshot_place) places;
	uint32_t *place_of; /* [object_count] index of the place, OBJECT_NONE: none; or NULL */
	uint64_t *content;  /* [object_count], 0: unknown; or NULL.  See objects.content. */
	struct paths paths; /* arrays NULL: not computed, no rows */
	const struct label_style *label_styles; /* [label_style_count], of the first labels */
	uint32_t label_style_count;
	const char *const *root_expressions; /* [graph->root_count]; NULL: not known */
	const struct anomalies *anomalies;
};

/* How a step with the label is written; NULL: as the label is, "": it leads to a namespace. */
const char *snapshot_label_expression(const struct snapshot *snapshot, uint32_t label);
bool snapshot_label_is_namespace(const struct snapshot *snapshot, uint32_t label);

/* The key of a dict entry's "value": the "key" reference just before it; or OBJECT_NONE. */
uint32_t snapshot_key_of(const struct snapshot *snapshot, uint32_t source, uint32_t reference);

/* The value of an object, written to ret[VALUE_TEXT_SIZE]; NULL: it has none. */
const char *snapshot_value_text(const struct snapshot *snapshot, uint32_t object, char *ret);

/* Releases the arrays and the results of analyses; not labels, graph, anomalies and texts. */
void snapshot_release(struct snapshot *snapshot);

#endif
