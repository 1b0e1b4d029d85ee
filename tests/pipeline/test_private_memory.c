#include "pipeline/private_memory.h"

#include "support/core_builder.h"

#include <criterion/criterion.h>

#define OBJECTS 0x10000u /* two objects of a C type, with a page each */
#define HEAP    0x20000u /* blocks of 64 bytes; number 0 is the first object's, 1 the second's */
#define DATA    0x30000u /* a module's */
#define BLOCK   64u
#define BLOCKS  12u

static uint64_t objects[2][512], heap[BLOCKS][BLOCK / 8], data[512];
static struct collection collection;
static struct graph *graph;

static addr_t object_at(unsigned number)
{
	return OBJECTS + number * 4096;
}

static addr_t block_at(unsigned number)
{
	return HEAP + number * BLOCK;
}

static void claim_block(unsigned block, addr_t owner)
{
	vector_push(&collection.claims, ((struct claim_report){.address = block_at(block),
							       .size = BLOCK,
							       .owner = owner,
							       .kind = "buffer",
							       .opaque = true}));
}

static void begin(void)
{
	struct error err = {0};

	cr_assert(collection_init(&collection, &err), "%s", err.message);
	vector_push(&collection.types,
		    ((struct type_report){.name = "x.Y", .layout = LAYOUT_DWARF, .size = 64}));
	for (unsigned i = 0; i < 2; i++) {
		vector_push(&collection.native_blocks,
			    ((struct block_report){.address = object_at(i), .size = 64}));
		graph_builder_object(
			collection.builder,
			&(struct graph_object){.address = object_at(i), .size = 64});
	}
	for (unsigned i = 0; i < BLOCKS; i++)
		vector_push(&collection.native_blocks,
			    ((struct block_report){.address = block_at(i), .size = BLOCK}));
	claim_block(0, object_at(0));
	claim_block(1, object_at(1));
}

/* Letters: the owner of each block, by number; '-': none. */
static const char *owners(void)
{
	static char letters[BLOCKS + 1];
	struct core_builder *core = core_create();
	struct error err = {0};
	uint64_t dangling;
	struct image *image;

	core_load(core, (struct core_load){
				.address = OBJECTS, .bytes = objects, .size = sizeof(objects)});
	core_load(core,
		  (struct core_load){.address = HEAP, .bytes = heap, .size = sizeof(heap)});
	core_load(core,
		  (struct core_load){.address = DATA, .bytes = data, .size = sizeof(data)});
	image = core_open(core, NULL);
	graph = graph_builder_finish(collection.builder, &dangling, &err);
	cr_assert(graph != NULL, "%s", err.message);
	cr_assert(private_memory_find(image, &collection, graph, &err), "%s", err.message);
	for (unsigned i = 0; i < BLOCKS; i++) {
		const struct claim_report *claim =
			collection_claim_at(&collection, block_at(i));

		letters[i] = !claim || !claim->owner   ? '-'
			     : claim->owner == OBJECTS ? 'a'
						       : 'b';
	}
	image_close(image);
	core_free(core);
	return letters;
}

static void end(void)
{
	graph_free(graph);
	collection_release(&collection);
}

TestSuite(private_memory, .init = begin, .fini = end);

Test(private_memory, is_what_one_object_alone_leads_to)
{
	heap[0][1] = block_at(2);
	heap[2][0] = block_at(3) + 8; /* within the block */
	heap[3][7] = block_at(2);     /* and back */
	objects[1][2] = block_at(4);
	cr_assert_str_eq(owners(), "abaab-------");
}

Test(private_memory, has_no_owner_where_two_objects_lead_to_it)
{
	heap[0][0] = block_at(2);
	heap[1][0] = block_at(3);
	heap[2][0] = heap[3][0] = block_at(4);
	heap[4][0] = block_at(5);
	cr_assert_str_eq(owners(), "abab--------");
}

/* A view of an array has the array's data. */
Test(private_memory, is_of_the_object_that_the_others_keep_alive)
{
	graph_builder_reference(collection.builder, object_at(0),
				names_add(collection.labels, "+0x18"), REFERENCE_GUESS);
	objects[0][2] = objects[1][2] = block_at(2);
	heap[2][0] = block_at(3);
	cr_assert_str_eq(owners(), "abaa--------");
	cr_expect_eq(graph->owned_size[0], 2 * BLOCK);
	cr_expect_eq(graph->owned_size[1], 0u);
}

Test(private_memory, has_no_owner_where_a_variable_refers_to_it)
{
	heap[0][0] = block_at(2);
	heap[2][0] = block_at(3);
	data[100] = block_at(3);
	cr_assert_str_eq(owners(), "aba---------");
}

Test(private_memory, has_no_owner_where_it_is_not_known_who_refers_to_it)
{
	heap[0][0] = block_at(2);
	heap[6][0] = block_at(2); /* of which nobody knows */
	heap[0][1] = block_at(3);
	heap[7][0] = block_at(8); /* a ring that nothing leads to */
	heap[8][0] = block_at(7);
	cr_assert_str_eq(owners(), "ab-a--------");
}

Test(private_memory, is_not_looked_for_in_freed_blocks)
{
	collection.native_blocks.items[2 + 9].state = BLOCK_FREE;
	heap[9][0] = block_at(2);
	heap[0][0] = block_at(2);
	heap[0][1] = block_at(9);
	cr_assert_str_eq(owners(), "aba---------");
}
