/*
 * One walk over a process's objects: what has been found so far, who is being read, and how a
 * reference is reported.  An address that a reference names and that turns out to be an
 * object is read in its turn, so that what lies outside the small-object pools is found too.
 */
#ifndef RUNTIME_CPYTHON_WALK_H
#define RUNTIME_CPYTHON_WALK_H

#include "base/address_set.h"
#include "base/vector.h"
#include "runtime/cpython/types.h"

#define GENERATIONS 4 /* 0 … 2, and the permanent one */

/* Labels that readers use for every object. */
struct common_labels {
	uint32_t item, key, value, type, dict, stack, word;
};

/* Who holds the references that are reported now: an object, or a root. */
struct holder {
	bool is_root;
	bool described;  /* a reader knows what no struct describes: nothing is guessed */
	bool is_visited; /* the pool of visits says which counted references are traversed */
	struct graph_root root; /* kind, thread, frame and address of roots */
	addr_t owner; /* object whose memory is read, be it its own or behind a pointer; or 0 */
	const uint64_t *initial; /* pointers the module was linked with, not yet met */
	size_t initial_count;
};

struct visited; /* visited.h */

/* Memory that a member of a struct points at: see owners.c. */
struct pointed {
	addr_t target;
	addr_t owner; /* object that the member belongs to; 0: none */
	const struct debug_info *debug;
	uint32_t type; /* the member's: what it points at, in debug; DEBUG_NONE: void */
};

/* No struct of the interpreter's has fields further than that. */
#define OBJECT_ROOM 2048u

struct walk {
	const struct python *python;
	const struct runtime_visitor *visitor;
	struct type_table *types;
	struct plan_cache *plans;
	const struct heap_blocks *heap;
	struct visited *visited;
	struct address_set *generations[GENERATIONS]; /* tracked objects; frozen */
	struct address_set *objects;                  /* found: waiting or reported */
	struct address_set *claimed;                  /* raw blocks that somebody owns */
	struct address_set *owned_keys;               /* shared key tables with an owner */
	struct address_set *root_words;               /* words of module data that are roots */
	bool dict_visits_values;                      /* also those embedded in an instance */
	addr_t set_dummy;                             /* what stands where a set's key was */
	addr_t interned;                   /* the dict of interned strings; 0 if none */
	addr_t object_type;                /* the type `object`; 0 if not found */
	VECTOR_OF(addr_t) pending;         /* found, not reported yet */
	VECTOR_OF(addr_t) statics;         /* reported ones in module data */
	VECTOR_OF(addr_t) initial_targets; /* one for each reference linked in */
	VECTOR_OF(uint64_t) initial_words; /* scratch of the holder's */
	VECTOR_OF(struct address_range) module_spans; /* ascending */
	VECTOR_OF(struct pointed) pointed;            /* not claimed yet */
	struct common_labels labels;
	struct holder holder;
	uint64_t dangling;
	size_t hint;
	uint8_t room
		[OBJECT_ROOM]; /* of an object at the end of what is dumped: see source.bytes */
};

/* An object as its reader sees it. */
struct source {
	addr_t address;
	struct type_info *type;
	/*
	 * The object's own, without headers, until the next one is opened.  Behind them are others
	 * or zeros up to OBJECT_ROOM, so that a field may be read whatever the type's size says.
	 */
	const uint8_t *bytes;
	uint64_t size;            /* of the object */
	uint64_t stored;          /* of these, what bytes has: the dump may end before */
	int64_t items;            /* |ob_size|, 0 for fixed-size types */
	enum reference_kind kind; /* of what tp_traverse visits: COUNTED where there is none */
};

/* Reads what no struct describes.  An own size goes to *ret_size (bytes, without headers). */
struct reader {
	const char *type_name;
	bool reads_struct; /* the plan of the C struct is the reader's matter, too */
	void (*read)(struct walk *walk, const struct source *source);
	uint64_t (*size)(const struct walk *walk, const struct source *source); /* or NULL */
};
const struct reader *reader_for(const char *type_name); /* NULL if none; readers.c */

/* Reports a counted or uncounted reference of the holder.  Zero is none. */
void walk_reference(struct walk *walk, addr_t target, uint32_t label, enum reference_kind kind);

/* `count` references from an array; empty ones leave their position out. */
void walk_references(struct walk *walk, const uint8_t *words, uint64_t count, uint32_t label,
		     enum reference_kind kind);

/* Raw memory of the source's. */
void walk_claim(struct walk *walk, addr_t owner, addr_t address, uint64_t size,
		const char *kind, bool exclusive);
