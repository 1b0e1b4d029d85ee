/*
 * Processes that corrupt their heap themselves: the damage is an anomaly where it is, with the
 * block that likely did it, and what is in use elsewhere is found all the same.
 */
#include "base/search.h"
#include "base/vector.h"
#include "heap/glibc.h"
#include "support/crashed.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define PROGRAM "tests/e2e/glibc/corrupt_program.c"
#define NEAR    64u /* bytes: what is damaged may be told by a chunk's start or its user's part */

struct fixture {
	struct crashed crashed;
	addr_t damaged, writer;
	VECTOR_OF(addr_t) told, used;
	struct anomalies *anomalies;
};

static void read_record(struct fixture *fixture)
{
	FILE *file = fopen(fixture->crashed.record, "r");
	char line[128], name[32];

	cr_assert(file);
	while (fgets(line, sizeof(line), file)) {
		addr_t address;

		if (sscanf(line, "%31s %" SCNx64, name, &address) != 2)
			continue;
		if (!strcmp(name, "used"))
			vector_push(&fixture->told, address);
		else
			*(name[0] == 'd' ? &fixture->damaged : &fixture->writer) = address;
	}
	fclose(file);
	cr_assert(fixture->told.count && fixture->damaged);
}

static void take_block(void *context, const struct block_report *block)
{
	if (block->state == BLOCK_USED)
		vector_push(&((struct fixture *)context)->used, block->address);
}

static void analyze(struct fixture *fixture)
{
	struct image_options options = {.anomalies = fixture->anomalies};
	struct target_options target_options = {.anomalies = fixture->anomalies};
	struct heap_visitor visitor = {.context = fixture, .block = take_block};
	struct error err = {0};
	struct image *image = image_open_core(fixture->crashed.core, &options, &err);
	struct target *target = image ? target_attach(image, &target_options, &err) : NULL;
	struct allocator *allocator = target ? glibc_allocator.attach(target, &err) : NULL;

	cr_assert(allocator, "%s", err.message);
	glibc_allocator.each(allocator, &visitor);
	glibc_allocator.detach(allocator);
	target_detach(target);
}

static bool has_anomaly(const struct fixture *fixture, addr_t address)
{
	for (size_t i = 0; i < anomalies_count(fixture->anomalies); i++) {
		const struct anomaly *anomaly = anomalies_get(fixture->anomalies, i);

		if (!strcmp(anomaly->stage, "glibc") && anomaly->address + NEAR >= address &&
		    anomaly->address <= address + NEAR)
			return true;
	}
	return false;
}

static void check_used(struct fixture *fixture)
{
	size_t missing = 0;

	qsort(fixture->used.items, fixture->used.count, sizeof(addr_t), addr_compare);
	vector_each (&fixture->told, address)
		missing += !bsearch(address, fixture->used.items, fixture->used.count,
				    sizeof(addr_t), addr_compare);
	cr_expect_eq(missing, 0u, "%zu of %zu blocks in use are lost", missing,
		     fixture->told.count);
}

static void check(const char *mode)
{
	struct fixture fixture = {.anomalies = anomalies_create()};

	if (crashed_run(&fixture.crashed, PROGRAM, "-O1", mode)) {
		read_record(&fixture);
		analyze(&fixture);
		check_used(&fixture);
		cr_expect(has_anomaly(&fixture, fixture.damaged), "nothing is said of %" PRIx64,
			  fixture.damaged);
		cr_expect(!fixture.writer || has_anomaly(&fixture, fixture.writer),
			  "nothing is said of %" PRIx64 ", which wrote", fixture.writer);
	}
	crashed_clean(&fixture.crashed);
	vector_release(&fixture.told);
	vector_release(&fixture.used);
	anomalies_free(fixture.anomalies);
}

Test(glibc_corrupt, has_a_chunk_of_a_size_too_large)
{
	check("large");
}

Test(glibc_corrupt, has_a_chunk_of_no_size)
{
	check("small");
}

Test(glibc_corrupt, has_a_chunk_of_a_crooked_size)
{
	check("unaligned");
}

Test(glibc_corrupt, has_a_chunk_that_leads_into_another)
{
	check("middle");
}

Test(glibc_corrupt, has_a_tcache_that_goes_round)
{
	check("tcache-loop");
}

Test(glibc_corrupt, has_a_fastbin_that_goes_round)
{
	check("fastbin-loop");
}

Test(glibc_corrupt, has_links_of_a_bin_written_over)
{
	check("bin");
}

Test(glibc_corrupt, has_a_smashed_tcache)
{
	check("smashed-tcache");
}

Test(glibc_corrupt, has_a_top_written_over)
{
	check("top");
}

Test(glibc_corrupt, has_a_heap_whose_header_was_written_over)
{
	check("heap-info");
}
