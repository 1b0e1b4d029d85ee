/*
 * Small processes of objects with types, values and labels; their addresses in any order.
 */
#include "pipeline/cycles.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MOST 40

struct process {
	struct collection collection;
	struct snapshot snapshot;
	struct graph *graph;
	struct label_style styles[MOST];
	uint32_t type[MOST];
	const char *value[MOST];
	bool is_root[MOST];
	uint32_t objects;
	struct reference {
		uint32_t source, target;
		const char *label;
		enum reference_kind kind;
	} references[4 * MOST];
	uint32_t count;
	bool reversed; /* later objects lie below earlier ones */
};

static void process_init(struct process *process, bool reversed)
{
	struct error err = {0};

	*process = (struct process){.reversed = reversed};
	cr_assert(collection_init(&process->collection, &err), "%s", err.message);
	/* A label of the table of common ones: no label has the number 0. */
	names_add(process->collection.labels, "other");
}

static enum object_category category_of(const char *type)
{
	if (!strcmp(type, "builtins.type"))
		return CATEGORY_TYPES;
	return strncmp(type, "builtins.", 9) ? CATEGORY_INSTANCES : CATEGORY_CONTAINERS;
}

static uint32_t type_named(struct process *process, const char *name)
{
	struct type_report type = {.name = name, .category = category_of(name)};

	for (uint32_t i = 0; i < process->collection.types.count; i++)
		if (!strcmp(process->collection.types.items[i].name, name))
			return i;
	type.finalizes = !strcmp(name, "app.File");
	vector_push(&process->collection.types, type);
	return (uint32_t)process->collection.types.count - 1;
}

static uint32_t named_object(struct process *process, const char *type, const char *value)
{
	process->type[process->objects] = type_named(process, type);
	process->value[process->objects] = value;
	return process->objects++;
}

static uint32_t object(struct process *process, const char *type)
{
	return named_object(process, type, NULL);
}

static void refer(struct process *process, uint32_t source, const char *label, uint32_t target)
{
	process->references[process->count++] =
		(struct reference){source, target, label, REFERENCE_TRAVERSED};
}

static void refer_weakly(struct process *process, uint32_t source, uint32_t target)
{
	process->references[process->count++] =
		(struct reference){source, target, "wr_object", REFERENCE_WEAK};
}

/* An entry of a dict; if code spells the key, some code has it among its constants. */
static void enter(struct process *process, uint32_t dict, const char *key, bool is_spelled,
		  uint32_t value)
{
	uint32_t str = named_object(process, "builtins.str", key);

	refer(process, dict, "key", str);
	refer(process, dict, "value", value);
	if (is_spelled) {
		uint32_t code = named_object(process, "builtins.code", "main");
		uint32_t constants = object(process, "builtins.tuple");

		process->is_root[code] = true;
		refer(process, code, "co_consts", constants);
		refer(process, constants, "[]", str);
	}
}

static addr_t address_of(const struct process *process, uint32_t number)
{
	uint32_t place = process->reversed ? MOST - number : number;

	return 0x7f0000000000 + place * 0x40ull;
}

static bool value_of(void *context, uint32_t number, char *ret, size_t size)
{
	const struct process *process = context;

	for (uint32_t i = 0; i < process->objects; i++)
		if (address_of(process, i) == process->graph->address[number] &&
		    process->value[i]) {
			snprintf(ret, size, "%s", process->value[i]);
			return true;
		}
	return false;
}

static void build_object(struct process *process, uint32_t number)
{
	struct graph_builder *builder = process->collection.builder;

	graph_builder_object(builder, &(struct graph_object){
					      .address = address_of(process, number),
					      .size = 10,
					      .type = process->type[number],
					      .flags = OBJECT_TRACKED,
				      });
	for (uint32_t i = 0; i < process->count; i++)
		if (process->references[i].source == number)
			graph_builder_reference(
				builder, address_of(process, process->references[i].target),
				names_add(process->collection.labels,
					  process->references[i].label),
				process->references[i].kind);
	if (process->is_root[number])
		graph_builder_root(builder, address_of(process, number),
				   &(struct graph_root){.kind = ROOT_GLOBAL,
							.thread = OBJECT_NONE,
							.frame = OBJECT_NONE,
							.counted = 1});
}

