/*
 * A core made by hand: words of one address in two places, one of them tagged, and in a register.
 */
#include "pipeline/word_scan.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

#define TARGET 0x7f0000001230u

static const uint64_t words[24] = {[3] = TARGET, [20] = TARGET + 1, [21] = TARGET + 8};
static const uint64_t more[3] = {TARGET - 1, 0, TARGET};

static struct core_builder *make_core(void)
{
	struct core_builder *core = core_create();

	core_load(core, (struct core_load){
				.address = 0x10000, .bytes = words, .size = sizeof(words)});
	core_load(core,
		  (struct core_load){.address = 0x20000, .bytes = more, .size = sizeof(more)});
	core_thread(core, 77, 6, 0x1234);
	core_process(core, 42, "app");
	return core;
}

/* What a snapshot of the core says of it. */
static struct scanned_core facts_of(const char *path)
{
	struct stat found;

	cr_assert_eq(stat(path, &found), 0);
	return (struct scanned_core){.path = path,
				     .snapshot = "/nonexistent/x.db",
				     .executable = "",
				     .pid = 42,
				     .file_bytes = (uint64_t)found.st_size,
				     .dumped_bytes = sizeof(words) + sizeof(more)};
}

Test(word_scan, finds_all_words_whatever_their_lowest_bits_are)
{
	struct core_builder *core = make_core();
	struct scanned_core facts = facts_of(core_write(core));
	struct word_scan scan;
	struct error err = {0};

	cr_assert(word_scan(&facts, (struct address_range){TARGET, TARGET + 8}, &scan, &err),
		  "%s", err.message);
	cr_assert_eq(scan.words, 3u);
	cr_expect_eq(scan.hits.items[0].address, 0x10018u);
	cr_expect_eq(scan.hits.items[0].into, 0u);
	cr_expect_eq(scan.hits.items[1].address, 0x100a0u);
	cr_expect_eq(scan.hits.items[1].into, 1u);
	cr_expect_eq(scan.hits.items[2].address, 0x20010u);
	cr_expect_eq(scan.bytes, sizeof(words) + sizeof(more));
	word_scan_release(&scan);
	core_free(core);
}

Test(word_scan, looks_at_registers)
{
	uint8_t status[336] = {77, [32] = 77};
	struct core_builder *core = make_core();
	struct scanned_core facts;
	struct word_scan scan;
	struct error err = {0};
	uint64_t rbx = TARGET;

	memcpy(status + 112 + 8 * REGISTER_RBX, &rbx, sizeof(rbx));
	core_note(core, 1, status, sizeof(status)); /* NT_PRSTATUS */
	facts = facts_of(core_write(core));
	cr_assert(word_scan(&facts, (struct address_range){TARGET, TARGET + 8}, &scan, &err),
		  "%s", err.message);
	cr_assert_eq(scan.words, 4u);
	cr_expect_str_eq(scan.hits.items[0].register_name, "rbx");
	cr_expect_eq(scan.hits.items[0].thread, 77u);
	cr_expect_eq(scan.hits.items[0].address, 0u);
	word_scan_release(&scan);
	core_free(core);
}

static void expect_refused(struct scanned_core facts, const char *message)
{
	struct word_scan scan;
	struct error err = {0};

	cr_assert_not(
		word_scan(&facts, (struct address_range){TARGET, TARGET + 8}, &scan, &err));
	cr_expect(strstr(err.message, message), "%s", err.message);
	word_scan_release(&scan);
}

Test(word_scan, refuses_a_core_that_is_gone_or_another_one)
{
	struct core_builder *core = make_core();
	struct scanned_core facts = facts_of(core_write(core)), other = facts;

	other.path = "/nonexistent/core";
	expect_refused(other, "the core is gone (/nonexistent/core)");
	other = facts;
	other.file_bytes++;
	expect_refused(other, "is not the core that the snapshot was made of");
	other = facts;
	other.pid++;
	expect_refused(other, "is not the core that the snapshot was made of");
	other = facts;
	other.dumped_bytes++;
	expect_refused(other, "is not the core that the snapshot was made of");
	core_free(core);
}

Test(word_scan, finds_a_core_that_was_moved_with_its_snapshot)
{
	struct core_builder *core = make_core();
	const char *path = core_write(core);
	struct scanned_core facts = facts_of(path);
	struct word_scan scan;
	struct error err = {0};
	char moved[256];

	snprintf(moved, sizeof(moved), "/nonexistent%s", path);
	facts.path = moved;
	facts.snapshot = path; /* its folder is what counts */
	cr_assert(word_scan(&facts, (struct address_range){TARGET, TARGET + 8}, &scan, &err),
		  "%s", err.message);
	cr_expect_eq(scan.words, 3u);
	word_scan_release(&scan);
	core_free(core);
}
