#include "runtime/cpython/plan.h"

#include "base/names.h"
#include "base/vector.h"
#include "runtime/cpython/traverse.h"

#include <stdlib.h>

#define DEEPEST_NESTING 24    /* structs in structs */
#define LONGEST_ARRAY   70000 /* elements expanded into slots */

/* By debug info and type: there are as many as there are modules. */
struct plan_table {
	const struct debug_info *debug;
	struct plan **plans; /* [debug_type_count] */
	int8_t *is_object;   /* [debug_type_count] -1: not asked yet */
};

struct plan_cache {
	const struct python *python;
	VECTOR_OF(struct plan_table) tables;
	VECTOR_OF(struct plan *) copies; /* of plan_traversed */
};

struct plan_cache *plan_cache_create(const struct python *python)
{
	struct plan_cache *cache = calloc(1, sizeof(*cache));

	if (cache)
		cache->python = python;
	return cache;
}

static void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->slots);
	free(plan->pointers);
	free(plan->stale);
	free(plan->buffers);
	free(plan->owned);
	free(plan->embedded);
	free(plan);
}

void plan_cache_free(struct plan_cache *cache)
{
	if (!cache)
		return;
	vector_each (&cache->tables, table) {
		for (size_t i = 0; table->plans && i < debug_type_count(table->debug); i++)
			plan_free(table->plans[i]);
		free(table->plans);
		free(table->is_object);
	}
	vector_release(&cache->tables);
	vector_each (&cache->copies, copy) {
		free((*copy)->slots);
		free((*copy)->pointers);
		free(*copy);
	}
	vector_release(&cache->copies);
	free(cache);
}

static struct plan_table *table_of(struct plan_cache *cache, const struct debug_info *debug)
{
	struct plan_table table = {.debug = debug};
	size_t count = debug_type_count(debug);

	vector_each (&cache->tables, known)
		if (known->debug == debug)
			return known;
	table.plans = calloc(count + 1, sizeof(*table.plans));
	table.is_object = malloc(count + 1);
	if (!table.plans || !table.is_object || !vector_push(&cache->tables, table)) {
		free(table.plans);
		free(table.is_object);
		return NULL;
	}
	memset(table.is_object, -1, count + 1);
	return &cache->tables.items[cache->tables.count - 1];
}

/* Follows first members down: PyObject, PyVarObject, or a struct that spells them out. */
static bool begins_with_object(const struct debug_info *debug, uint32_t id)
{
	for (int depth = 0; id != DEBUG_NONE && depth < DEEPEST_NESTING; depth++) {
		const struct debug_type *type = debug_type(debug, id);
		const struct debug_member *first;

		if (type->kind != DEBUG_STRUCT || !type->member_count)
			return false;
		if (!strcmp(type->name, "_object") || !strcmp(type->name, "PyVarObject"))
			return true;
		first = debug_member(debug, type->first_member);
		if (first->offset)
			return false;
		if (!strcmp(first->name, "ob_refcnt"))
			return true;
		id = first->type;
	}
	return false;
}

/* A struct that is only declared (limited API) is the interpreter's of that name. */
static bool is_declared_object(const struct plan_cache *cache, const struct debug_type *type)
{
	const struct debug_info *own = cache->python->debug;
	uint32_t id;

	if (type->kind != DEBUG_DECLARATION)
		return false;
	id = debug_type_named(own, type->name);
	return id != DEBUG_NONE && begins_with_object(own, id);
}

bool plan_is_object(struct plan_cache *cache, const struct debug_info *debug, uint32_t type)
{
	struct plan_table *table = table_of(cache, debug);

	if (!table || type == DEBUG_NONE)
		return false;
	if (table->is_object[type] < 0)
		table->is_object[type] = begins_with_object(debug, type) ||
					 is_declared_object(cache, debug_type(debug, type));
	return table->is_object[type];
}

static bool is_pointer_to_object(struct plan_cache *cache, const struct debug_info *debug,
				 uint32_t id)
{
	const struct debug_type *type = id == DEBUG_NONE ? NULL : debug_type(debug, id);

	return type && type->kind == DEBUG_POINTER &&
	       plan_is_object(cache, debug, type->target);
}

/* One compilation: the struct that is being expanded, and where it stands. */
struct compiler {
	struct plan_cache *cache;
	const struct debug_info *debug;
	struct plan *plan;
	VECTOR_OF(struct plan_slot) slots;
	VECTOR_OF(struct plan_pointer) pointers;
	VECTOR_OF(struct plan_range) stale;
	VECTOR_OF(uint32_t) buffers;
	VECTOR_OF(struct plan_owned) owned;
	VECTOR_OF(uint32_t) embedded;
};

