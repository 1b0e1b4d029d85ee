#include "typing/shapes.h"

#include "base/arena.h"
#include "base/vector.h"
#include "debuginfo/key_map.h"
#include "typing/heirs.h"
#include "typing/slots.h"

#include <stdlib.h>

/* Arrays of arrays, structs at the start of structs: damage goes deeper, C does not. */
#define DEPTH_LIMIT 16

struct shapes {
	struct target *target;
	const char *const *known;
	struct arena *arena;
	struct key_map by_type; /* debug info and type → shape */
	struct key_map by_name; /* kind, name and size → shape */
	VECTOR_OF(struct shape) list;
	VECTOR_OF(struct heirs *) heirs; /* one for each debug info that was asked */
	bool failed;
};

struct shapes *shapes_create(struct target *target, const char *const *known)
{
	struct shapes *shapes = calloc(1, sizeof(*shapes));

	if (!shapes)
		return NULL;
	shapes->target = target;
	shapes->known = known;
	shapes->arena = arena_create();
	if (!shapes->arena) {
		free(shapes);
		return NULL;
	}
	return shapes;
}

void shapes_free(struct shapes *shapes)
{
	if (!shapes)
		return;
	vector_each (&shapes->list, shape) {
		free(shape->slots);
		free(shape->pointers);
	}
	vector_each (&shapes->heirs, heirs)
		heirs_free(*heirs);
	vector_release(&shapes->list);
	vector_release(&shapes->heirs);
	key_map_release(&shapes->by_type);
	key_map_release(&shapes->by_name);
	arena_free(shapes->arena);
	free(shapes);
}

static bool is_known(const struct shapes *shapes, const struct debug_info *debug, uint32_t type)
{
	for (int depth = 0; depth < DEPTH_LIMIT && type != DEBUG_NONE; depth++) {
		for (size_t i = 0; shapes->known && shapes->known[i]; i++)
			if (!strcmp(debug_type(debug, type)->name, shapes->known[i]))
				return true;
		type = heirs_first_member(debug, type);
	}
	return false;
}

/* The struct that another module defines; if several do, all must agree on its size. */
static bool find_definition(const struct shapes *shapes, const char *name, struct shape *ret)
{
	const struct debug_info *found = NULL;
	uint32_t found_type = DEBUG_NONE;

	for (size_t i = 0; i < target_module_count(shapes->target); i++) {
		const struct debug_info *debug = target_module(shapes->target, i)->debug;
		uint32_t type = debug && *name ? debug_type_named(debug, name) : DEBUG_NONE;

		if (type == DEBUG_NONE || debug_type(debug, type)->kind != DEBUG_STRUCT)
			continue;
		if (found &&
		    debug_type(found, found_type)->size != debug_type(debug, type)->size)
			return false;
		found = debug;
		found_type = type;
	}
	if (!found)
		return false;
	ret->debug = found;
	ret->type = found_type;
	return true;
}

static enum shape_kind kind_of(const struct shapes *shapes, struct shape *shape)
{
	const struct debug_type *type = debug_type(shape->debug, shape->type);

	switch (type->kind) {
	case DEBUG_BASE:
		if (type->size == 1)
			return strstr(type->name, "char") ? SHAPE_TEXT : SHAPE_NONE;
		return type->size ? SHAPE_NUMBER : SHAPE_NONE;
	case DEBUG_ENUM:
		return type->size ? SHAPE_NUMBER : SHAPE_NONE;
	case DEBUG_POINTER:
		return SHAPE_POINTER;
	case DEBUG_DECLARATION:
		return find_definition(shapes, type->name, shape) ? SHAPE_STRUCT : SHAPE_OPAQUE;
	case DEBUG_STRUCT:
	case DEBUG_UNION:
		return type->size ? SHAPE_STRUCT : SHAPE_NONE;
	default:
		return SHAPE_NONE;
	}
}

/* What C calls the same has the same key.  A pointer's is that of its type, in one module. */
static uint64_t name_key(const struct shape *shape)
{
	const struct debug_type *type = debug_type(shape->debug, shape->type);
	uint64_t key = key_mix(key_mix(5, shape->kind), type->size);

	if (shape->kind == SHAPE_TEXT)
		return key;
	for (int depth = 0; depth < DEPTH_LIMIT && type->kind == DEBUG_POINTER; depth++) {
		key = key_mix(key, DEBUG_POINTER);
		if (type->target == DEBUG_NONE)
			return key;
		type = debug_type(shape->debug, type->target);
	}
	if (!*type->name) /* unnamed ones are only what they are */
		return key_mix(key_mix(key, (uintptr_t)shape->debug), shape->type);
	return key_mix_text(key_mix(key, type->kind), type->name);
}

