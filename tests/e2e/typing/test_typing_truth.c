/*
 * The types of a real heap's blocks against what the program says of them: typed_program.c is
 * compiled with debug info, run and dumped.  Skipped, with a reason, where that cannot be done.
 */
#include "typing/typegraph.h"

#include "base/search.h"
#include "base/vector.h"
#include "heap/glibc.h"
#include "support/crashed.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#define PROGRAM "tests/e2e/typing/typed_program.c"

struct truth {
	addr_t address;
	char type[32], base[32];
};

struct counts {
	size_t total, right, begins, unknown, wrong;
};

struct fixture {
	struct crashed crashed;
	VECTOR_OF(struct truth) truth;
	struct typegraph *graph;
	struct target *target;
	struct anomalies *anomalies;
};

static void read_truth(struct fixture *fixture)
{
	FILE *file = fopen(fixture->crashed.record, "r");
	char line[160];

	cr_assert(file);
	while (fgets(line, sizeof(line), file)) {
		struct truth truth = {0};

		cr_assert_geq(sscanf(line, "block %" SCNx64 " %31[^|\n]|%31[^\n]",
				     &truth.address, truth.type, truth.base),
			      2);
		vector_push(&fixture->truth, truth);
	}
	fclose(file);
}

static void take_block(void *context, const struct block_report *block)
{
	struct fit_block taken = {block->address, block->size, block->place == BLOCK_MAPPED};

	if (block->state == BLOCK_USED && block->place == BLOCK_ORDINARY)
		typegraph_add_block(context, &taken);
}

static void analyze(struct fixture *fixture)
{
	struct image_options options = {.anomalies = fixture->anomalies};
	struct target_options target_options = {.anomalies = fixture->anomalies};
	struct error err = {0};
	struct image *image = image_open_core(fixture->crashed.core, &options, &err);
	struct allocator *allocator;

	fixture->target = image ? target_attach(image, &target_options, &err) : NULL;
	cr_assert(fixture->target, "%s", err.message);
	allocator = glibc_allocator.attach(fixture->target, &err);
	cr_assert(allocator, "%s", err.message);
	fixture->graph = typegraph_create(fixture->target, NULL, &err);
	cr_assert(fixture->graph);
	glibc_allocator.each(allocator, &(struct heap_visitor){.context = fixture->graph,
							       .block = take_block});
	glibc_allocator.detach(allocator);
	typegraph_add_variables(fixture->graph);
	cr_assert(typegraph_solve(fixture->graph, &err), "%s", err.message);
}

static bool prepare(struct fixture *fixture, const char *options)
{
	char flags[64];

	*fixture = (struct fixture){.anomalies = anomalies_create()};
	snprintf(flags, sizeof(flags), "%s -g", options);
	if (!crashed_run(&fixture->crashed, PROGRAM, flags, ""))
		return false;
	read_truth(fixture);
	analyze(fixture);
	return true;
}

static void clean(struct fixture *fixture)
{
	typegraph_free(fixture->graph);
	target_detach(fixture->target);
	anomalies_free(fixture->anomalies);
	vector_release(&fixture->truth);
	crashed_clean(&fixture->crashed);
}

/* A guess says what the block begins with; anything surer says what it is. */
static void compare(const struct fixture *fixture, const struct truth *truth,
		    struct counts *counts)
{
	struct typing typing;
	char evidence[EVIDENCE_SIZE] = "";

	counts->total++;
	if (!typegraph_find(fixture->graph, truth->address, &typing)) {
		counts->unknown++;
		return;
	}
	if (!strcmp(typing.kind, truth->type)) {
		counts->right++;
		return;
	}
	if (typing.confidence == TYPE_GUESS && !strcmp(typing.kind, truth->base)) {
		counts->begins++;
		return;
	}
	typegraph_evidence(fixture->graph, typing.block, evidence, sizeof(evidence));
	cr_expect_fail("0x%" PRIx64 " is %s and not %s (%s: %s)", truth->address, truth->type,
		       typing.kind, type_confidence_name(typing.confidence), evidence);
	counts->wrong++;
}

static void check(const char *options)
{
	struct fixture fixture;

	if (prepare(&fixture, options)) {
		struct counts counts = {0};

		for (size_t i = 0; i < fixture.truth.count && counts.wrong < 10; i++)
			compare(&fixture, &fixture.truth.items[i], &counts);
		printf("cc %s: %zu of %zu blocks typed (%.2f%%), %zu by their beginning, "
		       "%zu unknown\n",
		       options, counts.right + counts.begins, counts.total,
		       100.0 * (double)(counts.right + counts.begins) / (double)counts.total,
		       counts.begins, counts.unknown);
		cr_expect_eq(counts.wrong, 0u);
		cr_expect_geq((counts.right + counts.begins) * 100, counts.total * 95);
	}
	clean(&fixture);
}

Test(typing_truth, is_what_the_program_says)
{
	check("-O0");
}

Test(typing_truth, is_what_an_optimized_program_says)
{
	check("-O2 -gdwarf-4");
}
