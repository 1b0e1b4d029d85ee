#include "pipeline/cycles/object_names.h"

#include <stdlib.h>

#define CODE_NAME        (1 << 0) /* a str that some code has among its names or constants */
#define NAMESPACE        (1 << 1) /* a module's dict, or what functions have for one */
#define DEEPEST_CONSTANT 2        /* of tuples within a code's constants */

struct type_info {
	enum object_role role;
	const char *word; /* before the object's own name; NULL: it is called by its type */
	uint32_t name;    /* of the type; NAME_NONE until it is wanted */
};

/* The labels that tell what is a name, and where a module's dict is. */
struct label_numbers {
	uint32_t constants, names, namespace, globals, code, free_variables, variables;
};

struct object_names {
	const struct collection *collection;
	const struct snapshot *snapshot;
	const struct graph *graph;
	struct names *names;
	struct type_info *types; /* by type */
	uint8_t *marks;          /* by object */
	uint32_t *own_name;      /* by object: NAME_NONE until it is wanted */
	struct label_numbers labels;
	uint32_t str, tuple, code, module, function; /* types */
};

static const struct {
	const char *type;
	enum object_role role;
	const char *word;
} roles[] = {
	{"builtins.list", ROLE_CONTAINER, NULL},
	{"builtins.tuple", ROLE_CONTAINER, NULL},
	{"builtins.dict", ROLE_CONTAINER, NULL},
	{"builtins.set", ROLE_CONTAINER, NULL},
	{"builtins.frozenset", ROLE_CONTAINER, NULL},
	{"builtins.mappingproxy", ROLE_CONTAINER, NULL},
	{"builtins.cell", ROLE_CONTAINER, NULL},
	{"builtins.method", ROLE_CONTAINER, NULL},
	{"builtins.traceback", ROLE_CONTAINER, NULL},
	{"collections.deque", ROLE_CONTAINER, NULL},
	{"collections.defaultdict", ROLE_CONTAINER, NULL},
	{"collections.OrderedDict", ROLE_CONTAINER, NULL},
	{"builtins.function", ROLE_FUNCTION, "function "},
	{"builtins.module", ROLE_MODULE, "module "},
	{"builtins.frame", ROLE_CALL, "frame "},
	{"builtins.generator", ROLE_CALL, "generator "},
	{"builtins.coroutine", ROLE_CALL, "coroutine "},
	{"builtins.async_generator", ROLE_CALL, "async generator "},
};

static struct type_info read_type(const struct type_report *type)
{
	for (size_t i = 0; i < ARRAY_COUNT(roles); i++)
		if (!strcmp(roles[i].type, type->name))
			return (struct type_info){roles[i].role, roles[i].word, NAME_NONE};
	if (type->category == CATEGORY_TYPES)
		return (struct type_info){ROLE_CLASS, "class ", NAME_NONE};
	return (struct type_info){ROLE_INSTANCE, NULL, NAME_NONE};
}

static void read_types(struct object_names *names)
{
	const struct collection *collection = names->collection;

	for (uint32_t i = 0; i < collection->types.count; i++) {
		const char *name = collection->types.items[i].name;

		names->types[i] = read_type(&collection->types.items[i]);
		if (!strcmp(name, "builtins.str"))
			names->str = i;
		else if (!strcmp(name, "builtins.tuple"))
			names->tuple = i;
		else if (!strcmp(name, "builtins.code"))
			names->code = i;
		else if (!strcmp(name, "builtins.module"))
			names->module = i;
		else if (!strcmp(name, "builtins.function"))
			names->function = i;
	}
}

static void mark_constants(struct object_names *names, uint32_t tuple, int depth)
{
	const struct graph *graph = names->graph;

	for (uint32_t r = graph->first_reference[tuple]; r < graph->first_reference[tuple + 1];
	     r++) {
		uint32_t target = graph->target[r];

		if (graph->type[target] == names->str)
			names->marks[target] |= CODE_NAME;
		else if (graph->type[target] == names->tuple && depth < DEEPEST_CONSTANT)
			mark_constants(names, target, depth + 1);
	}
}

static void mark_code(struct object_names *names, uint32_t code)
{
	const struct graph *graph = names->graph;

	for (uint32_t r = graph->first_reference[code]; r < graph->first_reference[code + 1];
	     r++)
		if (graph->label[r] == names->labels.constants ||
		    graph->label[r] == names->labels.names)
			mark_constants(names, graph->target[r], 1);
}

static uint32_t referent(const struct graph *graph, uint32_t object, uint32_t label)
{
	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++)
		if (graph->label[r] == label)
			return graph->target[r];
	return OBJECT_NONE;
}

static void mark_namespace(struct object_names *names, uint32_t object, uint32_t label)
{
	uint32_t namespace = referent(names->graph, object, label);

	if (namespace != OBJECT_NONE)
		names->marks[namespace] |= NAMESPACE;
}

