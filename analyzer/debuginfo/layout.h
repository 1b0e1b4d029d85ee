/*
 * Tables of fields: a user of debug info lists once which fields of which structs it reads,
 * gets their offsets once, and from then on asks whether a field is there and not which
 * version the module has.
 *
 * How to add a field: a row in the user's table.  How to make a table:
 *
 *	#define LIST_FIELDS(X)                                                  \
 *		X(list_head, "list|List", "head|first", LAYOUT_REQUIRED)        \
 *		X(list_spare, "list|List", "spare.items", LAYOUT_OPTIONAL)
 *	enum field { LIST_FIELDS(LAYOUT_ID) FIELD_COUNT };
 *	static const struct field_spec specs[] = { LIST_FIELDS(LAYOUT_SPEC) };
 *	struct layout_field fields[FIELD_COUNT];
 *	…
 *	layout_resolve(&source, specs, FIELD_COUNT, fields, err)
 *	if (fields[FIELD_list_spare].present) …
 *
 * Refuses to know: processes, which structs there are.
 */
#ifndef DEBUGINFO_LAYOUT_H
#define DEBUGINFO_LAYOUT_H

#include "debuginfo/debug_info.h"

#define LAYOUT_REQUIRED true
#define LAYOUT_OPTIONAL false

#define LAYOUT_ID(id, struct_names, path, required)   FIELD_##id,
#define LAYOUT_SPEC(id, struct_names, path, required) {struct_names, path, required},

struct field_spec {
	const char *struct_names; /* tags or typedef names, the preferred first:
				     "_ts|PyThreadState" */
	const char *path;         /* of members, likewise: "f_code|f_executable.bits"; "" is the
				     struct itself, for its size */
	bool required;
};

struct layout_field {
	bool present;
	uint16_t bit_size, bit_offset; /* bit_size 0: not a bit field; from `offset` */
	uint32_t offset;               /* bytes from the struct's start */
	uint32_t size;                 /* bytes */
	uint32_t type;                 /* of the field, in info */
};

struct layout_source {
	const struct debug_info *info;
	const char *module;        /* as messages call it: a path */
	const char *debug_package; /* what a person should install; NULL: say so in general */
};

/*
 * Fills ret[count].  A row whose struct or path is not there is absent; if it is required,
 * that is an error whose sentence names the field, the module and the package to install.
 * All rows are filled in any case.
 */
bool layout_resolve(const struct layout_source *source, const struct field_spec *specs,
		    size_t count, struct layout_field *ret, struct error *err);

/* An enumerator's value, by alternative names like a field's; `fallback` if there is none. */
int64_t layout_constant(const struct debug_info *info, const char *names, int64_t fallback);

#endif