static bool has_open_end(const struct debug_info *debug, uint32_t id)
{
	for (int depth = 0; depth < DEPTH_LIMIT && id != DEBUG_NONE; depth++) {
		const struct debug_type *type = debug_type(debug, id);

		if (type->kind == DEBUG_ARRAY)
			return type->count <= 1;
		if (type->kind != DEBUG_STRUCT || !type->member_count)
			return false;
		id = debug_member(debug, type->first_member + type->member_count - 1)->type;
	}
	return false;
}

static uint32_t add_shape(struct shapes *shapes, const struct debug_info *debug, uint32_t type)
{
	uint32_t fresh = (uint32_t)shapes->list.count;
	struct shape shape = {.debug = debug, .type = type};
	uint32_t *same;

	shape.is_known = is_known(shapes, debug, type);
	shape.kind = kind_of(shapes, &shape);
	shape.size = shape.kind == SHAPE_OPAQUE ? 0 : debug_type(shape.debug, shape.type)->size;
	shape.is_open = shape.kind == SHAPE_STRUCT && has_open_end(shape.debug, shape.type);
	same = key_map_add(&shapes->by_name, name_key(&shape), fresh);
	if (!same)
		return SHAPE_MISSING;
	shape.same = *same;
	return vector_push(&shapes->list, shape) ? fresh : SHAPE_MISSING;
}

uint32_t shapes_of_type(struct shapes *shapes, const struct debug_info *debug, uint32_t type,
			uint32_t *ret_count)
{
	uint64_t count = 1;
	uint32_t *place;

	for (int depth = 0; depth < DEPTH_LIMIT && type != DEBUG_NONE &&
			    debug_type(debug, type)->kind == DEBUG_ARRAY;
	     depth++) {
		count *= debug_type(debug, type)->count;
		if (count > UINT32_MAX)
			count = UINT32_MAX;
		type = debug_type(debug, type)->target;
	}
	if (ret_count)
		*ret_count = (uint32_t)count;
	place = key_map_add(&shapes->by_type, key_mix(key_mix(3, (uintptr_t)debug), type),
			    SHAPE_MISSING);
	if (!place || type == DEBUG_NONE)
		return SHAPE_MISSING;
	if (*place == SHAPE_MISSING)
		*place = add_shape(shapes, debug, type);
	return *place;
}

const struct shape *shapes_get(const struct shapes *shapes, uint32_t shape)
{
	return &shapes->list.items[shape];
}

const struct shape *shapes_compiled(struct shapes *shapes, uint32_t index)
{
	struct shape shape = shapes->list.items[index];

	if (!shape.is_compiled) {
		if (!slots_compile(shapes, shapes->arena, &shape))
			shapes->failed = true;
		shape.is_compiled = true;
		/* Compiling made other shapes, so the list may have moved. */
		shapes->list.items[index] = shape;
	}
	return &shapes->list.items[index];
}

static const char *keyword_of(enum debug_kind kind)
{
	return kind == DEBUG_UNION  ? "union "
	       : kind == DEBUG_ENUM ? "enum "
	       : kind == DEBUG_BASE ? ""
				    : "struct ";
}

static const char *make_text(struct shapes *shapes, const struct shape *shape, bool is_array)
{
	const struct debug_type *type = debug_type(shape->debug, shape->type);
	char stars[DEPTH_LIMIT + 1] = "";
	const char *name, *text;

	for (int i = 0; i < DEPTH_LIMIT && type && type->kind == DEBUG_POINTER; i++) {
		stars[i] = '*';
		stars[i + 1] = '\0';
		type = type->target == DEBUG_NONE ? NULL
						  : debug_type(shape->debug, type->target);
	}
	name = !type                          ? "void"
	       : shape->kind == SHAPE_TEXT    ? "char"
	       : type->kind == DEBUG_FUNCTION ? "function"
	       : type->kind == DEBUG_ARRAY    ? "array"
	       : *type->name                  ? type->name
					      : "(unnamed)";
	text = arena_format(shapes->arena, "%s%s%s%s%s",
			    type && type->kind != DEBUG_FUNCTION && type->kind != DEBUG_ARRAY
				    ? keyword_of(type->kind)
				    : "",
			    name, *stars ? " " : "", stars, is_array ? "[]" : "");
	return text ? text : "";
}