static void style_labels(struct process *process)
{
	struct snapshot *snapshot = &process->snapshot;
	uint32_t count = names_count(process->collection.labels);

	for (uint32_t i = 0; i < count; i++) {
		const char *name = names_get(process->collection.labels, i);

		if (!strcmp(name, "__dict__") || !strcmp(name, "md_dict"))
			process->styles[i].expression = "";
		else if (!strcmp(name, "im_self"))
			process->styles[i].expression = ".__self__";
		else if (!strcmp(name, "tp_mro"))
			process->styles[i].expression = ".__mro__";
	}
	snapshot->label_styles = process->styles;
	snapshot->label_style_count = count;
}

static void process_describe(struct process *process)
{
	struct snapshot *snapshot = &process->snapshot;
	struct error err = {0};
	uint64_t dangling;

	for (uint32_t i = 0; i < process->objects; i++)
		build_object(process, i);
	process->graph = graph_builder_finish(process->collection.builder, &dangling, &err);
	cr_assert(process->graph && !dangling, "%s", err.message);
	snapshot->graph = process->graph;
	snapshot->labels = process->collection.labels;
	snapshot->values = (struct snapshot_values){value_of, process};
	style_labels(process);
	cr_assert(
		ledger_compute(process->graph, &snapshot->ledger, &err) &&
			reachability_compute(process->graph, &snapshot->ledger,
					     &snapshot->reachability, &err) &&
			components_compute(process->graph, NULL, &snapshot->components, &err) &&
			dominators_compute(process->graph, &snapshot->reachability,
					   &snapshot->dominators, &err) &&
			cycles_describe(&process->collection, snapshot, &err),
		"%s", err.message);
}

static void process_release(struct process *process)
{
	snapshot_release(&process->snapshot);
	collection_release(&process->collection);
	graph_free(process->graph);
}

static const struct snapshot_cycle_pattern *pattern(const struct process *process, size_t n)
{
	cr_assert_lt(n, process->snapshot.cycle_patterns.count);
	return &process->snapshot.cycle_patterns.items[n];
}

static const char *edge(const struct process *process, size_t n)
{
	uint32_t index = pattern(process, n)->edge;

	return index == OBJECT_NONE ? "" : process->snapshot.cycle_edges.items[index].text;
}

/* Shapes. */

static uint32_t add_tree(struct process *process, uint32_t children)
{
	uint32_t node = object(process, "app.Node"), list = object(process, "builtins.list");

	refer(process, node, ".children", list);
	for (uint32_t i = 0; i < children; i++) {
		uint32_t child = object(process, "app.Node");

		refer(process, list, "[]", child);
		refer(process, child, ".parent", node);
	}
	return node;
}

static void expect_tree(bool reversed)
{
	struct process process;

	process_init(&process, reversed);
	add_tree(&process, 3);
	add_tree(&process, 1);
	process_describe(&process);
	cr_assert_eq(process.snapshot.cycle_patterns.count, 1u);
	cr_expect_str_eq(pattern(&process, 0)->pattern,
			 "app.Node.children[] → app.Node.parent");
	cr_expect_str_eq(pattern(&process, 0)->short_pattern, "Node.children[] → Node.parent");
	cr_expect_eq(pattern(&process, 0)->cycles, 2u);
	cr_expect_eq(pattern(&process, 0)->objects, 8u);
	cr_expect_eq(pattern(&process, 0)->type_objects, 6u);
	cr_expect_str_eq(edge(&process, 0), "app.Node.parent");
	cr_expect_str_eq(pattern(&process, 0)->remedy, "make Node.parent a weakref");
	cr_expect_eq(process.snapshot.cycle_edges.items[pattern(&process, 0)->edge].objects,
		     8u);
	process_release(&process);
}

