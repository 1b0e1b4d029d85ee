/*
 * A place is a step from another place (or a root) and a type.  Objects come in the order of
 * their depth, so that the place of the object before is known, and looking one up is one
 * probe by three numbers; texts are made when a place is new.
 */
#include "pipeline/places.h"

#include "analysis/expression.h"
#include "base/hash.h"

#include <stdlib.h>

#define MOST_PLACES ((size_t)200000) /* then all else is at one place a type */
#define ELSEWHERE   "<elsewhere>"

enum {
	DEEPEST = 32, /* steps; what is further is at one place a type */
	MOST_NAMES =
		1000 /* of a namespace; more are data, and their values at one place a type */
};

/* What a label does to a path. */
enum step_kind {
	STEP_NAME,      /* a step of its own */
	STEP_NAMESPACE, /* a dict of attributes */
	STEP_VALUE,     /* of a dict: by its key where that is a name */
	STEP_ITEM
};

struct step {
	enum step_kind kind;
	uint32_t text; /* number of its text */
};

/* Of a place, what the table does not have. */
struct place_state {
	uint32_t step; /* number of its text */
	uint32_t depth;
	uint32_t names;       /* of the places that hang from it by one */
	uint32_t ordinal;     /* of the example */
	bool is_namespace;    /* the last step was one and is not in its path */
	bool has_named_items; /* keys of this dict are names */
};

/* A place by its parent, step and type. */
struct place_slot {
	uint32_t parent, step, type, place; /* place OBJECT_NONE: empty */
};

struct finder {
	const struct collection *collection;
	struct snapshot *snapshot;
	struct names *texts; /* of steps */
	struct step *steps;  /* [label_style_count] by label */
	uint32_t *types;     /* [types] the first of the same name */
	uint32_t *key_steps; /* [object_count] text of a key, + 1; 0: not asked yet */
	uint32_t any_name;   /* number of ".*" */
	VECTOR_OF(struct place_state)
	states; /* beside snapshot->places */
	struct place_slot *slots;
	size_t slot_count; /* a power of two */
	size_t slots_used;
};

static uint32_t text_number(struct finder *finder, const char *text)
{
	return names_add(finder->texts, text);
}

static uint32_t step_number(struct finder *finder, const struct expression_step *step,
			    bool after_namespace)
{
	struct expression expression = {.in_namespace = after_namespace};

	expression_append(&expression, step);
	return text_number(finder, expression.text);
}

static struct step make_step(struct finder *finder, uint32_t label)
{
	const char *name = names_get(finder->collection->labels, label);
	const char *style = snapshot_label_expression(finder->snapshot, label);
	struct expression_step step = {.label = name, .expression = style};

	if (style && !*style)
		return (struct step){STEP_NAMESPACE, text_number(finder, name)};
	if (!strcmp(name, "value"))
		return (struct step){STEP_VALUE, text_number(finder, "[*]")};
	if (!strcmp(name, "[]"))
		return (struct step){STEP_ITEM, text_number(finder, "[*]")};
	if (!strcmp(name, "key"))
		return (struct step){STEP_ITEM, text_number(finder, ".keys()[*]")};
	return (struct step){STEP_NAME, step_number(finder, &step, false)};
}

/* Functions and numbers of a namespace are many, and not what grows. */
static bool is_pooled(const struct finder *finder, uint32_t object)
{
	switch (finder->collection->types.items[finder->snapshot->graph->type[object]]
			.category) {
	case CATEGORY_CODE:
	case CATEGORY_NUMBERS:
		return true;
	default:
		return false;
	}
}

static uint32_t make_key_step(struct finder *finder, uint32_t key, bool after_namespace)
{
	const struct snapshot *snapshot = finder->snapshot;
	char value[VALUE_TEXT_SIZE];
	struct expression_step step = {.label = "value"};

	step.key_type = finder->collection->types.items[snapshot->graph->type[key]].name;
	step.key_value = snapshot_value_text(snapshot, key, value);
	return step_number(finder, &step, after_namespace);
}

/* The text of a step to a value of a dict whose keys are names. */
static uint32_t named_step(struct finder *finder, uint32_t object,
			   const struct place_state *parent)
{
	const struct paths *paths = &finder->snapshot->paths;
	uint32_t key =
		snapshot_key_of(finder->snapshot, paths->parent[object], paths->step[object]);
	bool after_namespace = parent->is_namespace;

	if (after_namespace && (parent->names >= MOST_NAMES || is_pooled(finder, object)))
		return finder->any_name;
	if (key == OBJECT_NONE)
		return text_number(finder, "[?]");
	if (!after_namespace) /* few dicts, and the same key is another text there */
		return make_key_step(finder, key, false);
	if (!finder->key_steps[key])
		finder->key_steps[key] = make_key_step(finder, key, true) + 1;
	return finder->key_steps[key] - 1;
}

