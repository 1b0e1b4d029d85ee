#include "runtime/cpython/visited.h"

#include "base/search.h"

#include <inttypes.h>
#include <stdlib.h>

#define FEW             32 /* visits that are looked through one by one */
#define FAILURES_BEFORE 4  /* instances that a type may fail with before any other works */
#define MOST_FAILURES   256

struct visited *visited_create(struct target *target)
{
	struct visited *visited = calloc(1, sizeof(*visited));

	if (!visited)
		return NULL;
	memset(visited->labels, 0xff, sizeof(visited->labels)); /* NAME_NONE */
	visited->emulator = emulator_create(target);
	if (!visited->emulator) {
		free(visited);
		return NULL;
	}
	return visited;
}

void visited_free(struct visited *visited)
{
	if (!visited)
		return;
	emulator_free(visited->emulator);
	free(visited->taken);
	free(visited->order);
	free(visited->behind);
	free(visited);
}

static bool make_room(struct visited *visited)
{
	size_t capacity = visited->count * 2;

	if (visited->count <= visited->capacity)
		return true;
	free(visited->taken);
	free(visited->order);
	free(visited->behind);
	visited->taken = malloc(capacity * sizeof(*visited->taken));
	visited->order = malloc(capacity * sizeof(*visited->order));
	visited->behind = malloc(capacity * sizeof(*visited->behind));
	visited->capacity = visited->taken && visited->order && visited->behind ? capacity : 0;
	return visited->capacity;
}

static int compare_targets(const void *left, const void *right, void *visits)
{
	const uint32_t *a = left, *b = right;

	return addr_compare(&((const struct emulated_visit *)visits)[*a].target,
			    &((const struct emulated_visit *)visits)[*b].target);
}

static bool fill(struct visited *visited)
{
	visited->visits = emulator_visits(visited->emulator, &visited->count);
	if (!make_room(visited))
		return false;
	if (visited->count)
		memset(visited->taken, 0, visited->count * sizeof(*visited->taken));
	if (visited->count <= FEW)
		return true;
	memset(visited->behind, 0, visited->count * sizeof(*visited->behind));
	for (size_t i = 0; i < visited->count; i++)
		visited->order[i] = (uint32_t)i;
	qsort_r(visited->order, visited->count, sizeof(*visited->order), compare_targets,
		(void *)visited->visits);
	return true;
}

/* Of many visits: the place in the order where those of the target begin, or the count. */
static size_t first_of(const struct visited *visited, addr_t target)
{
	const uint32_t *order = visited->order;
	size_t at = count_leading(visited->count, i, visited->visits[order[i]].target < target);

	return at < visited->count && visited->visits[order[at]].target == target
		       ? at
		       : visited->count;
}

static bool take_of_many(struct visited *visited, addr_t target)
{
	size_t first = first_of(visited, target);

	while (first < visited->count) {
		size_t at = first + visited->behind[first]++;

		if (at >= visited->count ||
		    visited->visits[visited->order[at]].target != target) {
			visited->behind[first]--;
			return false;
		}
		if (!visited->taken[visited->order[at]]) {
			visited->taken[visited->order[at]] = true;
			return true;
		}
	}
	return false;
}

static bool take(struct visited *visited, addr_t target)
{
	size_t at;

	if (visited->count <= FEW) {
		for (at = 0; at < visited->count; at++)
			if (!visited->taken[at] && visited->visits[at].target == target) {
				visited->taken[at] = true;
				return true;
			}
		return false;
	}
	return take_of_many(visited, target);
}

enum reference_kind visited_take(struct visited *visited, addr_t target)
{
	return take(visited, target) ? visited->kind : REFERENCE_COUNTED;
}

void visited_take_from(struct visited *visited, addr_t address)
{
	for (size_t i = 0; i < visited->count; i++)
		if (!visited->taken[i] && visited->visits[i].origin.from == address) {
			visited->taken[i] = true;
			return;
		}
}

bool visited_has(const struct visited *visited, addr_t target)
{
	if (visited->count > FEW)
		return first_of(visited, target) < visited->count;
	for (size_t i = 0; i < visited->count; i++)
		if (visited->visits[i].target == target)
			return true;
	return false;
}

/* The function of the C type that a class of Python code is made of: what it adds is known. */
static addr_t function_of(const struct walk *walk, const struct type_info *type)
{
	while (type->is_python && type->base != TYPE_NONE)
		type = type_table_get(walk->types, type->base);
	return type->is_python ? 0 : type->traverse;
}

/* The collector asks no static type what it visits: that would be the end of the process. */
static bool is_static_type(const struct walk *walk, const struct source *source)
{
	return source->type->is_type &&
	       !type_object_is_heap(walk->python, source->address, source->bytes);
}

enum visit visited_type(struct walk *walk, addr_t function, addr_t object)
{
	addr_t word = object + field_offset(&walk->python->fields, OBJECT_TYPE);
	const struct emulated_visit *visits;
	size_t count;

	if (!function || !emulator_run(walk->visited->emulator, function, object))
		return VISIT_UNKNOWN;
	visits = emulator_visits(walk->visited->emulator, &count);
	for (size_t i = 0; i < count; i++)
		if (visits[i].origin.from == word)
			return VISIT_YES;
	return VISIT_NO;
}

static bool is_worth_trying(const struct type_info *type)
{
	return type->failed < FAILURES_BEFORE ||
	       (type->failed <= type->followed && type->failed < MOST_FAILURES);
}

