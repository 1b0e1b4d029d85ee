/*
 * References that C libraries keep for extension modules: a module hands an object over as a
 * callback's user data, together with a function of its own that gives the reference back, and
 * the library keeps both side by side in memory of its own.
 *
 * Where the library has no debug info, the module's function tells: a word of a used block that
 * is its address, in the surroundings that the library's struct has, is the only owner.
 *
 *	SQLite (3.7 to 3.50)	offsets from the destructor's word
 *	FuncDestructor		-8 how many functions share it (int), +8 user data
 *	CollSeq			-16 user data, -8 the comparing function
 */
#include "runtime/cpython/walk.h"

#define MOST_SHARERS 1000

struct keeper {
	const char *init;       /* the module is the one that defines it */
	const char *destructor; /* the module's function that gives the data back */
	const char *companion;  /* another one of it, before the destructor; NULL: a count */
	int32_t data_at;        /* bytes from the destructor's word to the data's */
	const char *context;    /* struct that the data points to; NULL: an object */
	const char *label;
};

static const struct keeper keepers[] = {
	{"PyInit__sqlite3", "_destructor", NULL, 8, NULL, "sqlite3 function"},
	{"PyInit__sqlite3", "_destructor", "pysqlite_collation_callback", -16, NULL,
	 "sqlite3 collation"},
	{"PyInit__sqlite3", "destructor_callback", NULL, 8, "callback_context",
	 "sqlite3 function"},
	{"PyInit__sqlite3", "destructor_callback", "collation_callback", -16,
	 "callback_context", "sqlite3 collation"},
};

/* A keeper of this process: its functions found. */
struct found_keeper {
	const struct keeper *keeper;
	struct module *module;
	addr_t destructor, companion; /* companion: 0 if it has none */
};

static bool find_keeper(struct walk *walk, const struct keeper *keeper, struct module *module,
			struct found_keeper *ret)
{
	struct target *target = walk->python->target;
	struct binary_symbol init;

	*ret = (struct found_keeper){.keeper = keeper, .module = module};
	return binary_symbol(module->binary, keeper->init, &init) && !init.is_undefined &&
	       module_symbol(target, module, keeper->destructor, &ret->destructor) &&
	       (!keeper->companion ||
		module_symbol(target, module, keeper->companion, &ret->companion));
}

static size_t find_keepers(struct walk *walk, struct found_keeper *ret, size_t room)
{
	size_t count = 0;

	for (size_t m = 0; m < target_module_count(walk->python->target); m++)
		for (size_t i = 0; i < ARRAY_COUNT(keepers) && count < room; i++)
			count += find_keeper(walk, &keepers[i],
					     target_module(walk->python->target, m),
					     &ret[count]);
	return count;
}

static void hold_context(struct walk *walk, const struct found_keeper *found, addr_t context)
{
	struct debug_info *debug = module_debug(walk->python->target, found->module);
	uint32_t id = debug ? debug_type_named(debug, found->keeper->context) : DEBUG_NONE;
	const struct plan *plan = id == DEBUG_NONE ? NULL : plan_for(walk->plans, debug, id);

	if (!plan)
		return;
	walk_plan(walk, plan, context, found->keeper->label, REFERENCE_COUNTED);
	walk_claim(walk, 0, context, plan->size, "callback", false);
}

/* Is the destructor's word at `at` one of the struct that the keeper describes? */
static bool surroundings_fit(const struct found_keeper *found, const uint8_t *bytes,
			     uint64_t size, uint64_t at)
{
	int64_t data_at = (int64_t)at + found->keeper->data_at;
	uint32_t sharers;

	if (at < 8 || data_at < 0 || (uint64_t)data_at + 8 > size)
		return false;
	if (found->companion)
		return word_at(bytes + at - 8) == found->companion;
	memcpy(&sharers, bytes + at - 8, sizeof(sharers));
	return sharers && sharers <= MOST_SHARERS;
}

static void read_keeper(struct walk *walk, const struct found_keeper *found,
			const struct block_report *block, const uint8_t *bytes, uint64_t at)
{
	uint64_t data_at = at + (uint64_t)(int64_t)found->keeper->data_at;
	addr_t data;

	if (!surroundings_fit(found, bytes, block->size, at))
		return;
	data = word_at(bytes + data_at);
	hold_root(walk, ROOT_GLOBAL, OBJECT_NONE);
	walk->holder.root.address = block->address + data_at;
	if (found->keeper->context)
		hold_context(walk, found, data);
	else
		walk_reference(walk, data, walk_label(walk, found->keeper->label),
			       REFERENCE_COUNTED);
}

static void search_block(struct walk *walk, const struct found_keeper *found, size_t count,
			 const struct block_report *block)
{
	const uint8_t *bytes =
		image_view(walk->python->image, block->address, block->size, &walk->hint);

	for (uint64_t at = 0; bytes && at + 8 <= block->size; at += 8) {
		addr_t word = word_at(bytes + at);

		for (size_t i = 0; i < count; i++)
			if (word == found[i].destructor)
				read_keeper(walk, &found[i], block, bytes, at);
	}
}

void roots_callbacks(struct walk *walk, const struct heap_blocks *blocks)
{
	struct found_keeper found[ARRAY_COUNT(keepers)];
	size_t count = find_keepers(walk, found, ARRAY_COUNT(found));

	for (size_t i = 0; count && i < blocks->native_count; i++)
		if (blocks->native[i].state == BLOCK_USED &&
		    !address_set_has(walk->claimed, blocks->native[i].address))
			search_block(walk, found, count, &blocks->native[i]);
}
