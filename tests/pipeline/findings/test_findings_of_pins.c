#include "pipeline/findings/findings.h"

#include <criterion/criterion.h>

static void add_release(struct snapshot *snapshot, enum release_kind kind, const char *path,
			uint64_t returned, uint64_t together)
{
	vector_push(&snapshot->releases, ((struct snapshot_release){.kind = kind,
								    .path = path,
								    .type = "builtins.bytes",
								    .is_object_type = true,
								    .typed = 1334,
								    .pins = 1335,
								    .arenas = 9,
								    .returned = returned,
								    .together = together}));
}

static void find(struct collection *collection, struct snapshot *snapshot)
{
	struct error err = {0};

	cr_assert(collection_init(collection, &err), "%s", err.message);
	cr_assert(findings_make(collection, snapshot, &err), "%s", err.message);
}

static void release(struct collection *collection, struct snapshot *snapshot)
{
	vector_release(&snapshot->findings);
	vector_release(&snapshot->releases);
	vector_release(&snapshot->pools);
	collection_release(collection);
}

Test(findings_of_pins, name_who_holds_the_pins)
{
	struct collection collection;
	struct snapshot snapshot = {0};
	const struct snapshot_finding *findings;

	add_release(&snapshot, RELEASE_GARBAGE, "", 64 << 20, 0);
	add_release(&snapshot, RELEASE_HOLDER, "modules['app'].SEEN", 8 << 20, 8 << 20);
	add_release(&snapshot, RELEASE_PINS, "modules['app'].INDEX", 6 << 20, 10 << 20);
	find(&collection, &snapshot);
	findings = snapshot.findings.items;
	cr_assert_eq(snapshot.findings.count, 2u);
	cr_expect_str_eq(findings[0].title,
			 "1,334 bytes objects in modules['app'].SEEN keep 8.0 MiB of free "
			 "memory from the system");
	cr_expect_str_eq(findings[1].title,
			 "1,334 bytes objects that modules['app'].INDEX refers to keep 2.0 MiB "
			 "of free memory from the system");
	cr_expect_eq(findings[1].bytes, 2u << 20, "what it adds");
	cr_expect(strstr(findings[1].query, "release_id = 3") != NULL);
	release(&collection, &snapshot);
}

Test(findings_of_pins, count_free_memory_alone)
{
	struct collection collection;
	struct snapshot snapshot = {0};

	/* A cache of half the heap: with it go its own arenas, and one that was nearly empty. */
	add_release(&snapshot, RELEASE_HOLDER, "modules['app'].CACHE", 64 << 20, 64 << 20);
	snapshot.releases.items[0].bytes = (64 << 20) - (3 << 19);
	find(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 1u);
	cr_expect_eq(snapshot.findings.items[0].bytes, 3u << 19);
	release(&collection, &snapshot);
}

Test(findings_of_pins, do_not_blame_a_heap_on_the_last_of_its_holders)
{
	struct collection collection;
	struct snapshot snapshot = {0};

	add_release(&snapshot, RELEASE_HOLDER, "modules['app'].CACHE", 0, 0);
	snapshot.releases.items[0].bytes = 64 << 20;
	add_release(&snapshot, RELEASE_PINS, "thread 1 frame main() local 'i'", 0, 64 << 20);
	find(&collection, &snapshot);
	cr_expect_eq(snapshot.findings.count, 0u);
	release(&collection, &snapshot);
}

Test(findings_of_pins, tell_of_holders_that_pin_only_together)
{
	struct collection collection;
	struct snapshot snapshot = {0};

	add_release(&snapshot, RELEASE_HOLDER, "modules['app'].SEEN", 0, 0);
	add_release(&snapshot, RELEASE_HOLDER, "modules['app'].INDEX", 0, 5 << 20);
	find(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 1u);
	cr_expect_str_eq(snapshot.findings.items[0].title,
			 "2,670 objects and blocks of 2 holders together keep 5.0 MiB of free "
			 "memory from the system");
	release(&collection, &snapshot);
}

Test(findings_of_pins, do_not_tell_of_pinned_memory_twice)
{
	struct collection collection;
	struct snapshot snapshot = {0};

	vector_push(&snapshot.pools,
		    ((struct snapshot_pool){.report = {.size = 8 << 20, .block_size = 0}}));
	add_release(&snapshot, RELEASE_HOLDER, "modules['app'].SEEN", 8 << 20, 8 << 20);
	find(&collection, &snapshot);
	cr_assert_eq(snapshot.findings.count, 1u);
	cr_expect_str_eq(snapshot.findings.items[0].kind, "pins");
	release(&collection, &snapshot);
}