/* "thread 12 frame f()": what several threads do alike is one place. */
static void write_without_thread(const char *text, char *ret, size_t size)
{
	static const char thread[] = "thread ";
	const char *rest = text + strlen(thread);

	if (strncmp(text, thread, strlen(thread)) != 0) {
		snprintf(ret, size, "%s", text);
		return;
	}
	rest += strspn(rest, "0123456789");
	snprintf(ret, size, "%s*%s", thread, rest);
}

static uint32_t start_step(struct finder *finder, uint32_t object)
{
	const struct snapshot *snapshot = finder->snapshot;
	uint32_t root = snapshot->paths.step[object];
	char text[512];

	if (root == OBJECT_NONE) {
		snprintf(text, sizeof(text), "<%s>",
			 object_state_name(snapshot->reachability.state[object]));
		return text_number(finder, text);
	}
	if (snapshot->graph->roots[root].kind == ROOT_STATIC)
		return text_number(finder, "<static>");
	if (snapshot->graph->roots[root].kind == ROOT_NATIVE)
		return text_number(finder, "<native memory>");
	write_without_thread(snapshot->root_expressions[root], text, sizeof(text));
	return text_number(finder, text);
}

static size_t slot_of(const struct finder *finder, uint32_t parent, uint32_t step,
		      uint32_t type)
{
	uint64_t hash = hash_word(hash_word(HASH_START ^ parent, step), type);
	size_t at = hash & (finder->slot_count - 1);

	while (finder->slots[at].place != OBJECT_NONE &&
	       (finder->slots[at].parent != parent || finder->slots[at].step != step ||
		finder->slots[at].type != type))
		at = (at + 1) & (finder->slot_count - 1);
	return at;
}

static bool grow_slots(struct finder *finder)
{
	struct place_slot *old = finder->slots;
	size_t count = finder->slot_count;

	finder->slot_count = count ? 2 * count : 1024;
	finder->slots = malloc(finder->slot_count * sizeof(*old));
	if (!finder->slots) {
		free(old);
		return false;
	}
	memset(finder->slots, 0xff, finder->slot_count * sizeof(*old));
	for (size_t i = 0; i < count; i++)
		if (old[i].place != OBJECT_NONE)
			finder->slots[slot_of(finder, old[i].parent, old[i].step,
					      old[i].type)] = old[i];
	free(old);
	return true;
}

/* A place further up that was come to in the same way.  All objects have the same namespace. */
static uint32_t find_repeated(const struct finder *finder, uint32_t parent, struct step step,
			      uint32_t type)
{
	const struct snapshot_place *places = finder->snapshot->places.items;

	if (step.kind == STEP_NAMESPACE)
		return OBJECT_NONE;
	while (parent != OBJECT_NONE &&
	       (finder->states.items[parent].step != step.text || places[parent].type != type))
		parent = places[parent].parent;
	return parent;
}

static const char *write_path(const struct finder *finder, uint32_t parent, uint32_t step,
			      bool is_namespace)
{
	const char *text = names_get(finder->texts, step);
	const char *before;

	if (parent == OBJECT_NONE)
		return arena_string(finder->collection->arena, text);
	before = finder->snapshot->places.items[parent].path;
	if (strlen(before) + strlen(text) + sizeof(".__dict__") > EXPRESSION_SIZE)
		return before;
	if (is_namespace)
		text = finder->states.items[parent].is_namespace ? ".__dict__" : "";
	else if (finder->states.items[parent].is_namespace && text[0] != '.')
		return arena_format(finder->collection->arena, "%s.__dict__%s", before, text);
	return arena_format(finder->collection->arena, "%s%s", before, text);
}

static uint64_t place_fingerprint(const struct finder *finder, uint32_t parent, uint32_t step,
				  uint32_t type)
{
	const char *text = names_get(finder->texts, step);
	const char *name = finder->collection->types.items[type].name;
	uint64_t hash = HASH_START;

	if (parent != OBJECT_NONE)
		hash = finder->snapshot->places.items[parent].fingerprint;
	hash = hash_text(hash, text);
	return hash_text(hash, name) & INT64_MAX;
}

