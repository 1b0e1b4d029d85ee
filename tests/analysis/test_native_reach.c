/*
 * Blocks and words by hand.  A text says it all: "a:32 b:64 !a a>b b+40>c" are blocks with their
 * sizes, roots, and a word in a block; `>b+8` leads 8 bytes in.
 */
#include "analysis/native_reach.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MOST   26u
#define MEMORY 0x40000u
#define BASE   0x7f0000000000u

struct world {
	struct native_block blocks[MOST];
	uint32_t count;
	uint8_t bytes[MEMORY];
	addr_t roots[MOST];
	size_t root_count;
	uint64_t missing; /* first byte of memory that is not there; 0: all is */
};

static void give_roots(void *context, struct native_search *search)
{
	struct world *world = context;

	native_search_words(search, (const uint8_t *)world->roots,
			    world->root_count * sizeof(addr_t));
}

/* At most 64 bytes at a time, as if memory was in pieces. */
static const uint8_t *give_bytes(void *context, addr_t address, uint64_t size,
				 uint64_t *ret_size)
{
	struct world *world = context;

	*ret_size = size < 64 ? size : 64;
	return world->missing && address - BASE >= world->missing
		       ? NULL
		       : world->bytes + (address - BASE);
}

static void put(struct world *world, addr_t address, uint64_t word)
{
	memcpy(world->bytes + (address - BASE), &word, sizeof(word));
}

/* "b+40" */
static addr_t place(const struct world *world, const char **text)
{
	addr_t address = world->blocks[*(*text)++ - 'a'].address;

	if (**text == '+')
		address += strtoul(*text + 1, (char **)text, 10);
	return address;
}

static void add_block(struct world *world, const char **text)
{
	struct native_block *block = &world->blocks[world->count];
	addr_t end = world->count ? block[-1].address + block[-1].size : BASE;

	block->address = end + (world->count ? 8 : 0);
	block->size = strtoul(*text + 1, (char **)text, 10);
	block->tail = 8;
	world->count++;
}

static void add_word(struct world *world, const char **text)
{
	addr_t from;

	if ((*text)[1] == ':') {
		++*text;
		add_block(world, text);
		return;
	}
	if (**text == '!') {
		++*text;
		world->roots[world->root_count++] = place(world, text);
		return;
	}
	from = place(world, text);
	++*text; /* > */
	put(world, from, place(world, text));
}

static void read_world(struct world *world, const char *text)
{
	for (; *text; text += *text == ' ')
		add_word(world, &text);
}

static struct native_reach reach_of(struct world *world)
{
	struct native_source source = {
		.blocks = world->blocks,
		.count = world->count,
		.context = world,
		.roots = give_roots,
		.view = give_bytes,
	};
	struct native_reach reach;
	struct error err = {0};

	cr_assert(native_reach_compute(&source, &reach, &err), "%s", err.message);
	return reach;
}

/* r: reachable; P, D: a head, possibly and definitely lost; p, d: what goes with one. */
static void expect(const char *text, const char *expected)
{
	struct world *world = calloc(1, sizeof(*world));
	struct native_reach reach;
	char found[MOST + 1] = "";

	read_world(world, text);
	reach = reach_of(world);
	for (uint32_t i = 0; i < world->count; i++) {
		bool is_head = reach.head[i] == i;

		found[i] = reach.state[i] == NATIVE_REACHABLE  ? 'r'
			   : reach.state[i] == NATIVE_POSSIBLE ? (is_head ? 'P' : 'p')
							       : (is_head ? 'D' : 'd');
		cr_expect_eq(reach.head[i] == NATIVE_NONE, found[i] == 'r');
	}
	cr_expect_str_eq(found, expected, "%s: %s, expected %s", text, found, expected);
	native_reach_release(&reach);
	free(world);
}

Test(native_reach, loses_what_no_pointer_leads_to)
{
	expect("a:40 b:40", "DD");
}

Test(native_reach, follows_pointers_from_roots_through_blocks)
{
	expect("a:40 b:40 c:40 !a a+16>b b+32>c", "rrr");
}

Test(native_reach, takes_tags_cookies_and_headers_for_start_pointers)
{
	expect("a:48 b:48 c:48 d:48 e:48 !a !b+1 !c+8 !d+16 !e+32", "rrrrr");
}

Test(native_reach, doubts_what_only_an_interior_pointer_leads_to)
{
	expect("a:48 b:400 !a+33 a>b", "Pp");
}

