#include "pipeline/verdict.h"

#include <criterion/criterion.h>

#define MIB ((uint64_t)1 << 20)

static struct collection collection;
static struct snapshot snapshot;
static struct snapshot_finding finding;

static void open_process(void)
{
	struct error err = {0};

	cr_assert(collection_init(&collection, &err), "%s", err.message);
}

static void close_process(void)
{
	vector_release(&snapshot.accounting);
	vector_release(&snapshot.leaks);
	vector_release(&snapshot.arenas);
	collection_release(&collection);
}

static void add_bucket(const char *name, uint64_t bytes)
{
	vector_push(&snapshot.accounting,
		    ((struct snapshot_bucket){.bucket = name, .parent = "", .bytes = bytes}));
}

static void add_leak(enum leak_kind kind, enum leak_grade grade, uint64_t bytes)
{
	vector_push(&snapshot.leaks,
		    ((struct snapshot_leak){.kind = kind, .grade = grade, .bytes = bytes}));
}

static void add_arena(uint64_t size, uint32_t pools, uint32_t free_pools)
{
	struct arena_report report = {.size = size, .pools = pools, .free_pools = free_pools};

	vector_push(&snapshot.arenas,
		    ((struct snapshot_arena){.allocator = "pymalloc", .report = report}));
}

static const char *sentence(void)
{
	cr_assert(verdict_find(&collection, &snapshot, &finding));
	return finding.title;
}

static enum verdict verdict_with(uint64_t leaked, uint64_t live, uint64_t retained,
				 uint64_t native)
{
	struct verdict_figures figures = {.memory = leaked + live + retained + native,
					  .leaked = leaked,
					  .live = live,
					  .retained = retained,
					  .native = native};

	return verdict_of(&figures);
}

TestSuite(verdict, .init = open_process, .fini = close_process);

Test(verdict, is_the_largest_of_live_retained_and_native_memory)
{
	cr_assert_eq(verdict_with(0, 20 * MIB, 2048 * MIB, 3 * MIB), VERDICT_RETENTION);
	cr_assert_eq(verdict_with(0, 20 * MIB, 5 * MIB, 300 * MIB), VERDICT_NATIVE);
	cr_assert_eq(verdict_with(0, 200 * MIB, 50 * MIB, 60 * MIB), VERDICT_LIVE);
	cr_assert_eq(verdict_with(0, 7, 7, 7), VERDICT_LIVE);
}

Test(verdict, is_a_leak_from_an_eighth_of_the_memory_on)
{
	cr_assert_eq(verdict_with(20 * MIB, 80 * MIB, 40 * MIB, 20 * MIB), VERDICT_LEAK);
	cr_assert_eq(verdict_with(19 * MIB, 81 * MIB, 40 * MIB, 20 * MIB), VERDICT_LIVE);
}

Test(verdict, calls_no_leak_what_is_less_than_a_mebibyte)
{
	cr_assert_eq(verdict_with(MIB - 1, 1, 1, 1), VERDICT_LIVE);
}

Test(verdict, is_missing_where_nothing_is_accounted_for)
{
	cr_assert_not(verdict_find(&collection, &snapshot, &finding));
}

Test(verdict, says_how_much_of_what_is_retained_can_be_returned)
{
	struct block_report chunk = {.address = 0x10010, .size = 0x3ff0, .state = BLOCK_FREE};

	add_bucket("pymalloc", 100 * MIB);
	add_bucket("native", 4 * MIB);
	add_bucket("free pools", 90 * MIB);
	add_bucket("free chunks", 0x3ff0);
	add_bucket("top", MIB);
	add_arena(MIB, 64, 64);
	add_arena(MIB, 64, 63);
	vector_push(&collection.native_blocks, chunk);
	cr_assert_str_eq(sentence(), "This is allocator retention: 91.0 MiB of 104.0 MiB hold "
				     "nothing; 2.0 MiB can be "
				     "returned to the system now, 89.0 MiB only when what pins "
				     "it is freed (1 arenas "
				     "of small objects have something in them)");
	/* The pages of the chunk but its first, which has the links. */
	cr_assert_eq(verdict_figures(&collection, &snapshot).returnable, 2 * MIB + 0x3000);
}

Test(verdict, takes_leaked_native_blocks_from_the_native_memory)
{
	struct verdict_figures figures;

	add_bucket("native", 100 * MIB);
	add_bucket("native blocks", 90 * MIB);
	add_bucket("objects outside pools", 10 * MIB);
	cr_assert(!strncmp(sentence(), "This is native memory: 90.0 MiB of 100.0 MiB", 44),
		  "%s", finding.title);
	add_leak(LEAK_NATIVE, GRADE_PROVEN, 80 * MIB);
	add_leak(LEAK_NATIVE, GRADE_PROBABLE, 5 * MIB);
	cr_assert_str_eq(sentence(),
			 "This is a leak: 80.0 MiB of 100.0 MiB are lost, 80.0 MiB in "
			 "native blocks that nothing refers to");
	figures = verdict_figures(&collection, &snapshot);
	cr_assert_eq(figures.native, 10 * MIB);
	cr_assert_eq(figures.live, 10 * MIB);
}

Test(verdict, takes_leaked_objects_from_the_live_heap)
{
	add_bucket("pymalloc", 100 * MIB);
	add_bucket("objects in pools", 100 * MIB);
	add_leak(LEAK_REFCOUNT, GRADE_PROVEN, 60 * MIB);
	add_leak(LEAK_GARBAGE, GRADE_PROVEN, 10 * MIB);
	cr_assert_str_eq(sentence(),
			 "This is a leak: 70.0 MiB of 100.0 MiB are lost, 70.0 MiB in "
			 "objects that nothing in the program can reach");
	cr_assert_eq(verdict_figures(&collection, &snapshot).live, 30 * MIB);
	cr_assert_str_eq(finding.severity, "critical");
}