static uint32_t add_place(struct finder *finder, uint32_t parent, struct step step,
			  uint32_t type)
{
	struct snapshot *snapshot = finder->snapshot;
	bool is_namespace = step.kind == STEP_NAMESPACE;
	struct snapshot_place place = {
		.parent = parent,
		.type = type,
		.example = OBJECT_NONE,
		.fingerprint = place_fingerprint(finder, parent, step.text, type),
		.path = write_path(finder, parent, step.text, is_namespace),
	};
	struct place_state state = {
		.step = step.text,
		.depth = parent == OBJECT_NONE ? 0 : finder->states.items[parent].depth + 1,
		.is_namespace = is_namespace,
		.has_named_items = is_namespace,
	};

	if (step.kind == STEP_VALUE && parent != OBJECT_NONE)
		finder->states.items[parent].names++;
	if (!place.path || !vector_push(&snapshot->places, place) ||
	    !vector_push(&finder->states, state))
		return OBJECT_NONE;
	return (uint32_t)snapshot->places.count - 1;
}

/* Where something hangs that has no slot yet; of what is too deep or too much, a common place. */
static uint32_t settle(struct finder *finder, uint32_t parent, struct step step, uint32_t type)
{
	uint32_t place = find_repeated(finder, parent, step, type);

	if (place != OBJECT_NONE)
		return place;
	if (finder->snapshot->places.count >= MOST_PLACES) {
		parent = OBJECT_NONE;
		step = (struct step){STEP_NAME, text_number(finder, ELSEWHERE)};
	} else if (parent != OBJECT_NONE && finder->states.items[parent].depth > DEEPEST) {
		parent = finder->snapshot->places.items[parent].parent;
		step = (struct step){STEP_NAME, text_number(finder, "…")};
	} else {
		return add_place(finder, parent, step, type);
	}
	place = finder->slots[slot_of(finder, parent, step.text, type)].place;
	return place != OBJECT_NONE ? place : add_place(finder, parent, step, type);
}

static bool remember(struct finder *finder, uint32_t parent, uint32_t step, uint32_t type,
		     uint32_t place)
{
	size_t slot;

	if (2 * finder->slots_used >= finder->slot_count && !grow_slots(finder))
		return false;
	slot = slot_of(finder, parent, step, type);
	finder->slots_used += finder->slots[slot].place == OBJECT_NONE;
	finder->slots[slot] = (struct place_slot){parent, step, type, place};
	return true;
}

static uint32_t find_place(struct finder *finder, uint32_t parent, struct step step,
			   uint32_t type)
{
	uint32_t place = finder->slots[slot_of(finder, parent, step.text, type)].place;

	if (place != OBJECT_NONE)
		return place;
	place = settle(finder, parent, step, type);
	if (place == OBJECT_NONE || !remember(finder, parent, step.text, type, place))
		return OBJECT_NONE;
	/* A common place is found by its own name, too. */
	return remember(finder, finder->snapshot->places.items[place].parent,
			finder->states.items[place].step, type, place)
		       ? place
		       : OBJECT_NONE;
}

static struct step step_to(struct finder *finder, uint32_t object, uint32_t parent)
{
	const struct snapshot *snapshot = finder->snapshot;
	uint32_t reference = snapshot->paths.step[object];
	struct step step;

	if (parent == OBJECT_NONE)
		return (struct step){STEP_NAME, start_step(finder, object)};
	step = finder->steps[snapshot->graph->label[reference]];
	if (step.kind == STEP_VALUE && finder->states.items[parent].has_named_items)
		step.text = named_step(finder, object, &finder->states.items[parent]);
	return step;
}

static void count_object(struct finder *finder, uint32_t object, uint32_t number)
{
	const struct snapshot *snapshot = finder->snapshot;
	const struct graph *graph = snapshot->graph;
	struct snapshot_place *place = &snapshot->places.items[number];
	struct place_state *state = &finder->states.items[number];
	uint32_t ordinal = 0;

	if (snapshot->paths.parent[object] != OBJECT_NONE)
		ordinal = graph->ordinal[snapshot->paths.step[object]];
	place->objects++;
	place->bytes += graph->size[object] + graph->owned_size[object];
	if (place->example == OBJECT_NONE || ordinal >= state->ordinal) {
		place->example = object;
		state->ordinal = ordinal;
	}
	snapshot->place_of[object] = number;
}

/* Keys of the dicts that the interpreter's state names are names of modules. */
static bool names_its_items(const struct finder *finder, uint32_t object)
{
	uint32_t root = finder->snapshot->paths.step[object];

	return root != OBJECT_NONE &&
	       finder->snapshot->graph->roots[root].kind == ROOT_INTERPRETER;
}

