/*
 * A plan: where in a C struct the references to objects stand, compiled once from its debug
 * info.  What a member means beyond its C type (borrowed, weak, not traversed) is a rule of
 * rules.c.
 */
#ifndef RUNTIME_CPYTHON_PLAN_H
#define RUNTIME_CPYTHON_PLAN_H

#include "base/names.h" /* NAME_NONE: a label not asked for yet */
#include "graph/graph.h"
#include "runtime/cpython/python.h"

/* What a rule says of a member.  PLAN_DEFAULT: counted; traversed if the holder is a container. */
enum plan_rule {
	PLAN_DEFAULT,
	PLAN_TRAVERSED, /* counted and traversed, by a function that is not the type's own */
	PLAN_COUNTED,   /* counted, but tp_traverse leaves it out */
	PLAN_BORROWED,
	PLAN_WEAK,
	PLAN_OBJECT, /* counted and not traversed; its C type does not say that it is an object */
	PLAN_NOT_A_TYPE, /* counted unless the target is a type, of which somebody else tells */
	PLAN_FOLLOW,     /* an own struct behind a pointer: its references are the holder's */
	PLAN_IF_TIMEZONE, /* datetime's: only there if a flag says so */
	PLAN_STALE,       /* a free list's: what it points to is dead */
	PLAN_SKIP,        /* no reference, or read elsewhere */
	PLAN_TYPED, /* counted if the target really has the C struct that it points to; not traversed */
};

struct plan_slot {
	uint32_t offset;     /* bytes from the struct's start */
	uint32_t first;      /* of an array's element: the array's offset; else its own */
	uint8_t rule;        /* enum plan_rule */
	bool tagged;         /* 3.14: the two low bits are no part of the address */
	const char *pointee; /* C struct the member points to */
	const char *name;    /* the member's path, "[]" for array elements */
	uint32_t label;      /* its number, once asked for; NAME_NONE before */
};

/* An own struct, or an array of references or structs, behind a pointer. */
struct plan_pointer {
	uint32_t offset;       /* of the pointer */
	uint32_t type;         /* what it points at */
	uint32_t count_offset; /* of the number of elements; PLAN_ONE for a struct */
	uint32_t count_size;   /* bytes of the number */
	uint64_t count;        /* a fixed one; 0: read it */
	bool hidden;           /* counted, but not traversed */
	const char *name;
};
#define PLAN_ONE UINT32_MAX

/* A pointer to memory that is no object, and that no rule knows more of. */
struct plan_owned {
	uint32_t offset; /* of the pointer */
	uint32_t type;   /* what it points at; DEBUG_NONE: void */
};

struct plan_range {
	uint32_t offset, size; /* bytes */
};

struct plan {
	const struct debug_info *debug;
	uint32_t type; /* the struct, in debug */
	const char *struct_name;
	uint64_t size; /* bytes of the struct */
	struct plan_slot *slots;
	size_t slot_count;
	struct plan_pointer *pointers;
	size_t pointer_count;
	struct plan_range *stale; /* members whose pointers mean nothing */
	size_t stale_count;
	uint32_t *buffers; /* offsets of pointers to plain data */
	size_t buffer_count;
	struct plan_owned *owned;
	size_t owned_count;
	uint32_t *embedded; /* offsets of objects within (statics) */
	size_t embedded_count;
	uint32_t trailing_offset; /* of a trailing array, one element an item; 0: none */
	uint32_t trailing_type;   /* its elements' struct, in debug; DEBUG_NONE: references */
	const char *trailing_name;
	bool is_variable; /* begins with PyVarObject */
	bool is_object;   /* begins with PyObject */
};

struct plan_cache;

struct plan_cache *plan_cache_create(const struct python *python);
void plan_cache_free(struct plan_cache *cache);

/* Compiled at first use; lives as long as the cache.  NULL when out of memory. */
const struct plan *plan_for(struct plan_cache *cache, const struct debug_info *debug,
			    uint32_t type);

/*
 * A copy in which what `function`, and the traverse functions of the bases, do not visit is
 * only counted.  Without evidence for any slot the plan itself.
 */
struct traverser {
	addr_t function;
	uint64_t size; /* bytes of the struct that it is responsible for */
	uint32_t own;  /* see traverse_visits */
	bool seen;     /* its code was found to visit something: what it does not load counts */
	bool inherited; /* it is a base's function: what lies behind `size` is not visited */
};
const struct plan *plan_traversed(struct plan_cache *cache, const struct plan *plan,
				  const struct traverser *traversers, size_t count);

/* Does the struct begin with the other one? */
bool plan_embeds(const struct plan *plan, const char *struct_name);

/* Does the struct begin with PyObject? */
bool plan_is_object(struct plan_cache *cache, const struct debug_info *debug, uint32_t type);

/* An array that the struct owns: how many elements it has, by member or by an enumerator. */
struct plan_array_rule {
	const char *struct_name, *member;
	const char *count_member; /* or NULL */
	const char *count_name;   /* an enumerator: the number after the last element's */
};
const struct plan_array_rule *plan_array_rule_for(const char *struct_name, const char *member);

/* The struct that one of that name is, which is declared and nowhere defined; NULL: not known. */
const char *plan_opaque_struct(const char *declared);

/* What rules.c says of a member of a struct. */
enum plan_rule plan_rule_for(const char *struct_name, const char *member);

#endif
