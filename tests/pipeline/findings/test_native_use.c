#include "pipeline/findings/findings.h"

#include <criterion/criterion.h>

#define MIB ((uint64_t)1 << 20)

static struct collection collection;
static struct snapshot snapshot;
static const uint32_t type_of_object;
static const struct graph graph = {.type = &type_of_object};

static void open_process(void)
{
	struct error err = {0};
	struct type_report type = {.name = "zlib.Compress"};

	cr_assert(collection_init(&collection, &err), "%s", err.message);
	vector_push(&collection.types, type);
	snapshot.graph = &graph;
}

static void close_process(void)
{
	vector_release(&snapshot.findings);
	vector_release(&snapshot.blocks);
	collection_release(&collection);
}

static void add_blocks(size_t count, struct snapshot_block block)
{
	block.size = MIB / 4;
	block.allocator = "glibc";
	while (count--)
		vector_push(&snapshot.blocks, block);
}

static void make_findings(size_t expected)
{
	struct error err = {0};

	cr_assert(findings_make(&collection, &snapshot, &err), "%s", err.message);
	cr_assert_eq(snapshot.findings.count, expected);
}

static void expect_title(const char *expected)
{
	const struct snapshot_finding *finding = &snapshot.findings.items[0];

	cr_expect_str_eq(finding->kind, "native-use");
	cr_expect(!strncmp(finding->title, expected, strlen(expected)), "%s", finding->title);
}

TestSuite(native_use, .init = open_process, .fini = close_process);

Test(native_use, is_told_by_what_points_to_it)
{
	uint32_t holder = names_add(collection.labels, "table (libcache.so)") + 1;

	add_blocks(8, (struct snapshot_block){.kind = "",
					      .confidence = "",
					      .owner = OBJECT_NONE,
					      .holder = holder});
	make_findings(1);
	expect_title("table (libcache.so) has 2.0 MiB");
}

Test(native_use, is_told_by_the_variable_of_a_c_type)
{
	uint32_t evidence = names_add(collection.labels, "sessions[]") + 1;

	add_blocks(8, (struct snapshot_block){.kind = "struct session",
					      .confidence = "certain",
					      .owner = OBJECT_NONE,
					      .evidence = evidence});
	make_findings(1);
	expect_title("sessions[] (struct session) has 2.0 MiB");
}

Test(native_use, is_not_what_is_free_small_an_objects_or_the_runtimes)
{
	add_blocks(8, (struct snapshot_block){
			      .kind = "private", .confidence = "", .state = BLOCK_FREE});
	add_blocks(8, (struct snapshot_block){
			      .kind = "dict-keys", .confidence = "", .owner = OBJECT_NONE});
	add_blocks(8, (struct snapshot_block){.kind = "private", .confidence = ""});
	make_findings(0);
}
