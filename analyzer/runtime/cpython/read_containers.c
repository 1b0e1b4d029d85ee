/*
 * Readers of containers: lists, dicts, sets, deques, caches.
 */
#include "runtime/cpython/dicts.h"
#include "runtime/cpython/readers.h"

#define MOST_ITEMS ((uint64_t)1 << 40) /* of a list or set: more is damage */
#define MOST_STEPS ((uint64_t)1 << 32) /* of a linked list */

void read_list(struct walk *walk, const struct source *source)
{
	addr_t items = field_word(walk, source, LIST_ITEMS);
	uint64_t allocated = field_word(walk, source, LIST_ALLOCATED);
	uint64_t count = field_word(walk, source, VAR_SIZE);
	const uint8_t *words =
		items && count <= allocated && allocated <= MOST_ITEMS
			? image_view(walk->python->image, items, count * 8, &walk->hint)
			: NULL;

	if (words)
		walk_references(walk, words, count, walk->labels.item, source->kind);
	if (items && allocated <= MOST_ITEMS)
		walk_claim_report(
			walk, &(struct claim_report){
				      .address = items,
				      .size = allocated * 8,
				      .spare = count <= allocated ? (allocated - count) * 8 : 0,
				      .owner = source->address,
				      .kind = "list-items",
				      .exclusive = true});
}

void read_set(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	addr_t table = field_get(fields, source->bytes, SET_TABLE);
	uint64_t slots = field_get(fields, source->bytes, SET_MASK) + 1;
	const uint8_t *entries = slots <= MOST_ITEMS ? image_view(walk->python->image, table,
								  slots * 16, &walk->hint)
						     : NULL;

	if (!entries)
		return;
	for (uint64_t i = 0; i < slots; i++) {
		addr_t key = word_at(entries + i * 16);

		if (key && key != walk->set_dummy)
			walk_reference(walk, key, walk->labels.item, source->kind);
	}
	if (table != source->address + field_offset(fields, SET_SMALLTABLE))
		walk_claim(walk, source->address, table, slots * 16, "set-table", true);
}

/*
 * The keys of a table that several dicts share belong to the class that keeps the table, or
 * else to the first dict that is met with it: they are counted once.
 */
static enum reference_kind kind_of_keys(struct walk *walk, const struct source *source,
					const struct dict_keys *keys, bool *ret_owner)
{
	*ret_owner = keys->refcount == 1 && !address_set_has(walk->owned_keys, keys->address);
	if (!*ret_owner)
		*ret_owner = address_set_add(walk->owned_keys, keys->address);
	if (source->address == walk->interned || !*ret_owner)
		return REFERENCE_BORROWED;
	return keys->all_str ? REFERENCE_COUNTED : source->kind;
}

/*
 * The dict of interned strings holds no count of its mortal ones; where the collector visits
 * it (3.14), what it visits is told, and taken off the string's account again.
 */
static void interned_reference(struct walk *walk, addr_t string)
{
	struct graph_root root = {.kind = ROOT_INTERPRETER,
				  .thread = OBJECT_NONE,
				  .frame = OBJECT_NONE,
				  .counted = -1};

	walk_reference(walk, string, walk->labels.value, REFERENCE_TRAVERSED);
	if (!string || walk_is_immortal(walk, string))
		return;
	root.label = walk_label(walk, "interned");
	walk->visitor->root(walk->visitor->context, string, &root);
}

static void emit_entries(struct walk *walk, const struct source *source,
			 const struct dict_keys *keys, const struct dict_values *split,
			 enum reference_kind key_kind)
{
	bool interned = source->address == walk->interned;
	enum reference_kind value_kind = interned ? REFERENCE_BORROWED : source->kind;

	for (uint64_t i = 0; i < keys->entry_count; i++) {
		addr_t key = dict_entry_key(keys, i);
		addr_t value =
			split ? word_at(split->values + i * 8) : dict_entry_value(keys, i);

		if (!key || (!value && key_kind == REFERENCE_BORROWED))
			continue;
		walk_reference(walk, key, walk->labels.key, key_kind);
		if (interned && source->kind == REFERENCE_TRAVERSED)
			interned_reference(walk, value);
		else
			walk_reference(walk, value, walk->labels.value, value_kind);
	}
}

void read_dict(struct walk *walk, const struct source *source)
{
	addr_t table = field_word(walk, source, DICT_KEYS);
	addr_t values = field_word(walk, source, DICT_VALUES);
	struct dict_values split;
	struct dict_keys keys;
	enum reference_kind key_kind;
	bool owner;

	if (!dict_keys_read(walk->python, table, &keys) ||
	    (values && !dict_values_read(walk->python, values, &keys, &split))) {
		anomaly_record(walk->python->anomalies, STAGE_CPYTHON, source->address,
			       "a dict's table is missing or damaged");
		return;
	}
	key_kind = kind_of_keys(walk, source, &keys, &owner);
	if (!values || !split.embedded || walk->dict_visits_values)
		emit_entries(walk, source, &keys, values ? &split : NULL, key_kind);
	if (values && !split.embedded)
		walk_claim(walk, source->address, split.block, split.size, "dict-values", true);
	if (owner && !walk_module_span(walk, table))
		walk_claim(walk, source->address, table, keys.size, "dict-keys",
			   keys.refcount == 1);
}