void walk_claim_report(struct walk *walk, const struct claim_report *claim);

/* Raw memory, the whole of a block or a part of one in use, that holds nothing now. */
void walk_claim_unused(struct walk *walk, addr_t address, uint64_t size, const char *kind);

/* The C library's block in use that has the address; NULL if none. */
const struct block_report *walk_native_block(const struct walk *walk, addr_t address);
/* The same of all allocators, the innermost. */
const struct block_report *walk_block(const struct walk *walk, addr_t address);

/*
 * The references of a struct at address, by plan.  `prefix` comes before the members' names.
 */
void walk_plan(struct walk *walk, const struct plan *plan, addr_t address, const char *prefix,
	       enum reference_kind kind);

/* A block of plain data, as much of it as the allocator gave. */
void walk_buffer(struct walk *walk, addr_t owner, addr_t buffer);

void walk_list(struct walk *walk, const struct debug_info *debug, uint32_t type, addr_t address,
	       const char *name, enum reference_kind kind);

/* What stands behind the pointers of a struct whose bytes these are. */
void walk_pointers(struct walk *walk, const struct plan *plan, const uint8_t *bytes,
		   enum reference_kind kind);

/* One reference: what stands in the slot's word at address. */
void walk_word(struct walk *walk, struct plan_slot *slot, addr_t address, uint64_t word,
	       const char *prefix, enum reference_kind kind);

uint32_t walk_label(const struct walk *walk, const char *name);

/* Could these 16 bytes begin an object, as far as the count in them goes? */
bool walk_plausible_count(const struct walk *walk, const uint8_t *object);

/* Is its count meaningless?  (3.12 and later) */
bool walk_is_immortal(struct walk *walk, addr_t object);

/*
 * A stack reference (3.14): two low bits tell a small integer from an object, and one that
 * holds no count.  The latter is borrowed, unless its target's count means nothing anyway.
 */
void walk_stack_reference(struct walk *walk, uint64_t word, uint32_t label,
			  enum reference_kind kind);

/* Notes an object for being read; false if the address holds none. */
bool walk_discover(struct walk *walk, addr_t address);

/* The span of the module with the address; NULL if it lies in none. */
const struct address_range *walk_module_span(const struct walk *walk, addr_t address);

/* collector.c: fills `generations`. */
bool collector_read(struct walk *walk, struct error *err);
/* classify.c: which of the allocator's blocks are objects. */
void classify_blocks(struct walk *walk, const struct heap_blocks *blocks);
/*
 * owners.c: notes what a struct's members point at, for whom the holder is; and, once all are
 * noted, claims each block that one object alone, or something that is no object, points at.
 */
void owners_note(struct walk *walk, const struct plan *plan, const uint8_t *bytes);
void owners_claim(struct walk *walk);
/* ast_arenas.c: reads the arena of a syntax tree; false if the address holds none. */
bool ast_arena_read(struct walk *walk, addr_t address);
/* c_locals.c: what running C functions of the interpreter hold. */
void roots_c_locals(struct walk *walk);
/* ctypes.c: what ctypes keeps with its types, and visits for them. */
void ctypes_references(struct walk *walk, const struct source *type);
/* emit.c: reports one object with its references. */
void emit_object(struct walk *walk, addr_t address);
void emit_pending(struct walk *walk);
/* threads.c */
struct stack_counts {
	uint32_t threads, frames; /* reported so far */
};
void roots_threads(struct walk *walk, addr_t interpreter, struct stack_counts *counts);
/* roots.c: C variables, interpreters, stacks, static objects. */
void hold_root(struct walk *walk, enum root_kind kind, uint32_t thread);
void roots_globals(struct walk *walk);
void walk_callbacks(struct walk *walk, addr_t state, enum field array, enum field count,
		    enum reference_kind kind);
void roots_interpreters(struct walk *walk);
void roots_stacks(struct walk *walk);
void roots_statics(struct walk *walk);
/* frames.c */
void frame_references(struct walk *walk, addr_t frame, enum reference_kind kind);
void frame_rows(struct walk *walk, addr_t frame, uint32_t thread, uint32_t *frame_number);
/* Completes a report by what the code and the instruction's offset in it tell, and makes it. */
void frame_row(struct walk *walk, struct frame_report *report, addr_t code,
	       int64_t instruction);
/* frame_objects.c: the same up to 3.10, where frames are objects. */
void frame_object_slots(struct walk *walk, addr_t frame, enum reference_kind kind);
void frame_object_rows(struct walk *walk, addr_t frame, uint32_t thread,
		       uint32_t *frame_number);

#endif