Test(cycles, fold_the_list_that_one_object_holds_wherever_it_lies)
{
	expect_tree(false);
	expect_tree(true);
}

Test(cycles, show_a_container_that_two_hold)
{
	struct process process;
	uint32_t node, list;

	process_init(&process, false);
	node = object(&process, "app.Node");
	list = object(&process, "builtins.list");
	refer(&process, node, ".first", list);
	refer(&process, node, ".second", list);
	refer(&process, list, "[]", node);
	process_describe(&process);
	cr_expect_str_eq(pattern(&process, 0)->pattern, "app.Node.first → list[]");
	process_release(&process);
}

Test(cycles, write_a_dict_of_attributes_as_attributes)
{
	struct process process;
	uint32_t node, dict;

	process_init(&process, false);
	node = object(&process, "app.Node");
	dict = object(&process, "builtins.dict");
	refer(&process, node, "__dict__", dict);
	enter(&process, dict, "me", true, node);
	process_describe(&process);
	cr_expect_str_eq(pattern(&process, 0)->pattern, "app.Node.me");
	process_release(&process);
}

Test(cycles, write_keys_that_code_spells_and_no_data)
{
	struct process process;

	process_init(&process, false);
	for (int is_spelled = 0; is_spelled < 2; is_spelled++) {
		uint32_t node = object(&process, is_spelled ? "app.A" : "app.B");
		uint32_t dict = object(&process, "builtins.dict");

		refer(&process, node, ".by", dict);
		enter(&process, dict, "alice", is_spelled, node);
	}
	process_describe(&process);
	cr_assert_eq(process.snapshot.cycle_patterns.count, 2u);
	cr_expect_str_eq(pattern(&process, 0)->pattern, "app.A.by['alice']");
	cr_expect_str_eq(pattern(&process, 1)->pattern, "app.B.by[]");
	process_release(&process);
}

Test(cycles, tell_bound_methods_of_an_object_itself)
{
	struct process process;
	uint32_t node, method;

	process_init(&process, false);
	node = object(&process, "app.Service");
	method = object(&process, "builtins.method");
	refer(&process, node, ".callback", method);
	refer(&process, method, "im_self", node);
	process_describe(&process);
	cr_expect_str_eq(pattern(&process, 0)->pattern, "app.Service.callback.__self__");
	cr_expect_str_eq(pattern(&process, 0)->remedy,
			 "keep no bound method in Service.callback");
	process_release(&process);
}

/* A class that is in its own __mro__, and a pair of its instances, all dropped. */
Test(cycles, keep_what_the_language_ties_up_apart)
{
	struct process process;
	uint32_t class, mro, left, right;

	process_init(&process, false);
	class = named_object(&process, "builtins.type", "app.Node");
	mro = object(&process, "builtins.tuple");
	left = object(&process, "app.Node");
	right = object(&process, "app.Node");
	refer(&process, class, "tp_mro", mro);
	refer(&process, mro, "[]", class);
	refer(&process, left, ".next", right);
	refer(&process, right, ".next", left);
	refer(&process, left, "ob_type", class);
	refer(&process, right, "ob_type", class);
	refer(&process, class, ".registry", left);
	process_describe(&process);
	cr_assert_eq(process.snapshot.cycles.count, 1u); /* one component */
	cr_expect_str_eq(process.snapshot.cycles.items[0].pattern, "app.Node.next (repeated)");
	cr_assert_eq(process.snapshot.cycle_patterns.count, 2u);
	cr_expect_eq(pattern(&process, 0)->kind, CYCLE_PROGRAM);
	cr_expect_eq(pattern(&process, 0)->objects, 2u);
	cr_expect_eq(pattern(&process, 1)->kind, CYCLE_CLASS);
	cr_expect_str_eq(pattern(&process, 1)->pattern, "class app.Node.__mro__[]");
	cr_expect_eq(pattern(&process, 1)->objects, 2u);
	cr_expect_str_eq(edge(&process, 1), "");
	process_release(&process);
}