/* OrderedDict: a dict whose keys are linked in nodes of their own, each with a count. */
void read_ordered_dict(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t label = walk_label(walk, "od_first");
	addr_t node, fast;

	read_dict(walk, source);
	if (!has_field(fields, ODICT_FIRST))
		return;
	node = field_word(walk, source, ODICT_FIRST);
	for (uint64_t i = 0; node && i < MOST_STEPS; i++) {
		const uint8_t *bytes = image_view(walk->python->image, node, 32, &walk->hint);

		if (!bytes)
			break;
		walk_reference(walk, field_get(fields, bytes, ODICT_NODE_KEY), label,
			       source->kind);
		walk_claim(walk, source->address, node, 32, "odict-node", true);
		node = field_get(fields, bytes, ODICT_NODE_NEXT);
	}
	fast = field_word(walk, source, ODICT_FAST_NODES);
	if (fast)
		walk_claim(walk, source->address, fast,
			   field_word(walk, source, ODICT_FAST_SIZE) * 8, "odict-nodes", true);
}

/*
 * lru_cache: a ring of elements, each held by the one before it.  Since 3.9 the cache visits
 * the elements' keys and results, not the elements, which are no containers.
 */
/* tee: values that were read, in a block; those behind them were never set. */
void read_tee_data(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t count;

	if (!has_field(fields, TEE_VALUES))
		return;
	count = field_word(walk, source, TEE_COUNT);
	if (count <= fields->at[TEE_VALUES].size / 8)
		walk_references(walk, source->bytes + field_offset(fields, TEE_VALUES), count,
				walk->labels.item, source->kind);
}

/* sqlite3's cache of statements (up to 3.10): a list of nodes, of which each is a reference. */
void read_statement_cache(struct walk *walk, const struct source *source)
{
	uint32_t label = walk_label(walk, "first");
	struct debug_field next;
	const struct plan *plan = source->type->plan;
	uint32_t node = plan ? debug_type_named(plan->debug, "_pysqlite_Node") : DEBUG_NONE;
	struct debug_field first;
	addr_t address;

	if (node == DEBUG_NONE || !debug_field(plan->debug, plan->type, "first", &first) ||
	    !debug_field(plan->debug, node, "next", &next))
		return;
	address = word_at(source->bytes + first.offset);
	for (uint64_t i = 0; address && i < MOST_STEPS; i++) {
		walk_reference(walk, address, label, source->kind);
		if (!image_read_u64(walk->python->image, address + next.offset, &address))
			return;
	}
}

static void visit_heap_type(struct walk *walk, const struct source *source, addr_t type)
{
	uint32_t index = type_table_find(walk->types, type);

	if (index != TYPE_NONE && type_is_heap(type_table_get(walk->types, index)))
		walk_reference(walk, type, walk->labels.type, source->kind);
}

void read_lru_cache(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t key = walk_label(walk, "key"), result = walk_label(walk, "result");
	addr_t element;

	if (!has_field(fields, LRU_ROOT))
		return;
	element = word_at(source->bytes + field_offset(fields, LRU_ROOT) +
			  field_offset(fields, LRU_NEXT));
	for (uint64_t i = 0; element && element != source->address && i < MOST_STEPS; i++) {
		uint64_t size = python_struct_size(walk->python, "lru_list_elem");
		const uint8_t *bytes =
			image_view(walk->python->image, element, size, &walk->hint);

		if (!bytes)
			break;
		walk_reference(walk, field_get(fields, bytes, LRU_KEY), key, source->kind);
		walk_reference(walk, field_get(fields, bytes, LRU_RESULT), result,
			       source->kind);
		visit_heap_type(walk, source, field_get(fields, bytes, OBJECT_TYPE));
		element = field_get(fields, bytes, LRU_NEXT);
	}
}

/*
 * deque: blocks of a fixed number of items, linked; the first item is at leftindex of the
 * left block, the last at rightindex of the right one.
 */
void read_deque(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t size = python_struct_size(walk->python, "BLOCK");
	addr_t block, last;
	uint64_t first, end, length = 0;

	if (!has_field(fields, DEQUE_LEFT_BLOCK) || !size)
		return;
	length = fields->at[DEQUE_BLOCK_DATA].size / 8;
	block = field_word(walk, source, DEQUE_LEFT_BLOCK);
	last = field_word(walk, source, DEQUE_RIGHT_BLOCK);
	first = field_word(walk, source, DEQUE_LEFT_INDEX);
	for (uint64_t i = 0; block && i < MOST_STEPS; i++) {
		const uint8_t *bytes =
			image_view(walk->python->image, block, size, &walk->hint);

		end = block == last ? field_word(walk, source, DEQUE_RIGHT_INDEX) + 1 : length;
		if (!bytes || first > length || end > length)
			break;
		if (end > first)
			walk_references(walk,
					bytes + field_offset(fields, DEQUE_BLOCK_DATA) +
						first * 8,
					end - first, walk->labels.item, source->kind);
		walk_claim(walk, source->address, block, size, "deque-block", true);
		if (block == last)
			break;
		block = field_get(fields, bytes, DEQUE_BLOCK_NEXT);
		first = 0;
	}
}
