#include "typing/typegraph.h"

#include "support/compiled.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>

#define BASE  0x10000u /* of the memory */
#define WORDS 512u

static const char source[] = "struct node { struct node *next; long numbers[6]; };"
			     "struct other { struct other *link; void *anything[6]; };"
			     "struct base { char *name; };"
			     "struct all { struct node *node; struct other *other; char *text;"
			     "	struct base *base; struct node **table; void *anything; int *n;"
			     "	union { struct node *one; long two; } either; } all;";

/* The places of the pointers in struct all, in words. */
enum { NODE, OTHER, TEXT, BASE_POINTER, TABLE, ANYTHING, NUMBER, EITHER };

static struct compiled library;
static struct binary *binary;
static struct debug_info *debug;
static uint64_t words[WORDS];
static struct core_builder *core;
static struct target *target;
static struct anomalies *anomalies;
static struct typegraph *graph;
static bool is_ready;

static void set_up(void)
{
	struct error err = {0};

	if (!compiled_library(&library, source, "-g"))
		return;
	binary = binary_open(library.path, &err);
	cr_assert(binary, "%s", err.message);
	debug = debug_info_open(binary, &(struct debug_options){.anomalies = NULL}, &err);
	cr_assert(debug, "%s", err.message);
	memset(words, 0, sizeof(words));
	is_ready = true;
}

static void tear_down(void)
{
	if (!is_ready)
		return;
	typegraph_free(graph);
	target_detach(target);
	anomalies_free(anomalies);
	core_free(core);
	debug_info_close(debug);
	binary_close(binary);
	compiled_remove(&library);
}

TestSuite(typegraph, .init = set_up, .fini = tear_down);

static addr_t at(size_t word)
{
	return BASE + word * sizeof(words[0]);
}

/* The memory is as it is now; a struct all stands at its start. */
static void open_graph(void)
{
	struct target_options options = {.anomalies = NULL};
	struct error err = {0};
	uint32_t number;

	core = core_create();
	core_load(core, (struct core_load){BASE, words, sizeof(words), 0, NULL});
	options.anomalies = anomalies_create();
	anomalies = options.anomalies;
	target = target_attach(core_open(core, NULL), &options, &err);
	cr_assert(target, "%s", err.message);
	graph = typegraph_create(target, NULL, &err);
	cr_assert(typegraph_add_source(graph, debug, debug_type_named(debug, "all"), "all",
				       &number));
	typegraph_add_place(graph, number, BASE,
			    debug_type(debug, debug_type_named(debug, "all"))->size);
}

static void add_block(size_t word, uint64_t size)
{
	typegraph_add_block(graph, &(struct fit_block){at(word), size, false});
}

static void expect(size_t word, const char *kind, enum type_confidence confidence)
{
	struct error err = {0};
	struct typing typing = {.kind = "nothing"};

	cr_assert(typegraph_solve(graph, &err));
	typegraph_find(graph, at(word), &typing);
	cr_expect_str_eq(typing.kind, kind);
	cr_expect_eq(typing.confidence, confidence);
}

Test(typegraph, is_certain_where_pointer_and_size_agree)
{
	if (!is_ready)
		return;
	words[NODE] = at(20);
	words[20] = at(40);
	open_graph();
	add_block(40, 56);
	add_block(20, 56);
	expect(20, "struct node", TYPE_CERTAIN);
	expect(40, "struct node", TYPE_CERTAIN);
}

Test(typegraph, shows_the_chain)
{
	struct typing typing;
	struct error err = {0};
	char evidence[EVIDENCE_SIZE];

	if (!is_ready)
		return;
	words[NODE] = at(20);
	words[20] = at(40);
	open_graph();
	add_block(20, 56);
	add_block(40, 56);
	cr_assert(typegraph_solve(graph, &err));
	cr_assert(typegraph_find(graph, at(40), &typing));
	typegraph_evidence(graph, typing.block, evidence, sizeof(evidence));
	cr_expect_str_eq(evidence, "all.node->next");
	typegraph_evidence(graph, typing.block, evidence, 6);
	cr_expect_str_eq(evidence, "all.n");
}

Test(typegraph, only_guesses_what_a_larger_block_begins_with)
{
	if (!is_ready)
		return;
	words[NODE] = at(20);
	open_graph();
	add_block(20, 100);
	expect(20, "struct node", TYPE_GUESS);
}

Test(typegraph, takes_no_struct_that_does_not_fit)
{
	if (!is_ready)
		return;
	words[NODE] = at(20);
	open_graph();
	add_block(20, 48);
	expect(20, "nothing", TYPE_UNKNOWN);
}

Test(typegraph, leaves_a_block_in_dispute_unknown_and_what_it_led_to)
{
	if (!is_ready)
		return;
	words[NODE] = words[OTHER] = at(20);
	words[20] = at(40);
	open_graph();
	add_block(20, 56);
	add_block(40, 56);
	expect(20, "nothing", TYPE_UNKNOWN);
	expect(40, "nothing", TYPE_UNKNOWN);
}

Test(typegraph, does_not_believe_pointers_that_lead_nowhere)
{
	if (!is_ready)
		return;
	words[OTHER] = at(20);
	for (size_t i = 20; i < 27; i++)
		words[i] = 0x123456789;
	open_graph();
	add_block(20, 56);
	expect(20, "nothing", TYPE_UNKNOWN);
}

Test(typegraph, asks_text_whether_it_is_text)
{
	if (!is_ready)
		return;
	words[TEXT] = at(20);
	memcpy(&words[20], "a word in use", 14);
	open_graph();
	add_block(20, 24);
	expect(20, "char[]", TYPE_LIKELY);
}

Test(typegraph, does_not_take_bytes_for_text)
{
	if (!is_ready)
		return;
	words[TEXT] = at(20);
	words[20] = 0x0102030405;
	open_graph();
	add_block(20, 24);
	expect(20, "nothing", TYPE_UNKNOWN);
}

/* Structs that begin with a name look like arrays of structs that are but a name. */
Test(typegraph, only_guesses_short_arrays_of_small_structs)
{
	if (!is_ready)
		return;
	words[BASE_POINTER] = at(20);
	open_graph();
	add_block(20, 48);
	expect(20, "struct base", TYPE_GUESS);
}

Test(typegraph, follows_arrays_of_pointers)
{
	if (!is_ready)
		return;
	words[TABLE] = at(20);
	words[23] = at(40);
	open_graph();
	add_block(20, 88);
	add_block(40, 56);
	expect(20, "struct node *[]", TYPE_LIKELY);
	expect(40, "struct node", TYPE_LIKELY);
}

Test(typegraph, learns_nothing_from_void_pointers_and_unions)
{
	if (!is_ready)
		return;
	words[ANYTHING] = at(20);
	words[EITHER] = at(40);
	open_graph();
	add_block(20, 56);
	add_block(40, 56);
	expect(20, "nothing", TYPE_UNKNOWN);
	expect(40, "nothing", TYPE_UNKNOWN);
}

Test(typegraph, ends_where_blocks_lead_to_each_other)
{
	if (!is_ready)
		return;
	words[NODE] = at(20);
	words[20] = at(40);
	words[40] = at(20);
	open_graph();
	add_block(20, 56);
	add_block(40, 56);
	expect(40, "struct node", TYPE_CERTAIN);
}
