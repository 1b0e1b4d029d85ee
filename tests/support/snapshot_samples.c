#include "support/snapshot_builder.h"

#include <stdlib.h>

enum { COUNTED = OBJECT_COUNTED, TRACKED = OBJECT_COUNTED | OBJECT_TRACKED };

static void add_memory(struct snapshot *snapshot)
{
	vector_push(
		&snapshot->mappings,
		((struct snapshot_mapping){
			{0x400000, 0x401000}, "r-x", "/usr/bin/app", "code", 0, 0, "c0ffee"}));
	vector_push(
		&snapshot->mappings,
		((struct snapshot_mapping){
			{0x7f0000000000, 0x7f0000100000}, "rw-", "", "data", 0, 0x100000, ""}));
	vector_push(&snapshot->mappings,
		    ((struct snapshot_mapping){{0xffffffffff600000, 0xffffffffff601000},
					       "--x",
					       "[vsyscall]",
					       "code",
					       0,
					       0,
					       ""}));
	vector_push(&snapshot->accounting, ((struct snapshot_bucket){"dump", "", 0x100000, 1}));
	vector_push(&snapshot->accounting,
		    ((struct snapshot_bucket){"objects", "dump", 0x300, 7}));
	vector_push(&snapshot->accounting,
		    ((struct snapshot_bucket){"unknown", "dump", 0x100000 - 0x300, 1}));
	vector_push(&snapshot->arenas,
		    ((struct snapshot_arena){
			    .allocator = "pymalloc",
			    .report = {0x7f0000000000, 0x100000, 0x300, 0x80, 2, 1}}));
	vector_push(&snapshot->pools,
		    ((struct snapshot_pool){0, {0x7f0000000000, 0x1000, 48, 64, 63, 7}}));
	vector_push(&snapshot->pools,
		    ((struct snapshot_pool){0, {0x7f0000001000, 0x1000, 48, 0, 0, 0}}));
	vector_push(&snapshot->blocks, ((struct snapshot_block){.address = 0x7f0000008000,
								.size = 0x100,
								.allocator = "glibc",
								.state = BLOCK_USED,
								.owner = 1,
								.kind = "list-items"}));
	vector_push(&snapshot->pins, ((struct snapshot_pin){0, OBJECT_NONE, 2, OBJECT_NONE,
							    OBJECT_NONE, 64, ""}));
}

static void add_patterns(struct snapshot *snapshot)
{
	struct snapshot_cycle_pattern pattern = {
		.state = STATE_GARBAGE,
		.pattern = "app.Node.next → app.Node.prev",
		.short_pattern = "Node.next → Node.prev",
		.type = "app.Node",
		.fingerprint = UINT64_MAX - 1,
		.cycles = 1,
		.objects = 2,
		.bytes = 128,
		.type_objects = 2,
		.held_objects = 2,
		.held_bytes = 128,
		.example = 4,
		.edge = 0,
		.owner = OBJECT_NONE,
		.advice = "make Node.prev a weakref: weakref.ref",
		.remedy = "make Node.prev a weakref",
	};
	struct snapshot_cycle_edge edge = {
		.text = "app.Node.prev",
		.references = 1,
		.cycles = 1,
		.objects = 2,
		.bytes = 128,
		.direction = 4,
		.chosen = true,
	};

	vector_push(&snapshot->cycle_patterns, pattern);
	vector_push(&snapshot->cycle_edges, edge);
	edge.pattern = OBJECT_NONE;
	vector_push(&snapshot->cycle_edges, edge);
}