Test(native_reach, believes_the_start_pointer_where_there_are_both)
{
	expect("a:80 b:40 !a+40 !a !b b>a+40", "rr");
}

Test(native_reach, takes_one_past_the_end_for_no_pointer)
{
	expect("a:40 b:24 !a+32 !a+40 !b+16 !b+24", "DD");
}

Test(native_reach, takes_an_interior_pointer_for_a_start_where_the_block_knows_its_own)
{
	expect("a:400 b:40 !a+64 a+72>a a+80>b", "rr");
}

Test(native_reach, counts_what_a_lost_block_leads_to_as_lost_with_it)
{
	expect("a:40 b:40 c:40 d:40 b>a a>c c>d", "dDdd");
}

Test(native_reach, makes_one_of_a_lost_cycle_its_head)
{
	struct world *world = calloc(1, sizeof(*world));
	struct native_reach reach;

	read_world(world, "a:40 b:40 c:40 a>b b>c c>a");
	reach = reach_of(world);
	cr_expect_eq(reach.head[0], reach.head[1]);
	cr_expect_eq(reach.head[0], reach.head[2]);
	cr_expect_eq(reach.head[reach.head[0]], reach.head[0]);
	native_reach_release(&reach);
	free(world);
}

/* Whichever of the cycle comes first, and wherever it is entered. */
Test(native_reach, makes_no_head_of_a_cycle_that_a_lost_block_leads_to)
{
	expect("a:40 b:40 c:40 d:40 a>b b>c c>a d>b", "dddD");
	expect("a:40 b:40 c:40 d:40 b>c c>d d>b a>d", "Dddd");
}

Test(native_reach, gives_a_block_that_two_lead_to_to_one_of_them)
{
	struct world *world = calloc(1, sizeof(*world));
	struct native_reach reach;

	read_world(world, "a:40 b:40 c:40 a>c b>c");
	reach = reach_of(world);
	cr_expect_eq(reach.head[0], 0u);
	cr_expect_eq(reach.head[1], 1u);
	cr_expect_lt(reach.head[2], 2u);
	native_reach_release(&reach);
	free(world);
}

Test(native_reach, lets_no_pointer_to_itself_save_a_block)
{
	expect("a:40 a+8>a", "D");
}

Test(native_reach, goes_on_behind_the_end_of_a_piece_of_memory)
{
	expect("a:400 b:40 !a a+392>b", "rr");
}

Test(native_reach, finds_blocks_far_apart_and_large_ones)
{
	expect("a:24 b:70000 c:24 d:24 !b b+69984>c c>d", "Drrr");
}

Test(native_reach, reads_nothing_of_what_is_missing)
{
	struct world *world = calloc(1, sizeof(*world));
	struct native_reach reach;

	read_world(world, "a:40 b:40 !a a>b");
	world->missing = 1;
	world->blocks[0].address += 8;
	world->roots[0] += 8;
	reach = reach_of(world);
	cr_expect_eq(reach.state[0], NATIVE_REACHABLE);
	cr_expect_eq(reach.state[1], NATIVE_LOST);
	native_reach_release(&reach);
	free(world);
}

enum { LONG = 100000 };

static const uint8_t *give_list(void *context, addr_t address, uint64_t size,
				uint64_t *ret_size)
{
	*ret_size = size;
	return (const uint8_t *)context + (address - BASE);
}

static void give_nothing(void *context, struct native_search *search)
{
	(void)context;
	(void)search;
}

/* Each leads to the one before it, so that the walk is as deep as can be. */
Test(native_reach, walks_a_long_list_without_recursion)
{
	struct native_block *blocks = malloc(LONG * sizeof(*blocks));
	uint64_t(*memory)[4] = calloc(LONG, sizeof(*memory));
	struct native_source source = {.blocks = blocks,
				       .count = LONG,
				       .context = memory,
				       .roots = give_nothing,
				       .view = give_list};
	struct native_reach reach;
	struct error err = {0};

	cr_assert(blocks && memory);
	for (uint32_t i = 0; i < LONG; i++) {
		blocks[i] = (struct native_block){BASE + i * 32ul, 24, 8};
		memory[i][1] = i ? blocks[i - 1].address : 0;
	}
	cr_assert(native_reach_compute(&source, &reach, &err), "%s", err.message);
	for (uint32_t i = 0; i < LONG; i++)
		cr_assert_eq(reach.head[i], LONG - 1u);
	native_reach_release(&reach);
	free(memory);
	free(blocks);
}

Test(native_reach, has_nothing_to_say_about_no_blocks)
{
	expect("", "");
}