static void mark_objects(struct object_names *names)
{
	struct names *labels = names->collection->labels;

	names->labels = (struct label_numbers){
		.constants = names_add(labels, "co_consts"),
		.names = names_add(labels, "co_names"),
		.namespace = names_add(labels, "md_dict"),
		.globals = names_add(labels, "func_globals"),
		.code = names_add(labels, "func_code"),
		.free_variables = names_add(labels, "co_freevars"),
		.variables = names_add(labels, "co_localsplusnames"),
	};
	for (uint32_t i = 0; i < names->graph->object_count; i++)
		if (names->graph->type[i] == names->code)
			mark_code(names, i);
		else if (names->graph->type[i] == names->module)
			mark_namespace(names, i, names->labels.namespace);
		else if (names->graph->type[i] == names->function)
			mark_namespace(names, i, names->labels.globals);
}

struct object_names *object_names_create(const struct collection *collection,
					 const struct snapshot *snapshot, struct names *texts)
{
	struct object_names *names = calloc(1, sizeof(*names));
	size_t room = (size_t)snapshot->graph->object_count + 1;

	if (!names)
		return NULL;
	*names = (struct object_names){
		.collection = collection,
		.snapshot = snapshot,
		.graph = snapshot->graph,
		.names = texts,
		.types = calloc(collection->types.count + 1, sizeof(*names->types)),
		.marks = calloc(room, sizeof(*names->marks)),
		.own_name = malloc(room * sizeof(*names->own_name)),
		.str = OBJECT_NONE,
		.tuple = OBJECT_NONE,
		.code = OBJECT_NONE,
		.module = OBJECT_NONE,
		.function = OBJECT_NONE,
	};
	if (!names->types || !names->marks || !names->own_name) {
		object_names_free(names);
		return NULL;
	}
	memset(names->own_name, 0xff, room * sizeof(*names->own_name));
	read_types(names);
	mark_objects(names);
	return names;
}

void object_names_free(struct object_names *names)
{
	if (!names)
		return;
	free(names->types);
	free(names->marks);
	free(names->own_name);
	free(names);
}

enum object_role object_role(const struct object_names *names, uint32_t object)
{
	return names->marks[object] & NAMESPACE ? ROLE_NAMESPACE
						: names->types[names->graph->type[object]].role;
}

static uint32_t type_name(struct object_names *names, uint32_t object)
{
	uint32_t type = names->graph->type[object];
	struct type_info *info = &names->types[type];

	if (info->name == NAME_NONE)
		info->name =
			names_add(names->names,
				  type_short_name(names->collection->types.items[type].name));
	return info->name;
}

static uint32_t module_of(const struct object_names *names, uint32_t namespace)
{
	const struct graph *graph = names->graph;

	for (uint32_t i = graph->first_referrer[namespace];
	     i < graph->first_referrer[namespace + 1]; i++)
		if (graph->type[graph->referrer[i]] == names->module)
			return graph->referrer[i];
	return OBJECT_NONE;
}

static uint32_t named(struct object_names *names, const char *word, uint32_t object)
{
	char value[VALUE_TEXT_SIZE], text[VALUE_TEXT_SIZE + 32];

	if (object == OBJECT_NONE || !snapshot_value_text(names->snapshot, object, value))
		return NAME_NONE;
	snprintf(text, sizeof(text), "%s%s%s", word, value,
		 object_role(names, object) == ROLE_CALL ? "()" : "");
	return names_add(names->names, text);
}

uint32_t object_name(struct object_names *names, uint32_t object)
{
	const struct type_info *info = &names->types[names->graph->type[object]];

	if (!info->word && !(names->marks[object] & NAMESPACE))
		return type_name(names, object);
	if (names->own_name[object] == NAME_NONE)
		names->own_name[object] =
			info->word ? named(names, info->word, object)
				   : named(names, "module ", module_of(names, object));
	if (names->own_name[object] == NAME_NONE)
		names->own_name[object] = type_name(names, object);
	return names->own_name[object];
}

static uint32_t text_of(struct object_names *names, uint32_t str)
{
	if (names->own_name[str] == NAME_NONE)
		names->own_name[str] = named(names, "", str);
	return names->own_name[str];
}

uint32_t object_key_name(struct object_names *names, uint32_t key)
{
	return names->marks[key] & CODE_NAME ? text_of(names, key) : NAME_NONE;
}

/* The names of a code's variables; the free ones come last (3.11), or are all there are. */
static uint32_t variables_of(const struct object_names *names, uint32_t function)
{
	uint32_t code = referent(names->graph, function, names->labels.code);
	uint32_t variables;

	if (code == OBJECT_NONE)
		return OBJECT_NONE;
	variables = referent(names->graph, code, names->labels.free_variables);
	return variables != OBJECT_NONE ? variables
					: referent(names->graph, code, names->labels.variables);
}

static uint32_t reference_count(const struct graph *graph, uint32_t object)
{
	return graph->first_reference[object + 1] - graph->first_reference[object];
}

uint32_t object_closure_name(struct object_names *names, uint32_t function, uint32_t closure,
			     uint32_t place)
{
	const struct graph *graph = names->graph;
	uint32_t variables = variables_of(names, function), at;

	if (variables == OBJECT_NONE ||
	    reference_count(graph, variables) < reference_count(graph, closure))
		return NAME_NONE;
	at = reference_count(graph, variables) - reference_count(graph, closure) + place;
	if (place >= reference_count(graph, closure))
		return NAME_NONE;
	at = graph->target[graph->first_reference[variables] + at];
	return graph->type[at] == names->str ? text_of(names, at) : NAME_NONE;
}