struct place {
	uint32_t offset;
	uint32_t first;      /* of the array around it; PLAN_ONE: none */
	const char *path;    /* "" at the top */
	enum plan_rule rule; /* inherited from the member around it */
	int depth;
};

static void compile_struct(struct compiler *compiler, uint32_t id, const struct place *place);
static void compile_value(struct compiler *compiler, uint32_t id, const struct place *place);

static void add_slot(struct compiler *compiler, const struct place *place, const char *pointee)
{
	struct plan_slot slot = {.offset = place->offset,
				 .first = place->first == PLAN_ONE ? place->offset
								   : place->first,
				 .rule = (uint8_t)place->rule,
				 .tagged = !pointee,
				 .pointee = pointee ? pointee : "",
				 .name = place->path,
				 .label = NAME_NONE};

	vector_push(&compiler->slots, slot);
}

static void compile_array(struct compiler *compiler, const struct debug_type *array,
			  const struct place *place)
{
	const struct debug_type *element =
		array->target == DEBUG_NONE ? NULL : debug_type(compiler->debug, array->target);
	struct place inner = *place;

	if (!element || !element->size || array->count > LONGEST_ARRAY)
		return;
	inner.path = arena_format(compiler->cache->python->arena, "%s[]", place->path);
	inner.depth++;
	if (inner.first == PLAN_ONE)
		inner.first = place->offset;
	for (uint32_t i = 0; inner.path && i < array->count; i++) {
		inner.offset = place->offset + i * (uint32_t)element->size;
		compile_value(compiler, array->target, &inner);
	}
}

static bool is_pointer_to_data(const struct compiler *compiler, const struct debug_type *type)
{
	enum debug_kind kind;

	if (type->kind != DEBUG_POINTER || type->target == DEBUG_NONE)
		return false;
	kind = debug_type(compiler->debug, type->target)->kind;
	return kind == DEBUG_BASE || kind == DEBUG_ENUM;
}

/* May a member with the rule own what it points at? */
static bool may_own(enum plan_rule rule)
{
	return rule == PLAN_DEFAULT || rule == PLAN_TRAVERSED || rule == PLAN_COUNTED;
}

static bool is_pointer_to_memory(const struct compiler *compiler, const struct debug_type *type)
{
	return type->kind == DEBUG_POINTER &&
	       (type->target == DEBUG_NONE ||
		debug_type(compiler->debug, type->target)->kind != DEBUG_FUNCTION);
}

/* A value of any type at a place: a slot, something that holds slots, or nothing. */
static void compile_value(struct compiler *compiler, uint32_t id, const struct place *place)
{
	const struct debug_type *type =
		id == DEBUG_NONE ? NULL : debug_type(compiler->debug, id);

	if (!type || place->depth > DEEPEST_NESTING)
		return;
	if (place->rule == PLAN_STALE)
		vector_push(&compiler->stale,
			    ((struct plan_range){place->offset, (uint32_t)type->size}));
	else if (place->rule == PLAN_OBJECT && type->size == 8)
		add_slot(compiler, place, "_object");
	else if (is_pointer_to_object(compiler->cache, compiler->debug, id))
		add_slot(compiler, place, debug_type(compiler->debug, type->target)->name);
	else if (is_pointer_to_data(compiler, type))
		vector_push(&compiler->buffers, place->offset);
	else if (type->kind == DEBUG_ARRAY)
		compile_array(compiler, type, place);
	else if (type->kind == DEBUG_UNION && !strcmp(type->name, "_PyStackRef"))
		add_slot(compiler, place, NULL);
	else if (type->kind == DEBUG_STRUCT && place->offset &&
		 plan_is_object(compiler->cache, compiler->debug, id))
		vector_push(&compiler->embedded, place->offset);
	else if (type->kind == DEBUG_STRUCT)
		compile_struct(compiler, id, place);
	else if (may_own(place->rule) && is_pointer_to_memory(compiler, type))
		vector_push(&compiler->owned,
			    ((struct plan_owned){place->offset, type->target}));
}

static const char *member_path(struct compiler *compiler, const char *path, const char *name)
{
	if (!path[0])
		return name;
	if (!name[0])
		return path;
	return arena_format(compiler->cache->python->arena, "%s.%s", path, name);
}

/*
 * A last member that is an array with room for one, of references or of structs with some: as
 * many as ob_size says.
 */
static bool compile_trailing(struct compiler *compiler, const struct debug_member *member,
			     const struct place *place)
{
	const struct debug_type *type =
		member->type == DEBUG_NONE ? NULL : debug_type(compiler->debug, member->type);
	bool is_struct;

	if (!type || type->kind != DEBUG_ARRAY || type->count > 1 || place->depth > 3 ||
	    !compiler->plan->is_variable || type->target == DEBUG_NONE)
		return false;
	is_struct = debug_type(compiler->debug, type->target)->kind == DEBUG_STRUCT;
	if (!is_struct && !is_pointer_to_object(compiler->cache, compiler->debug, type->target))
		return false;
	compiler->plan->trailing_offset = place->offset;
	compiler->plan->trailing_type = is_struct ? type->target : DEBUG_NONE;
	compiler->plan->trailing_name = place->path;
	return true;
}

