#include "pipeline/findings/findings.h"
#include "pipeline/leak_groups.h"

#include <criterion/criterion.h>

static void add_leak(struct snapshot *snapshot, enum leak_kind kind, uint64_t bytes)
{
	vector_push(&snapshot->leaks, ((struct snapshot_leak){.kind = kind,
							      .grade = GRADE_PROVEN,
							      .object = OBJECT_NONE,
							      .block = OBJECT_NONE,
							      .bytes = bytes}));
}

static void make(struct collection *collection, struct snapshot *snapshot)
{
	struct error err = {0};

	cr_assert(collection_init(collection, &err), "%s", err.message);
	cr_assert(leak_groups_make(collection, snapshot, &err), "%s", err.message);
	cr_assert(findings_make(collection, snapshot, &err), "%s", err.message);
}

static void release(struct collection *collection, struct snapshot *snapshot)
{
	snapshot_release(snapshot);
	collection_release(collection);
}

Test(findings, are_ranked_by_bytes_and_certainty_whatever_their_severity)
{
	struct collection collection = {0};
	struct snapshot snapshot = {0};

	add_leak(&snapshot, LEAK_GARBAGE, 4 << 20);
	add_leak(&snapshot, LEAK_REFCOUNT, 64);
	vector_push(&snapshot.pools,
		    ((struct snapshot_pool){.report = {.size = 16 << 20, .block_size = 0}}));
	make(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 3u);
	cr_assert_str_eq(snapshot.findings.items[0].kind, "garbage");
	cr_assert_str_eq(snapshot.findings.items[1].kind, "retention");
	cr_assert_str_eq(snapshot.findings.items[2].kind, "refcount");
	release(&collection, &snapshot);
}

Test(findings, tell_that_the_collector_is_off)
{
	struct collection collection = {0};
	struct snapshot snapshot = {0};

	add_leak(&snapshot, LEAK_GARBAGE, 4 << 20);
	vector_push(&snapshot.collectors, ((struct collector_report){.enabled = false}));
	make(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 1u);
	cr_expect(strstr(snapshot.findings.items[0].advice, "gc.enable()"), "%s",
		  snapshot.findings.items[0].advice);
	release(&collection, &snapshot);
}

Test(findings, tell_of_native_blocks_that_are_lost_for_sure)
{
	struct collection collection = {0};
	struct snapshot snapshot = {0};

	add_leak(&snapshot, LEAK_NATIVE, 4096);
	vector_push(&snapshot.leaks, ((struct snapshot_leak){.kind = LEAK_NATIVE,
							     .grade = GRADE_PROBABLE,
							     .object = OBJECT_NONE,
							     .block = OBJECT_NONE,
							     .bytes = 1000}));
	make(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 1u);
	cr_expect_str_eq(snapshot.findings.items[0].kind, "native");
	cr_expect_eq(snapshot.findings.items[0].bytes, 4096u);
	release(&collection, &snapshot);
}

Test(findings, are_one_for_each_module_that_could_have_leaked_references)
{
	static const char *const holders[] = {"a.so", "b.so", "a.so", NULL};
	struct collection collection = {0};
	struct snapshot snapshot = {0};

	for (size_t i = 0; i < ARRAY_COUNT(holders); i++) {
		add_leak(&snapshot, LEAK_REFCOUNT, 100 << i);
		snapshot.leaks.items[i].fingerprint = i;
		snapshot.leaks.items[i].holder = holders[i];
		snapshot.leaks.items[i].evidence = "it does";
	}
	make(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 3u);
	cr_expect_eq(snapshot.findings.items[0].bytes, 800u);
	cr_expect_eq(snapshot.findings.items[1].bytes, 500u);
	cr_expect(strstr(snapshot.findings.items[1].title, "a.so"));
	cr_expect(strstr(snapshot.findings.items[1].query, "'a.so'"));
	cr_expect(strstr(snapshot.findings.items[1].evidence, "a.so: it does"));
	cr_expect_not(strstr(snapshot.findings.items[0].title, ".so"));
	release(&collection, &snapshot);
}

static void add_waste(struct snapshot *snapshot, const char *kind, const char *holder,
		      uint64_t savings)
{
	vector_push(&snapshot->waste, ((struct snapshot_waste){.kind = kind,
							       .holder = holder,
							       .advice = "save it",
							       .objects = 40000,
							       .distinct = 2,
							       .savings = savings,
							       .bytes = savings,
							       .example = OBJECT_NONE}));
}

Test(findings, name_the_holders_of_much_waste_and_no_others)
{
	struct collection collection = {0};
	struct snapshot snapshot = {0};
	struct error err = {0};

	vector_push(&snapshot.accounting,
		    ((struct snapshot_bucket){.bucket = "pymalloc", .bytes = 100u << 20}));
	add_waste(&snapshot, "duplicate-text", "app.Row.country", 6u << 20);
	add_waste(&snapshot, "empty-list", "app.Row.tags", 5u << 20);
	add_waste(&snapshot, "empty-dict", "app.Row.notes", 4u << 20);
	add_waste(&snapshot, "empty-dict", "", 9u << 20);
	cr_assert(collection_init(&collection, &err), "%s", err.message);
	cr_assert(findings_make(&collection, &snapshot, &err), "%s", err.message);
	cr_assert_eq(snapshot.findings.count, 3u); /* the last is the verdict */
	cr_assert_str_eq(snapshot.findings.items[0].title,
			 "40,000 strings in app.Row.country, only 2 of them different");
	cr_assert_str_eq(snapshot.findings.items[0].query, "SELECT * FROM waste WHERE id = 1");
	cr_assert_str_eq(snapshot.findings.items[1].title,
			 "40,000 empty lists in app.Row.tags");
	vector_release(&snapshot.findings);
	vector_release(&snapshot.waste);
	vector_release(&snapshot.accounting);
	collection_release(&collection);
}
