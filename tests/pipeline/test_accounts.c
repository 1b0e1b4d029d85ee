#include "pipeline/accounts.h"

#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <elf.h>

#define STACK     0x7f0000000000u
#define TLS       0x7f0000100000u
#define ANONYMOUS 0x7f0000200000u
#define KERNEL    0x7f0000300000u
#define RESERVED  0x7f0000400000u
#define ARENA     0x7f0000500000u
#define ENDED     0x7f0000600000u /* the stack of a thread that ended */
#define PAGE      0x1000u

static struct core_builder *core;
static struct target *target;
static struct anomalies *anomalies;
static struct collection collection;
static struct snapshot snapshot;

static void load(addr_t address, uint64_t size, const char *flags)
{
	core_load(core, (struct core_load){.address = address, .size = size, .flags = flags});
}

/* One thread, whose stack pointer is in the last page of its stack. */
static void begin(void)
{
	struct error err = {0};
	uint8_t status[336] = {0};
	uint64_t stack = STACK + 3 * PAGE + 128, control = TLS + 64;

	cr_assert(collection_init(&collection, &err), "%s", err.message);
	core = core_create();
	memcpy(status + 112 + REGISTER_RSP * 8, &stack, 8);
	memcpy(status + 112 + REGISTER_FS_BASE * 8, &control, 8);
	core_note(core, NT_PRSTATUS, status, sizeof(status));
	load(STACK, 4 * PAGE, "rw");
	load(TLS, PAGE, "rw");
	load(ANONYMOUS, 2 * PAGE, "rw");
	load(KERNEL, PAGE, "r");
	core_file(core, (struct core_file){KERNEL, KERNEL + PAGE, 0, "[vvar]"});
	load(RESERVED, PAGE, "");
	load(ARENA, 16 * PAGE, "rw");
}

static void fill(void)
{
	struct target_options options = {0};
	struct error err = {0};
	struct image *image = core_open(core, &anomalies);
	uint64_t dangling;

	options.anomalies = anomalies;
	target = target_attach(image, &options, &err);
	cr_assert(target != NULL, "%s", err.message);
	snapshot.graph = graph_builder_finish(collection.builder, &dangling, &err);
	cr_assert(accounts_fill(target, &collection, &snapshot, &err), "%s", err.message);
}

static void end(void)
{
	target_detach(target);
	core_free(core);
	graph_free((struct graph *)snapshot.graph);
	snapshot_release(&snapshot);
	collection_release(&collection);
}

static uint64_t bytes_in(const char *bucket)
{
	vector_each (&snapshot.accounting, row)
		if (!strcmp(row->bucket, bucket))
			return row->bytes;
	return 0;
}

static bool has_parts(const char *bucket)
{
	vector_each (&snapshot.accounting, row)
		if (!strcmp(row->parent, bucket))
			return true;
	return false;
}

static uint64_t sum_of_leaves(void)
{
	uint64_t bytes = 0;

	vector_each (&snapshot.accounting, row)
		if (!has_parts(row->bucket))
			bytes += row->bytes;
	return bytes;
}

TestSuite(accounts, .init = begin, .fini = end);

Test(accounts, name_mappings_by_what_is_in_them)
{
	fill();
	cr_assert_eq(sum_of_leaves(), 25 * PAGE);
	cr_assert_eq(bytes_in("dump"), 25 * PAGE);
	cr_assert_eq(bytes_in("stacks in use"), PAGE);
	cr_assert_eq(bytes_in("unused part of stacks"), 3 * PAGE);
	cr_assert_eq(bytes_in("thread-local storage"), PAGE);
	cr_assert_eq(bytes_in("pages of the kernel"), PAGE);
	cr_assert_eq(bytes_in("reserved address space"), PAGE);
	cr_assert_eq(bytes_in("unexplained"), 18 * PAGE);
	cr_assert_eq(bytes_in("unexplained at 0x7f0000200000"), 2 * PAGE);
}

/* The mapping behind it has become one with it. */
Test(accounts, know_a_stack_that_the_c_library_keeps_for_new_threads)
{
	static uint64_t words[5 * PAGE / 8];
	uint64_t at = 4 * PAGE - 0x900;

	words[at / 8] = words[at / 8 + 2] = ENDED + at;
	words[at / 8 + 210] = ENDED - PAGE; /* where the guard page is */
	words[at / 8 + 211] = 5 * PAGE;
	core_load(core,
		  (struct core_load){.address = ENDED, .bytes = words, .size = sizeof(words)});
	fill();
	cr_assert_eq(sum_of_leaves(), 30 * PAGE);
	cr_assert_eq(bytes_in("thread stacks"), 8 * PAGE);
	cr_assert_eq(bytes_in("stacks kept for new threads"), 4 * PAGE);
	cr_assert_eq(bytes_in("unexplained at 0x7f0000600000"), PAGE);
}

Test(accounts, take_from_a_mapping_what_an_allocator_has_of_it)
{
	struct collected_arena arena = {
		"pymalloc", {.address = ARENA, .size = 8 * PAGE, .pools = 2, .free_pools = 1}};
	struct pool_report free_pool = {.address = ARENA + 4 * PAGE, .size = 4 * PAGE};
	struct pool_report pool = {.address = ARENA,
				   .size = 4 * PAGE,
				   .header = 48,
				   .block_size = 512,
				   .capacity = 31,
				   .used = 1};
	struct block_report block = {.address = ARENA + 48, .size = 512};
	struct claim_report claim = {
		.address = ARENA + 48, .size = 512, .kind = "dict-keys", .owner = 1};

	vector_push(&collection.arenas, arena);
	vector_push(&collection.pools, ((struct collected_pool){0, pool}));
	vector_push(&collection.pools, ((struct collected_pool){0, free_pool}));
	vector_push(&collection.blocks, block);
	vector_push(&collection.claims, claim);
	fill();
	cr_assert_eq(sum_of_leaves(), 25 * PAGE);
	cr_assert_eq(bytes_in("pymalloc"), 8 * PAGE);
	cr_assert_eq(bytes_in("free pools"), 4 * PAGE);
	cr_assert_eq(bytes_in("free blocks"), 30 * 512);
	cr_assert_eq(bytes_in("dict keys in pools"), 512);
	cr_assert_eq(bytes_in("pool headers and rests"), 512);
	cr_assert_eq(bytes_in("unexplained at 0x7f0000500000"), 8 * PAGE);
}