const char *shapes_text(struct shapes *shapes, uint32_t index, bool is_array)
{
	struct shape *shape = &shapes->list.items[index];

	if (!shape->text[is_array])
		shape->text[is_array] = make_text(shapes, shape, is_array);
	return shape->text[is_array];
}

bool shapes_begins_with(const struct shapes *shapes, uint32_t shape, uint32_t other)
{
	const struct shape *outer = shapes_get(shapes, shape);
	const struct shape *inner = shapes_get(shapes, other);
	const struct debug_type *wanted = debug_type(inner->debug, inner->type);
	uint32_t type = outer->type;

	if (outer->same == inner->same)
		return true;
	if (outer->kind != SHAPE_STRUCT || inner->kind != SHAPE_STRUCT)
		return false;
	for (int depth = 0; depth < DEPTH_LIMIT && type != DEBUG_NONE; depth++) {
		const struct debug_type *at = debug_type(outer->debug, type);

		if (outer->debug == inner->debug
			    ? type == inner->type
			    : *at->name && !strcmp(at->name, wanted->name) &&
				      at->size == wanted->size)
			return true;
		type = heirs_first_member(outer->debug, type);
	}
	return false;
}

static const struct heirs *heirs_of(struct shapes *shapes, const struct debug_info *debug)
{
	struct heirs *heirs;

	vector_each (&shapes->heirs, known)
		if (heirs_debug(*known) == debug)
			return *known;
	heirs = heirs_create(debug);
	if (!heirs || !vector_push(&shapes->heirs, heirs)) {
		heirs_free(heirs);
		shapes->failed = true;
		return NULL;
	}
	return heirs;
}

/* The same struct in a module's debug info; DEBUG_NONE if it has none. */
static uint32_t same_in(const struct debug_info *debug, const struct shape *shape)
{
	const struct debug_type *wanted = debug_type(shape->debug, shape->type);
	uint32_t type = *wanted->name ? debug_type_named(debug, wanted->name) : DEBUG_NONE;

	if (debug == shape->debug)
		return shape->type;
	while (type != DEBUG_NONE && debug_type(debug, type)->size != wanted->size)
		type = debug_type_next_named(debug, type);
	return type;
}

static size_t find_heirs(struct shapes *shapes, uint32_t index, uint64_t least, uint64_t most,
			 uint32_t *ret)
{
	const struct shape shape = *shapes_get(shapes, index);
	size_t count = 0;

	*ret = SHAPE_MISSING;
	for (size_t i = 0; i < target_module_count(shapes->target) && count < HEIRS_MANY; i++) {
		const struct debug_info *debug = target_module(shapes->target, i)->debug;
		uint32_t type = debug ? same_in(debug, &shape) : DEBUG_NONE, heir;
		const struct heirs *heirs = type != DEBUG_NONE ? heirs_of(shapes, debug) : NULL;
		size_t found = heirs ? heirs_find(heirs, type, least, most, &heir) : 0;
		uint32_t other =
			found == 1 ? shapes_of_type(shapes, debug, heir, NULL) : SHAPE_MISSING;

		/* A module that knows the same heir says nothing new. */
		if (found == 1 && *ret != SHAPE_MISSING && other != SHAPE_MISSING &&
		    shapes_get(shapes, other)->same == shapes_get(shapes, *ret)->same)
			continue;
		count += found;
		if (found == 1)
			*ret = other;
	}
	return count == 1 && *ret == SHAPE_MISSING ? HEIRS_MANY : count;
}

size_t shapes_heirs(struct shapes *shapes, uint32_t index, uint64_t least, uint64_t most,
		    uint32_t *ret)
{
	size_t count;

	*ret = SHAPE_MISSING;
	if (shapes_get(shapes, index)->is_barren)
		return 0;
	count = find_heirs(shapes, index, least, most, ret);
	/* Most structs have none at all, and are asked for each of their blocks. */
	if (!count && least) {
		uint32_t any;

		shapes->list.items[index].is_barren =
			!find_heirs(shapes, index, 0, UINT64_MAX, &any);
	}
	return count;
}

bool shapes_failed(const struct shapes *shapes)
{
	return shapes->failed || shapes->list.failed || shapes->by_type.failed ||
	       shapes->by_name.failed;
}