/* Two references each of which is enough for a cycle. */
Test(cycles, say_which_references_it_takes_together)
{
	struct process process;
	uint32_t node;

	process_init(&process, false);
	node = object(&process, "app.Node");
	refer(&process, node, ".me", node);
	refer(&process, node, ".self", node);
	process_describe(&process);
	cr_expect_str_eq(edge(&process, 0), "app.Node.me and app.Node.self");
	cr_expect_eq(process.snapshot.cycle_edges.items[pattern(&process, 0)->edge].objects,
		     1u);
	process_release(&process);
}

/* No name tells the owner, but live ones show it: what the root leads to first. */
Test(cycles, learn_from_live_ones_which_reference_leads_back)
{
	for (int first = 0; first < 2; first++) {
		struct process process;
		uint32_t a, b;

		process_init(&process, false);
		for (int i = 0; i < 2; i++) {
			a = object(&process, "app.A");
			b = object(&process, "app.B");
			refer(&process, a, ".b", b);
			refer(&process, b, ".a", a);
		}
		process.is_root[first ? b : a] = true; /* of the second pair */
		process_describe(&process);
		cr_expect_eq(pattern(&process, 0)->state, STATE_GARBAGE);
		cr_expect_str_eq(edge(&process, 0), first ? "app.A.b" : "app.B.a");
		process_release(&process);
	}
}

Test(cycles, of_live_objects_have_an_owner)
{
	struct process process;
	uint32_t cache, node;

	process_init(&process, false);
	cache = object(&process, "builtins.list");
	process.is_root[cache] = true;
	node = add_tree(&process, 2);
	refer(&process, cache, "[]", node);
	process_describe(&process);
	cr_expect_eq(pattern(&process, 0)->state, STATE_LIVE);
	cr_expect_eq(pattern(&process, 0)->owner, cache);
	cr_expect_eq(pattern(&process, 0)->owner_cycles, 1u);
	cr_expect_str_eq(edge(&process, 0), "app.Node.parent");
	process_release(&process);
}

Test(cycles, count_finalizers_and_callbacks_of_weak_references)
{
	struct process process;
	uint32_t file, node, watcher, callback;

	process_init(&process, false);
	file = object(&process, "app.File"); /* its type has one */
	refer(&process, file, ".me", file);
	node = object(&process, "app.Node");
	refer(&process, node, ".me", node);
	for (int i = 0; i < 2; i++) { /* with a callback, and without */
		watcher = object(&process, "weakref.ReferenceType");
		process.is_root[watcher] = true;
		refer_weakly(&process, watcher, i ? file : node);
		callback = object(&process, "builtins.function");
		if (!i)
			refer(&process, watcher, "wr_callback", callback);
		else
			process.is_root[callback] = true;
	}
	process_describe(&process);
	cr_assert_eq(process.snapshot.cycle_patterns.count, 2u);
	cr_expect_eq(pattern(&process, 0)->finalizers, 1u);
	cr_expect_eq(pattern(&process, 1)->finalizers, 1u);
	cr_expect_eq(process.snapshot.cycles.items[0].finalizers, 1u);
	process_release(&process);
}

Test(cycles, of_no_objects_are_none)
{
	struct process process;
	uint32_t lonely;

	process_init(&process, false);
	lonely = object(&process, "app.Node");
	process.is_root[lonely] = true;
	process_describe(&process);
	cr_expect_eq(process.snapshot.cycles.count, 0u);
	cr_expect_eq(process.snapshot.cycle_patterns.count, 0u);
	process_release(&process);
}
