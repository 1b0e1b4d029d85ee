/*
 * What the DWARF of one module says, as flat arrays: types, members, variables, functions.
 * Typedefs and qualifiers are resolved away; a typedef of an unnamed struct names it.  Equal
 * structs of different units are one type; a struct that is only declared in one unit is the
 * one that another unit defines.  Read once, kept in a cache file by build-id, and read from
 * there the next time, in milliseconds.
 *
 * Where it comes from: the module itself, `.build-id` folders, `.gnu_debuglink`.  DWARF 2 to 5.
 * Not read: split DWARF (.dwo) and dwz's supplements (`.gnu_debugaltlink`); each is an anomaly.
 * All units are read.  Only where there is over 64 MiB of DWARF are those left out that are
 * not C: they are what makes it so big, and nobody asks about them.
 *
 * Refuses to know: processes, load addresses (all addresses are link-time), Python.
 */
#ifndef DEBUGINFO_DEBUG_INFO_H
#define DEBUGINFO_DEBUG_INFO_H

#include "base/anomaly.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/types.h"
#include "core/binary.h"

struct debug_info;

#define DEBUG_NONE UINT32_MAX /* no such type; as a target: void */

enum debug_kind {
	DEBUG_BASE,
	DEBUG_ENUM,
	DEBUG_POINTER,
	DEBUG_STRUCT,
	DEBUG_UNION,
	DEBUG_ARRAY,
	DEBUG_FUNCTION,
	DEBUG_DECLARATION, /* a struct only declared, and defined nowhere in the module */
};

struct debug_type {
	enum debug_kind kind;
	const char *name; /* "" if it has none; a tag without "struct" */
	uint64_t size;    /* bytes; of an array: of all of it, 0 for a flexible one */
	uint32_t target;  /* of a pointer or array: what it points to or holds */
	uint32_t count;   /* array elements, all dimensions multiplied; 0: flexible or [0] */
	uint32_t first_member; /* structs and unions */
	uint32_t member_count;
	bool is_signed;
};

struct debug_member {
	const char *name; /* "" for an unnamed struct or union, whose members count as ours */
	uint32_t type;
	uint32_t offset;   /* bytes */
	uint16_t bit_size; /* 0: not a bit field */
	/*
	 * Of a bit field: bits from `offset`, the least significant first, so that its value is
	 * the type-sized word at `offset`, shifted right by this much.
	 */
	uint16_t bit_offset;
};

struct debug_variable {
	const char *name;     /* without LTO suffix */
	const char *function; /* of a static inside a function; else "" */
	addr_t address;       /* link-time; for thread-local ones the offset in the TLS image */
	uint32_t type;
	bool is_external, is_thread_local;
};

/* A function's evidence about the structs it works on. */
enum debug_role {
	DEBUG_PARAMETER_0, /* its first parameter */
	DEBUG_PARAMETER,   /* a later one */
	DEBUG_LOCAL,       /* a variable of its own */
	DEBUG_INLINED, /* parameter or variable of a function inlined into it, at any depth */
};

struct debug_function {
	const char *name;
	addr_t low; /* link-time entry; the first range of a split function */
	addr_t high;
	uint32_t unit; /* that its source is in: the same number, the same file */
	uint32_t
		first_operand; /* into debug_operand(): in DWARF order, each role, name and type once */
	uint32_t operand_count;
};

struct debug_operand {
	const char *name;
	uint32_t type; /* a DEBUG_POINTER to a struct, union or declaration; others left out */
	enum debug_role role;
};

struct debug_options {
	const char *const
		*debug_dirs;   /* NULL-terminated; tried before /usr/lib/debug; or NULL */
	const char *sysroot;   /* or NULL */
	const char *cache_dir; /* or NULL: no cache */
	struct anomalies *anomalies;
};

/*
 * NULL and a sentence when there is no usable debug info for the binary; the sentence names
 * the build-id and what was looked for.  A damaged cache file is ignored and made anew.
 */
struct debug_info *debug_info_open(const struct binary *binary,
				   const struct debug_options *options, struct error *err);
void debug_info_close(struct debug_info *info);
DEFINE_CLEANUP(struct debug_info *, debug_info_close)

/* The file it was read from: the binary's own path, or the detached file's. */
const char *debug_info_path(const struct debug_info *info);
/*
 * The file with the fuller symbol table (.symtab), opened: the detached one where there is
 * one, else NULL.  Owned by info.
 */
const struct binary *debug_info_binary(const struct debug_info *info);

size_t debug_type_count(const struct debug_info *info);
/* id < debug_type_count().  The struct lives as long as info. */
const struct debug_type *debug_type(const struct debug_info *info, uint32_t id);
const struct debug_member *debug_member(const struct debug_info *info, uint32_t index);

/*
 * A complete struct, union or enum by tag, or else by typedef name; DEBUG_NONE if there is
 * none.
 */
uint32_t debug_type_named(const struct debug_info *info, const char *name);
/*
 * The next complete one after id that has the same tag (same-named structs of other units), or
 * DEBUG_NONE.
 */
uint32_t debug_type_next_named(const struct debug_info *info, uint32_t id);

/*
 * Walks a path like "interpreters.main" or "ob_base.ob_refcnt" from a struct, through unnamed
 * members, into arrays' first elements.  "" is the struct itself.  A miss is false.
 */
struct debug_field {
	uint64_t offset; /* bytes from the struct's start */
	uint64_t size;   /* bytes */
	uint32_t type;
	uint16_t bit_size, bit_offset; /* as a member's; bit_size 0: not a bit field */
};
bool debug_field(const struct debug_info *info, uint32_t type, const char *path,
		 struct debug_field *ret);

/* The value of an enumerator, in any enum of the module. */
bool debug_enumerator(const struct debug_info *info, const char *name, int64_t *ret);

size_t debug_variable_count(const struct debug_info *info); /* ascending by address */
const struct debug_variable *debug_variable(const struct debug_info *info, size_t index);
/* By name; an external one before a static; false if there is none with an address. */
bool debug_variable_named(const struct debug_info *info, const char *name,
			  const struct debug_variable **ret);

size_t debug_function_count(const struct debug_info *info); /* ascending by low */
const struct debug_function *debug_function(const struct debug_info *info, size_t index);
/* The function whose entry (any range's start) is the address; NULL if none. */
const struct debug_function *debug_function_at(const struct debug_info *info, addr_t address);
const struct debug_function *debug_function_named(const struct debug_info *info,
						  const char *name);
const struct debug_operand *debug_operand(const struct debug_info *info, uint32_t index);

#endif