/* A struct's definition, where it goes by another name than its declaration. */
static uint32_t defined_type(const struct compiler *compiler, uint32_t id)
{
	const struct debug_type *type = debug_type(compiler->debug, id);
	const char *name =
		type->kind == DEBUG_DECLARATION ? plan_opaque_struct(type->name) : NULL;
	uint32_t defined = name ? debug_type_named(compiler->debug, name) : DEBUG_NONE;

	return defined == DEBUG_NONE ? id : defined;
}

static bool is_opaque(const struct compiler *compiler, uint32_t id)
{
	return defined_type(compiler, id) != id;
}

/* A pointer to a struct or an array of the holder's own; false if no rule knows the member. */
static bool compile_pointer(struct compiler *compiler, uint32_t owner,
			    const struct debug_member *member, const struct place *place)
{
	const struct debug_type *type =
		member->type == DEBUG_NONE ? NULL : debug_type(compiler->debug, member->type);
	const struct plan_array_rule *rule =
		plan_array_rule_for(debug_type(compiler->debug, owner)->name, member->name);
	struct plan_pointer pointer = {
		.offset = place->offset, .count_offset = PLAN_ONE, .name = place->path};
	struct debug_field count;
	int64_t number;

	if (!type || type->kind != DEBUG_POINTER || type->target == DEBUG_NONE ||
	    (!rule && place->rule != PLAN_FOLLOW &&
	     (place->rule != PLAN_DEFAULT || !is_opaque(compiler, type->target))))
		return false;
	pointer.type = defined_type(compiler, type->target);
	if (rule && rule->count_name) {
		if (!debug_enumerator(compiler->debug, rule->count_name, &number) ||
		    number <= 0)
			return false;
		pointer.count = (uint64_t)number;
		pointer.count_offset = 0;
	} else if (rule && debug_field(compiler->debug, owner, rule->count_member, &count)) {
		pointer.count_offset = place->offset - member->offset + (uint32_t)count.offset;
		pointer.count_size = (uint32_t)count.size;
	} else if (rule) {
		return false;
	}
	vector_push(&compiler->pointers, pointer);
	vector_push(&compiler->owned, ((struct plan_owned){place->offset, type->target}));
	return true;
}

static void compile_member(struct compiler *compiler, uint32_t owner,
			   const struct debug_member *member, const struct place *place)
{
	struct place inner = {
		.offset = place->offset + member->offset,
		.first = place->first,
		.path = member_path(compiler, place->path, member->name),
		.rule = plan_rule_for(debug_type(compiler->debug, owner)->name, member->name),
		.depth = place->depth + 1,
	};

	if (inner.rule == PLAN_DEFAULT)
		inner.rule = place->rule;
	if (!inner.path || inner.rule == PLAN_SKIP || member->bit_size)
		return;
	if (!strcmp(member->name, "ob_base") && !inner.offset)
		inner.path = "";
	if (!compile_pointer(compiler, owner, member, &inner) &&
	    !compile_trailing(compiler, member, &inner))
		compile_value(compiler, member->type, &inner);
}

static void compile_struct(struct compiler *compiler, uint32_t id, const struct place *place)
{
	const struct debug_type *type = debug_type(compiler->debug, id);

	if (!strcmp(type->name, "_object") || !strcmp(type->name, "PyVarObject"))
		return;
	for (uint32_t i = 0; i < type->member_count; i++)
		compile_member(compiler, id,
			       debug_member(compiler->debug, type->first_member + i), place);
}

static bool begins_with_size(const struct debug_info *debug, uint32_t id)
{
	struct debug_field field;

	for (int depth = 0; depth < DEEPEST_NESTING; depth++) {
		const struct debug_type *type = debug_type(debug, id);

		if (!strcmp(type->name, "PyVarObject"))
			return true;
		if (type->kind != DEBUG_STRUCT || !type->member_count ||
		    debug_member(debug, type->first_member)->offset)
			return false;
		id = debug_member(debug, type->first_member)->type;
		if (id == DEBUG_NONE)
			return false;
	}
	return debug_field(debug, id, "ob_size", &field);
}

