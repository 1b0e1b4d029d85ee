/*
 * What the DIEs of a module come to, in records of fixed width without pointers: what a
 * cache file holds, and what a debug_info is made from.  Names are offsets into `strings`.
 *
 * Refuses to know: DWARF, files.
 */
#ifndef DEBUGINFO_FLAT_H
#define DEBUGINFO_FLAT_H

#include "base/types.h"
#include "base/vector.h"
#include "debuginfo/key_map.h"

struct flat_type {
	uint64_t size;
	uint32_t name;
	uint32_t kind; /* enum debug_kind */
	uint32_t target;
	uint32_t count;
	uint32_t first_member;
	uint32_t member_count;
	uint32_t is_signed;
	uint32_t unused;
};

struct flat_member {
	uint32_t name;
	uint32_t type;
	uint32_t offset;
	uint16_t bit_size;
	uint16_t bit_offset;
};

/* A typedef whose name is not the struct's own. */
struct flat_alias {
	uint32_t name;
	uint32_t type;
};

struct flat_enumerator {
	uint64_t value;
	uint32_t name;
	uint32_t unused;
};

#define FLAT_EXTERNAL     1u
#define FLAT_THREAD_LOCAL 2u

struct flat_variable {
	uint64_t address;
	uint32_t name;
	uint32_t function;
	uint32_t type;
	uint32_t flags;
};

struct flat_function {
	uint64_t low, high;
	uint32_t name;
	uint32_t unit;
	uint32_t first_operand;
	uint32_t operand_count;
};

struct flat_operand {
	uint32_t name;
	uint32_t type;
	uint32_t role; /* enum debug_role */
};

/* The start of one of a function's ranges. */
struct flat_entry {
	uint64_t address;
	uint32_t function;
	uint32_t unused;
};

/* All arrays, for whoever does the same to each: X(member, item type). */
#define FLAT_ARRAYS(X)                         \
	X(types, struct flat_type)             \
	X(members, struct flat_member)         \
	X(aliases, struct flat_alias)          \
	X(enumerators, struct flat_enumerator) \
	X(variables, struct flat_variable)     \
	X(functions, struct flat_function)     \
	X(operands, struct flat_operand)       \
	X(entries, struct flat_entry)          \
	X(strings, char)

struct flat {
#define FLAT_MEMBER(name, type) VECTOR_OF(type) name;
	FLAT_ARRAYS(FLAT_MEMBER)
#undef FLAT_MEMBER
	struct key_map texts; /* of strings, while it is being filled */
};

void flat_release(struct flat *flat);

/* Some memory that it asked for was not there. */
bool flat_failed(const struct flat *flat);

/* The offset of text in `strings`, added if need be.  "" is 0, and so is a failure. */
uint32_t flat_string(struct flat *flat, const char *text);
/* The same without the suffix that the compiler gave a clone: `arenas.lto_priv.0`. */
uint32_t flat_symbol(struct flat *flat, const char *name);

/*
 * Nothing in it leads out of it: names, types, members and operands are there, and what is
 * said to ascend does.  All that is read from a file passes here.
 */
bool flat_is_valid(const struct flat *flat);

#endif