/*
 * Some types' instances are containers only at times: a greenlet is none while it runs.  What it
 * visits then is counted, but neither the collector nor gc.get_referents() asks.
 */
static bool ask_kind(struct walk *walk, const struct source *source)
{
	int32_t is_container = 1;

	if (source->type->is_gc && !emulator_ask(walk->visited->emulator, source->type->is_gc,
						 source->address, &is_container))
		return false;
	walk->visited->kind = is_container ? REFERENCE_TRAVERSED : REFERENCE_COUNTED;
	return true;
}

bool visited_open(struct walk *walk, const struct source *source)
{
	struct type_info *type = source->type;
	struct emulator *emulator = walk->visited->emulator;
	addr_t function;

	if (type->guess_from >= type->guess_to || !type_is_container(type) ||
	    !is_worth_trying(type) || is_static_type(walk, source))
		return false;
	function = function_of(walk, type);
	if (!function)
		return false;
	if (ask_kind(walk, source) && emulator_run(emulator, function, source->address) &&
	    fill(walk->visited)) {
		type->followed++;
		return true;
	}
	type->failed++;
	anomaly_record(
		walk->python->anomalies, STAGE_CPYTHON, source->address,
		"%s: references are guesses where its tp_traverse cannot be followed: %s",
		type->name, emulator_reason(emulator));
	return false;
}

static uint32_t offset_label(struct walk *walk, uint64_t offset)
{
	uint32_t *known = offset % 8 == 0 && offset / 8 < VISITED_OFFSETS
				  ? &walk->visited->labels[offset / 8]
				  : NULL;
	char name[32];
	uint32_t label;

	if (known && *known != NAME_NONE)
		return *known;
	snprintf(name, sizeof(name), "+0x%" PRIx64, offset);
	label = walk_label(walk, name);
	if (known)
		*known = label;
	return label;
}

uint32_t visited_label(struct walk *walk, const struct type_info *type, uint64_t offset)
{
	for (size_t i = 0; i < type->member_count; i++) {
		struct named_slot *member = &type->members[i];

		if (member->offset != offset)
			continue;
		if (member->label == NAME_NONE)
			member->label = walk_label(walk, member->name);
		return member->label;
	}
	if (offset == field_offset(&walk->python->fields, OBJECT_TYPE))
		return walk->labels.type;
	if ((int64_t)offset == type->dictoffset)
		return walk->labels.dict;
	return offset_label(walk, offset);
}

/*
 * Where a visit's word is, as far as names go that do not depend on data: a word of the block,
 * one of a struct behind a pointer in it, or of an array there.  "" : unknown.
 */
static void describe(const struct origin *origin, addr_t block, uint64_t size, char ret[64])
{
	uint64_t root = origin->root - block;

	ret[0] = '\0';
	if (origin->path == ORIGIN_UNKNOWN || !origin->root || root >= size)
		return;
	if (origin->path == ORIGIN_STRUCT && origin->offset >= 0)
		snprintf(ret, 64, "+0x%" PRIx64 ".+0x%x", root, (unsigned)origin->offset);
	else
		snprintf(ret, 64, "+0x%" PRIx64 "[]", root);
}

static uint32_t label_of(struct walk *walk, const struct source *source,
			 const struct origin *origin)
{
	uint64_t offset = origin->from - source->address, fixed = source->type->basicsize;
	char name[64];

	if (origin->path != ORIGIN_UNKNOWN && offset < fixed)
		return visited_label(walk, source->type, offset);
	if (origin->path != ORIGIN_UNKNOWN && offset < source->size)
		snprintf(name, sizeof(name), "+0x%" PRIx64 "[]", fixed);
	else
		describe(origin, source->address, fixed, name);
	return walk_label(walk, name[0] ? name : "?");
}

void visited_report(struct walk *walk, const struct source *source)
{
	struct visited *visited = walk->visited;

	for (size_t i = 0; i < visited->count; i++)
		if (!visited->taken[i])
			walk_reference(walk, visited->visits[i].target,
				       label_of(walk, source, &visited->visits[i].origin),
				       visited->kind);
}

static void report_state(struct walk *walk, addr_t state, uint64_t size)
{
	for (size_t i = 0; i < walk->visited->count; i++) {
		const struct emulated_visit *visit = &walk->visited->visits[i];
		uint64_t offset = visit->origin.from - state;
		char name[64], full[80];

		if (visit->origin.path != ORIGIN_UNKNOWN && offset < size)
			snprintf(name, sizeof(name), "+0x%" PRIx64, offset);
		else
			describe(&visit->origin, state, size, name);
		snprintf(full, sizeof(full), "md_state.%s", name[0] ? name : "?");
		walk_reference(walk, visit->target, walk_label(walk, full),
			       REFERENCE_TRAVERSED);
	}
}

bool visited_module(struct walk *walk, const struct source *module, addr_t function,
		    addr_t state, uint64_t size, const char *name)
{
	struct emulator *emulator = walk->visited->emulator;

	if (!function)
		return false;
	if (!emulator_run(emulator, function, module->address) || !fill(walk->visited)) {
		anomaly_record(walk->python->anomalies, STAGE_CPYTHON, module->address,
			       "module %s: references of its state are guesses, its m_traverse "
			       "cannot be followed: %s",
			       name, emulator_reason(emulator));
		return false;
	}
	report_state(walk, state, size);
	return true;
}