static struct plan *compile(struct plan_cache *cache, const struct debug_info *debug,
			    uint32_t id)
{
	const struct debug_type *type = debug_type(debug, id);
	struct plan *plan = calloc(1, sizeof(*plan));
	struct compiler compiler = {.cache = cache, .debug = debug, .plan = plan};
	struct place top = {.path = "", .rule = PLAN_DEFAULT, .first = PLAN_ONE};

	if (!plan)
		return NULL;
	plan->debug = debug;
	plan->type = id;
	plan->struct_name = type->name;
	plan->size = type->size;
	plan->trailing_type = DEBUG_NONE;
	plan->is_object = plan_is_object(cache, debug, id);
	plan->is_variable = plan->is_object && begins_with_size(debug, id);
	compile_struct(&compiler, id, &top);
	plan->slots = compiler.slots.items;
	plan->slot_count = compiler.slots.count;
	plan->pointers = compiler.pointers.items;
	plan->pointer_count = compiler.pointers.count;
	plan->stale = compiler.stale.items;
	plan->stale_count = compiler.stale.count;
	plan->buffers = compiler.buffers.items;
	plan->buffer_count = compiler.buffers.count;
	plan->owned = compiler.owned.items;
	plan->owned_count = compiler.owned.count;
	plan->embedded = compiler.embedded.items;
	plan->embedded_count = compiler.embedded.count;
	return plan;
}

const struct plan *plan_for(struct plan_cache *cache, const struct debug_info *debug,
			    uint32_t type)
{
	struct plan_table *table = table_of(cache, debug);
	struct plan *plan;

	if (!table)
		return NULL;
	if (table->plans[type])
		return table->plans[type];
	plan = compile(cache, debug, type);
	table = table_of(cache, debug);
	table->plans[type] = plan;
	return plan;
}

/* The traverse functions that could visit an offset: those of structs that reach that far. */
static enum visit who_visits(const struct python *python, uint32_t offset,
			     const struct traverser *traversers, size_t count)
{
	enum visit answer = VISIT_UNKNOWN;

	for (size_t i = 0; i < count; i++) {
		enum visit visit = traversers[i].inherited ? VISIT_NO : VISIT_UNKNOWN;

		if (offset < traversers[i].size)
			visit = traverse_visits(python, traversers[i].function, offset,
						traversers[i].own);

		if (visit == VISIT_YES)
			return visit;
		if (visit == VISIT_NO)
			answer = visit;
	}
	return answer;
}

static struct plan *copy_plan(struct plan_cache *cache, const struct plan *plan)
{
	struct plan *copy = malloc(sizeof(*copy));
	struct plan_slot *slots = malloc((plan->slot_count + 1) * sizeof(*slots));
	struct plan_pointer *pointers = malloc((plan->pointer_count + 1) * sizeof(*pointers));

	if (!copy || !slots || !pointers || !vector_push(&cache->copies, copy)) {
		free(copy);
		free(slots);
		free(pointers);
		return NULL;
	}
	*copy = *plan;
	copy->slots = slots;
	copy->pointers = pointers;
	if (plan->pointer_count)
		memcpy(pointers, plan->pointers, plan->pointer_count * sizeof(*pointers));
	if (plan->slot_count)
		memcpy(slots, plan->slots, plan->slot_count * sizeof(*slots));
	return copy;
}

const struct plan *plan_traversed(struct plan_cache *cache, const struct plan *plan,
				  const struct traverser *traversers, size_t count)
{
	struct plan *copy = copy_plan(cache, plan);
	bool seen = count && (traversers[0].inherited || traversers[0].seen);

	for (size_t i = 0; copy && i < copy->slot_count; i++) {
		enum visit visit;

		if (copy->slots[i].rule != PLAN_DEFAULT)
			continue;
		visit = who_visits(cache->python, copy->slots[i].offset, traversers, count);
		if (visit == VISIT_NO && copy->slots[i].first != copy->slots[i].offset)
			visit = who_visits(cache->python, copy->slots[i].first, traversers,
					   count);
		if (visit == VISIT_NO)
			copy->slots[i].rule = PLAN_COUNTED;
		seen |= visit == VISIT_YES;
	}
	for (size_t i = 0; copy && i < copy->pointer_count; i++)
		copy->pointers[i].hidden = who_visits(cache->python, copy->pointers[i].offset,
						      traversers, count) == VISIT_NO;
	return seen ? copy : plan;
}

bool plan_embeds(const struct plan *plan, const char *struct_name)
{
	uint32_t id = plan->type;

	for (int depth = 0; id != DEBUG_NONE && depth < DEEPEST_NESTING; depth++) {
		const struct debug_type *type = debug_type(plan->debug, id);

		if (!strcmp(type->name, struct_name))
			return true;
		if (type->kind != DEBUG_STRUCT || !type->member_count ||
		    debug_member(plan->debug, type->first_member)->offset)
			return false;
		id = debug_member(plan->debug, type->first_member)->type;
	}
	return false;
}