static bool place_object(struct finder *finder, uint32_t object)
{
	const struct snapshot *snapshot = finder->snapshot;
	uint32_t before = snapshot->paths.parent[object];
	uint32_t parent = before == OBJECT_NONE ? OBJECT_NONE : snapshot->place_of[before];
	uint32_t place = find_place(finder, parent, step_to(finder, object, parent),
				    finder->types[snapshot->graph->type[object]]);

	if (place == OBJECT_NONE)
		return false;
	if (before == OBJECT_NONE && names_its_items(finder, object))
		finder->states.items[place].has_named_items = true;
	count_object(finder, object, place);
	return true;
}

/* Objects by the length of their paths, the shortest first.  malloc'd. */
static uint32_t *order_by_depth(const struct snapshot *snapshot)
{
	uint32_t count = snapshot->graph->object_count, deepest = 0, sum = 0;
	const uint32_t *depth = snapshot->paths.depth;
	uint32_t *order = malloc(((size_t)count + 1) * sizeof(*order));
	CLEANUP_FREE uint32_t *first = NULL;

	for (uint32_t i = 0; i < count; i++)
		deepest = depth[i] > deepest ? depth[i] : deepest;
	first = calloc((size_t)deepest + 2, sizeof(*first));
	if (!first || !order) {
		free(order);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++)
		first[depth[i]]++;
	for (uint32_t i = 0; i <= deepest; i++) {
		uint32_t here = first[i];

		first[i] = sum;
		sum += here;
	}
	for (uint32_t i = 0; i < count; i++)
		order[first[depth[i]]++] = i;
	return order;
}

static bool place_all(struct finder *finder)
{
	uint32_t count = finder->snapshot->graph->object_count;
	CLEANUP_FREE uint32_t *order = order_by_depth(finder->snapshot);

	for (uint32_t i = 0; order && i < count; i++)
		if (!place_object(finder, order[i]))
			return false;
	return order;
}

/* Sums of such numbers are equal where places are, in whatever order they come. */
static uint64_t place_checksum(const struct snapshot_place *place)
{
	return hash_word(hash_word(place->fingerprint, place->objects), place->bytes);
}

/* A place comes after the one it hangs from, so from the last to the first sums are complete. */
static void add_up(struct snapshot *snapshot)
{
	for (size_t i = snapshot->places.count; i-- > 0;) {
		struct snapshot_place *place = &snapshot->places.items[i];

		place->total_objects += place->objects;
		place->total_bytes += place->bytes;
		place->checksum += place_checksum(place);
		if (place->parent != OBJECT_NONE) {
			struct snapshot_place *parent = &snapshot->places.items[place->parent];

			parent->total_objects += place->total_objects;
			parent->total_bytes += place->total_bytes;
			parent->checksum += place->checksum;
		}
	}
}

/* Two classes of one name are one here: another snapshot could not tell which is which. */
static bool unite_types(struct finder *finder)
{
	size_t count = finder->collection->types.count;
	struct names *names = names_create();
	uint32_t *first = malloc((count + 1) * sizeof(*first));
	bool done = names && first;

	finder->types = calloc(count + 1, sizeof(*finder->types));
	done = done && finder->types;
	for (uint32_t i = 0; done && i < count; i++) {
		uint32_t known = names_count(names);
		uint32_t number = names_add(names, finder->collection->types.items[i].name);

		done = number != NAME_NONE;
		if (done && number == known)
			first[number] = i;
		if (done)
			finder->types[i] = first[number];
	}
	names_free(names);
	free(first);
	return done;
}

static bool prepare(struct finder *finder)
{
	struct snapshot *snapshot = finder->snapshot;
	uint32_t labels = snapshot->label_style_count;

	finder->texts = names_create();
	finder->steps = calloc((size_t)labels + 1, sizeof(*finder->steps));
	finder->key_steps =
		calloc((size_t)snapshot->graph->object_count + 1, sizeof(*finder->key_steps));
	snapshot->place_of = malloc(((size_t)snapshot->graph->object_count + 1) *
				    sizeof(*snapshot->place_of));
	if (!finder->texts || !finder->steps || !finder->key_steps || !snapshot->place_of ||
	    !grow_slots(finder) || !unite_types(finder))
		return false;
	finder->any_name = text_number(finder, ".*");
	for (uint32_t i = 0; i < labels; i++)
		finder->steps[i] = make_step(finder, i);
	return true;
}

bool places_find(const struct collection *collection, struct snapshot *snapshot,
		 struct error *err)
{
	struct finder finder = {.collection = collection, .snapshot = snapshot};
	bool done = prepare(&finder) && place_all(&finder);

	if (done)
		add_up(snapshot);
	names_free(finder.texts);
	free(finder.types);
	free(finder.steps);
	free(finder.key_steps);
	free(finder.slots);
	vector_release(&finder.states);
	return done || error_out_of_memory(err, "telling places apart");
}