static void add_conclusions(struct snapshot *snapshot)
{
	struct anomalies *anomalies = anomalies_create();

	vector_push(&snapshot->meta, ((struct snapshot_meta){"source", "core.42"}));
	vector_push(&snapshot->meta, ((struct snapshot_meta){"pid", "42"}));
	vector_push(&snapshot->meta, ((struct snapshot_meta){"seconds.stopped", "0.0125"}));
	vector_push(&snapshot->leak_groups, ((struct snapshot_leak_group){.kind = LEAK_REFCOUNT,
									  .grade = GRADE_PROVEN,
									  .fingerprint = 99,
									  .type = "bytes",
									  .leaks = 1,
									  .objects = 1,
									  .bytes = 64}));
	vector_push(&snapshot->leak_groups,
		    ((struct snapshot_leak_group){.kind = LEAK_GARBAGE,
						  .grade = GRADE_PROVEN,
						  .fingerprint = UINT64_MAX,
						  .type = "app.Node",
						  .leaks = 1,
						  .objects = 2,
						  .bytes = 128,
						  .largest = 1}));
	vector_push(&snapshot->leaks,
		    ((struct snapshot_leak){.kind = LEAK_REFCOUNT,
					    .grade = GRADE_PROVEN,
					    .object = 6,
					    .block = OBJECT_NONE,
					    .objects = 1,
					    .bytes = 64,
					    .fingerprint = 99,
					    .explanation = "one reference that nobody owns"}));
	vector_push(&snapshot->leaks, ((struct snapshot_leak){.kind = LEAK_GARBAGE,
							      .grade = GRADE_PROVEN,
							      .object = 4,
							      .block = OBJECT_NONE,
							      .objects = 2,
							      .bytes = 128,
							      .fingerprint = UINT64_MAX,
							      .explanation = "a dropped cycle",
							      .group = 1}));
	vector_push(&snapshot->findings,
		    ((struct snapshot_finding){"refcount", "critical", "1 bytes object leaked",
					       "its count is 1, nothing refers to it",
					       "look for a missing Py_DECREF",
					       "SELECT * FROM leaks", 64, 1, 100, 0, false}));
	anomaly_record(anomalies, "core", 0x1000, "a page is missing");
	anomaly_record(anomalies, "core", 0x3000, "a page is missing");
	snapshot->anomalies = anomalies;
}

const struct snapshot *build_sample(struct snapshot_builder *builder)
{
	uint32_t dict = builder_type(builder, "dict"), list = builder_type(builder, "list");
	uint32_t str = builder_type(builder, "str"), node = builder_type(builder, "app.Node");
	uint32_t bytes = builder_type(builder, "bytes");
	addr_t base = 0x7f0000000030;

#define OBJECT(index, ...) \
	builder_object(    \
		builder,   \
		(struct built_object){.address = base + (index)*64, .size = 64, __VA_ARGS__})
	OBJECT(0, .type = dict, .refcount = 1, .flags = TRACKED, .generation = 2);
	OBJECT(1, .type = list, .refcount = 1, .flags = TRACKED, .generation = 2, .distance = 1,
	       .owned_size = 0x100);
	OBJECT(2, .type = str, .refcount = 1, .flags = COUNTED, .distance = 2, .value = "user");
	OBJECT(3, .type = str, .refcount = 9, .flags = COUNTED | OBJECT_IMMORTAL,
	       .distance = 2);
	OBJECT(4, .type = node, .refcount = 1, .flags = TRACKED, .generation = 0,
	       .state = STATE_GARBAGE);
	OBJECT(5, .type = node, .refcount = 1, .flags = TRACKED, .generation = 0,
	       .state = STATE_GARBAGE);
	OBJECT(6, .type = bytes, .refcount = 1, .flags = COUNTED, .state = STATE_LEAKED);
#undef OBJECT
	builder_reference(builder, 0, "key", 2, REFERENCE_TRAVERSED);
	builder_reference(builder, 0, "value", 1, REFERENCE_TRAVERSED);
	builder_reference(builder, 1, "[]", 3, REFERENCE_TRAVERSED);
	builder_reference(builder, 4, ".next", 5, REFERENCE_COUNTED);
	builder_reference(builder, 5, ".prev", 4, REFERENCE_COUNTED);
	builder_root(builder, 0, ROOT_INTERPRETER, "modules");
	builder_cycle(builder, 4, 5, "app.Node.next → app.Node.prev");
	add_memory(builder_snapshot(builder));
	add_conclusions(builder_snapshot(builder));
	add_patterns(builder_snapshot(builder));
	return builder_finish(builder);
}

const struct snapshot *build_large(struct snapshot_builder *builder, uint32_t objects,
				   uint32_t references)
{
	uint64_t random = 42;
	char name[32];

	for (uint32_t i = 0; i < 300; i++)
		builder_type(builder, "a.type");
	for (uint32_t i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), ".label%u", i);
		names_add(builder_snapshot(builder)->labels, name);
	}
	for (uint32_t i = 0; i < objects; i++)
		builder_object(builder, (struct built_object){
						.address = 0x7f0000000000 + (addr_t)i * 72,
						.type = i * 7 % 300,
						.size = 56 + i % 5 * 16,
						.refcount = references,
						.flags = TRACKED,
						.distance = i % 30,
					});
	for (uint32_t i = 0; i < objects; i++) {
		for (uint32_t j = 0; j < references; j++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			snprintf(name, sizeof(name), ".label%u",
				 (uint32_t)(random >> 50) % 2000);
			builder_reference(builder, i, name, (uint32_t)(random >> 20) % objects,
					  (random >> 33 & 1) ? REFERENCE_COUNTED
							     : REFERENCE_TRAVERSED);
		}
	}
	return builder_finish(builder);
}
