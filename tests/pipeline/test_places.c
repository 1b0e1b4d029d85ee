/*
 * Snapshots built by hand, and where their objects hang.
 */
#include "pipeline/paths.h"
#include "pipeline/places.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { DICT, MODULE, NODE, LIST, STR, FUNCTION, TYPES };

static const struct type_report types[TYPES] = {
	[DICT] = {.name = "builtins.dict", .category = CATEGORY_CONTAINERS},
	[MODULE] = {.name = "builtins.module", .category = CATEGORY_TYPES},
	[NODE] = {.name = "app.Node", .category = CATEGORY_INSTANCES},
	[LIST] = {.name = "builtins.list", .category = CATEGORY_CONTAINERS},
	[STR] = {.name = "builtins.str", .category = CATEGORY_TEXT},
	[FUNCTION] = {.name = "builtins.function", .category = CATEGORY_CODE},
};

static struct label_style label_style(const char *label)
{
	if (!strcmp(label, "md_dict") || !strcmp(label, "__dict__"))
		return (struct label_style){"", 0};
	return (struct label_style){!strcmp(label, "modules") ? "modules" : NULL, 2};
}

struct process {
	struct snapshot_builder *builder;
	struct collection collection;
	struct runtime_ops runtime;
	uint32_t objects;
};

static void process_init(struct process *process)
{
	struct error err = {0};

	*process = (struct process){.builder = snapshot_builder_create(),
				    .runtime = {.label_style = label_style}};
	cr_assert(collection_init(&process->collection, &err), "%s", err.message);
	names_free(process->collection.labels);
	process->collection.labels = builder_snapshot(process->builder)->labels;
	for (size_t i = 0; i < TYPES; i++)
		vector_push(&process->collection.types, types[i]);
}

static uint32_t object(struct process *process, uint32_t type, const char *value)
{
	return builder_object(process->builder,
			      (struct built_object){.address = 0x1000 + process->objects++ * 64,
						    .type = type,
						    .size = 10,
						    .refcount = 1,
						    .flags = OBJECT_COUNTED,
						    .value = value});
}

static void refer(struct process *process, uint32_t source, const char *label, uint32_t target)
{
	builder_reference(process->builder, source, label, target, REFERENCE_TRAVERSED);
}

static void entry(struct process *process, uint32_t dict, uint32_t key, uint32_t value)
{
	refer(process, dict, "key", key);
	refer(process, dict, "value", value);
}

static void find(struct process *process)
{
	struct snapshot *snapshot = builder_snapshot(process->builder);
	struct reachability marked;
	struct error err = {0};

	builder_finish(process->builder);
	marked = snapshot->reachability;
	cr_assert(reachability_compute(snapshot->graph, &snapshot->ledger,
				       &snapshot->reachability, &err) &&
			  dominators_compute(snapshot->graph, &snapshot->reachability,
					     &snapshot->dominators, &err) &&
			  paths_find(&process->collection, &process->runtime, snapshot, &err) &&
			  places_find(&process->collection, snapshot, &err),
		  "%s", err.message);
	reachability_release(&snapshot->reachability);
	snapshot->reachability = marked;
}

static void process_release(struct process *process)
{
	process->collection.labels = NULL; /* the builder's */
	collection_release(&process->collection);
	snapshot_builder_free(process->builder);
}

static const struct snapshot_place *place_of(const struct process *process, uint32_t number)
{
	const struct snapshot *snapshot = builder_snapshot(process->builder);

	return &snapshot->places.items[snapshot->place_of[number]];
}

static void expect(const struct process *process, uint32_t number, const char *path,
		   uint64_t objects, uint64_t total_objects)
{
	const struct snapshot_place *place = place_of(process, number);

	cr_expect_str_eq(place->path, path);
	cr_expect_eq(place->objects, objects, "%s: %lu objects", path, place->objects);
	cr_expect_eq(place->total_objects, total_objects, "%s: %lu in all", path,
		     place->total_objects);
	cr_expect_eq(place->bytes, 10 * objects);
	cr_expect_eq(place->total_bytes, 10 * total_objects);
}

/* modules['app'] with a dict; its values are given in pairs of key and value. */
static uint32_t begin_module(struct process *process)
{
	uint32_t modules = object(process, DICT, NULL), name = object(process, STR, "app");
	uint32_t module = object(process, MODULE, "app"), dict = object(process, DICT, NULL);

	builder_root(process->builder, modules, ROOT_INTERPRETER, "modules");
	entry(process, modules, name, module);
	refer(process, module, "md_dict", dict);
	return dict;
}

Test(places, merge_what_a_container_holds_and_keep_names)
{
	struct process process;
	uint32_t dict, key, cache, keys[3], nodes[3];

	process_init(&process);
	dict = begin_module(&process);
	key = object(&process, STR, "CACHE");
	cache = object(&process, DICT, NULL);
	for (int i = 0; i < 3; i++) {
		keys[i] = object(&process, STR, "k");
		nodes[i] = object(&process, NODE, NULL);
	}
	entry(&process, dict, key, cache);
	for (int i = 0; i < 3; i++)
		entry(&process, cache, keys[i], nodes[i]);
	find(&process);
	expect(&process, dict, "modules['app']", 1, 9);
	expect(&process, cache, "modules['app'].CACHE", 1, 7);
	expect(&process, nodes[0], "modules['app'].CACHE[*]", 3, 3);
	expect(&process, keys[2], "modules['app'].CACHE.keys()[*]", 3, 3);
	cr_expect_eq(place_of(&process, nodes[0])->example, nodes[2]);
	process_release(&process);
}

