/*
 * Types found through pointers against types known otherwise: a Python process is dumped, its
 * objects are given to the typegraph as if nobody knew what they are, and what it says of them
 * is compared with the structs that the runtime knows.  Skipped without an interpreter's debug
 * info or a core.
 */
#include "pipeline/collect.h"
#include "typing/typegraph.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM                                                                           \
	"import os, json, decimal, collections, datetime, functools, re, threading;"      \
	"kept = [functools.partial(len), collections.OrderedDict(a=1), re.compile('a')];" \
	"kept += [(lambda i: (lambda: i))(i) for i in range(500)];"                       \
	"kept += [iter([i]) for i in range(100)] + [x for x in json.__dict__.values()];"  \
	"os.abort()"

struct fixture {
	char folder[32], core[64];
	struct collection collection;
	struct anomalies *anomalies;
	struct target *target;
	struct runtime *runtime;
	struct graph *graph;
	struct typegraph *types;
	size_t compared, sure, equal, wrong;
};

static const char *interpreter(void)
{
	const char *python = getenv("HEAPSECT_TEST_PYTHON");

	return python ? python : "/usr/bin/python3";
}

static bool crash(struct fixture *fixture)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		setrlimit(RLIMIT_CORE, &unlimited);
		if (chdir(fixture->folder) == 0)
			execl(interpreter(), interpreter(), "-c", PROGRAM, (char *)NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status) && access(fixture->core, R_OK))
		snprintf(fixture->core, sizeof(fixture->core), "%s/core.%d", fixture->folder,
			 (int)child);
	if (access(fixture->core, R_OK) == 0)
		return true;
	cr_log_warn("skipped: %s left no core", interpreter());
	return false;
}

static void read_heap(struct fixture *fixture, struct error *err)
{
	for (size_t i = 0; allocators[i]; i++) {
		struct allocator *allocator = allocators[i]->attach(fixture->target, err);

		if (!allocator)
			continue;
		cr_assert(collect_heap(&fixture->collection, allocators[i], allocator, err));
		allocators[i]->detach(allocator);
	}
}

static bool read_objects(struct fixture *fixture)
{
	struct image_options options = {.anomalies = fixture->anomalies};
	struct target_options target_options = {.anomalies = fixture->anomalies};
	struct error err = {0};
	struct image *image = image_open_core(fixture->core, &options, &err);
	uint64_t dangling;

	fixture->target = image ? target_attach(image, &target_options, &err) : NULL;
	cr_assert(fixture->target, "%s", err.message);
	fixture->runtime = runtimes[0]->attach(fixture->target, &err);
	if (!fixture->runtime) {
		cr_log_warn("skipped: %s", err.message);
		return false;
	}
	read_heap(fixture, &err);
	cr_assert(collect_runtime(&fixture->collection, runtimes[0], fixture->runtime, &err));
	fixture->graph = graph_builder_finish(fixture->collection.builder, &dangling, &err);
	cr_assert(fixture->graph);
	graph_builder_free(fixture->collection.builder);
	fixture->collection.builder = NULL;
	return true;
}

static bool prepare(struct fixture *fixture)
{
	struct error err = {0};

	*fixture = (struct fixture){.anomalies = anomalies_create()};
	cr_assert(collection_init(&fixture->collection, &err));
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/heapsect-object.XXXXXX");
	cr_assert(mkdtemp(fixture->folder));
	snprintf(fixture->core, sizeof(fixture->core), "%s/core", fixture->folder);
	return crash(fixture) && read_objects(fixture);
}

static void clean(struct fixture *fixture)
{
	typegraph_free(fixture->types);
	graph_free(fixture->graph);
	collection_release(&fixture->collection);
	if (fixture->runtime)
		runtimes[0]->detach(fixture->runtime);
	target_detach(fixture->target);
	anomalies_free(fixture->anomalies);
	unlink(fixture->core);
	rmdir(fixture->folder);
}

static uint64_t struct_size(const struct graph *graph, uint32_t object,
			    const struct type_report *type)
{
	uint64_t size = debug_type(type->debug, type->struct_type)->size;

	return size < graph->size[object] ? size : graph->size[object];
}

/* From the object to the end of its block: what a pointer to it says the size of. */
static void add_objects(struct fixture *fixture)
{
	const struct graph *graph = fixture->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		const struct type_report *type =
			&fixture->collection.types.items[graph->type[i]];
		const struct block_report *block =
			collection_used_block_at(&fixture->collection, graph->address[i]);
		uint32_t source;

		if (block)
			typegraph_add_block(fixture->types,
					    &(struct fit_block){graph->address[i],
								block->address + block->size -
									graph->address[i],
								false});
		if (type->debug && typegraph_add_source(fixture->types, type->debug,
							type->struct_type, type->name, &source))
			typegraph_add_place(fixture->types, source, graph->address[i],
					    struct_size(graph, i, type));
	}
}

/* Does the struct begin with one of that name, or is it that one? */
static bool begins_with(const struct debug_info *debug, uint32_t type, const char *name)
{
	for (int depth = 0; depth < 8; depth++) {
		const struct debug_type *at = debug_type(debug, type);

		if (!strcmp(at->name, name))
			return true;
		if (!at->member_count || debug_member(debug, at->first_member)->offset ||
		    debug_member(debug, at->first_member)->type == DEBUG_NONE)
			return false;
		type = debug_member(debug, at->first_member)->type;
	}
	return false;
}

static void compare(struct fixture *fixture, uint32_t object)
{
	const struct type_report *type =
		&fixture->collection.types.items[fixture->graph->type[object]];
	const struct debug_info *debug;
	struct typing typing;
	char evidence[EVIDENCE_SIZE];
	uint32_t id;

	if (!type->debug || (type->layout != LAYOUT_DWARF && type->layout != LAYOUT_BUILTIN) ||
	    !typegraph_find(fixture->types, fixture->graph->address[object], &typing) ||
	    !typegraph_struct(fixture->types, typing.block, &debug, &id))
		return;
	fixture->compared++;
	fixture->sure += typing.confidence > TYPE_GUESS;
	fixture->equal += typing.confidence > TYPE_GUESS &&
			  !strcmp(debug_type(debug, id)->name, type->struct_name);
	if (!strstr(typing.kind, "[]") &&
	    (begins_with(type->debug, type->struct_type, debug_type(debug, id)->name) ||
	     begins_with(debug, id, type->struct_name)))
		return;
	typegraph_evidence(fixture->types, typing.block, evidence, sizeof(evidence));
	cr_expect_fail("the %s at 0x%" PRIx64 " has a %s and no %s (%s: %s)", type->name,
		       fixture->graph->address[object], type->struct_name, typing.kind,
		       type_confidence_name(typing.confidence), evidence);
	fixture->wrong++;
}

Test(object_truth, is_what_the_runtime_says)
{
	struct fixture fixture;
	struct error err = {0};

	if (prepare(&fixture)) {
		fixture.types = typegraph_create(fixture.target, NULL, &err);
		cr_assert(fixture.types);
		add_objects(&fixture);
		typegraph_add_variables(fixture.types);
		cr_assert(typegraph_solve(fixture.types, &err));
		for (uint32_t i = 0; i < fixture.graph->object_count && fixture.wrong < 10; i++)
			compare(&fixture, i);
		printf("%s: %zu of %u objects typed by pointers, %zu surely, of these %zu by "
		       "the very struct, %zu wrong\n",
		       interpreter(), fixture.compared, fixture.graph->object_count,
		       fixture.sure, fixture.equal, fixture.wrong);
		cr_expect_eq(fixture.wrong, 0u);
	}
	clean(&fixture);
}