Test(places, of_functions_are_one_in_a_namespace_and_two_types_are_two)
{
	struct process process;
	uint32_t dict, keys[4], values[4];
	static const uint32_t kinds[] = {FUNCTION, FUNCTION, LIST, NODE};
	static const char *const names[] = {"f", "g", "THINGS", "not a name"};

	process_init(&process);
	dict = begin_module(&process);
	for (int i = 0; i < 4; i++) {
		keys[i] = object(&process, STR, names[i]);
		values[i] = object(&process, kinds[i], NULL);
	}
	for (int i = 0; i < 4; i++)
		entry(&process, dict, keys[i], values[i]);
	find(&process);
	expect(&process, values[0], "modules['app'].*", 2, 2);
	expect(&process, values[1], "modules['app'].*", 2, 2);
	expect(&process, values[2], "modules['app'].THINGS", 1, 1);
	expect(&process, values[3], "modules['app'].__dict__['not a name']", 1, 1);
	process_release(&process);
}

Test(places, of_a_namespace_with_many_names_are_one_behind_the_first)
{
	enum { MANY = 3000 };
	struct process process;
	uint32_t dict, last = 0;
	static char names[MANY][16];

	process_init(&process);
	dict = begin_module(&process);
	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "item_%d", i);
		object(&process, STR, names[i]);
		last = object(&process, NODE, NULL);
	}
	for (uint32_t i = 0; i < MANY; i++)
		entry(&process, dict, last - 2 * i - 1, last - 2 * i);
	find(&process);
	cr_expect_lt(builder_snapshot(process.builder)->places.count, 1100u);
	expect(&process, last, "modules['app'].*", 2000, 2000);
	process_release(&process);
}

Test(places, of_a_list_of_links_are_one)
{
	struct process process;
	uint32_t nodes[1000];

	process_init(&process);
	for (int i = 0; i < 1000; i++)
		nodes[i] = object(&process, NODE, NULL);
	for (int i = 0; i < 999; i++)
		refer(&process, nodes[i], ".next", nodes[i + 1]);
	builder_root(process.builder, nodes[0], ROOT_GLOBAL, "head");
	find(&process);
	expect(&process, nodes[0], "C variable head", 1, 1000);
	expect(&process, nodes[1], "C variable head.next", 999, 999);
	expect(&process, nodes[999], "C variable head.next", 999, 999);
	process_release(&process);
}

/* Each step has a name of its own, so that none repeats. */
/* What the second one has is not the first one's, though both have it in a __dict__. */
Test(places, of_objects_with_a_dict_each_are_apart)
{
	struct process process;
	uint32_t dict, names[3], nodes[2], dicts[2], list;

	process_init(&process);
	dict = begin_module(&process);
	names[0] = object(&process, STR, "ROOT");
	names[1] = object(&process, STR, "child");
	names[2] = object(&process, STR, "rows");
	for (int i = 0; i < 2; i++)
		nodes[i] = object(&process, NODE, NULL);
	for (int i = 0; i < 2; i++)
		dicts[i] = object(&process, DICT, NULL);
	list = object(&process, LIST, NULL);
	entry(&process, dict, names[0], nodes[0]);
	for (int i = 0; i < 2; i++)
		refer(&process, nodes[i], "__dict__", dicts[i]);
	entry(&process, dicts[0], names[1], nodes[1]);
	entry(&process, dicts[1], names[2], list);
	find(&process);
	expect(&process, nodes[1], "modules['app'].ROOT.child", 1, 4);
	expect(&process, list, "modules['app'].ROOT.child.rows", 1, 1);
	process_release(&process);
}

Test(places, are_no_deeper_than_a_bound)
{
	struct process process;
	uint32_t nodes[200];
	char label[16];

	process_init(&process);
	for (int i = 0; i < 200; i++)
		nodes[i] = object(&process, NODE, NULL);
	for (int i = 0; i < 199; i++) {
		snprintf(label, sizeof(label), ".x%d", i);
		refer(&process, nodes[i], label, nodes[i + 1]);
	}
	builder_root(process.builder, nodes[0], ROOT_GLOBAL, "head");
	find(&process);
	cr_expect_lt(builder_snapshot(process.builder)->places.count, 50u);
	cr_expect_eq(place_of(&process, nodes[199])->objects,
		     place_of(&process, nodes[100])->objects);
	cr_expect_eq(place_of(&process, nodes[0])->total_objects, 200u);
	process_release(&process);
}

static uint64_t fingerprint_of_a_list(uint32_t before, uint32_t items)
{
	struct process process;
	uint32_t dict, key, list, item = 0;
	uint64_t fingerprint;

	process_init(&process);
	for (uint32_t i = 0; i < before; i++)
		object(&process, STR, NULL); /* so that the numbers of all else differ */
	dict = begin_module(&process);
	key = object(&process, STR, "THINGS");
	list = object(&process, LIST, NULL);
	entry(&process, dict, key, list);
	for (uint32_t i = 0; i < items; i++)
		item = object(&process, NODE, NULL);
	for (uint32_t i = 0; i < items; i++)
		refer(&process, list, "[]", item - i);
	find(&process);
	cr_expect_eq(place_of(&process, item)->objects, items);
	fingerprint = place_of(&process, item)->fingerprint;
	process_release(&process);
	return fingerprint;
}

Test(places, have_one_number_in_every_snapshot)
{
	cr_assert_eq(fingerprint_of_a_list(0, 2), fingerprint_of_a_list(5, 40));
}
