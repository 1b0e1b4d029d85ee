/*
 * Readers: for objects with memory that their C struct does not describe.
 */
#include "runtime/cpython/dicts.h"
#include "runtime/cpython/traverse.h"
#include "runtime/cpython/walk.h"

#include <ctype.h>

#define MOST_CONDITIONS 100
#define MOST_ITEMS      ((uint64_t)1 << 40) /* of a list or set: more is damage */
#define LARGEST_STATE   ((uint64_t)1 << 20)
#define MOST_STEPS ((uint64_t)1 << 32) /* of a linked list */

static addr_t field_word(const struct walk *walk, const struct source *source, enum field field)
{
	return field_get(&walk->python->fields, source->bytes, field);
}

static void read_list(struct walk *walk, const struct source *source)
{
	addr_t items = field_word(walk, source, LIST_ITEMS);
	uint64_t allocated = field_word(walk, source, LIST_ALLOCATED);
	uint64_t count = field_word(walk, source, VAR_SIZE);
	const uint8_t *words = items && count <= allocated && allocated <= MOST_ITEMS
				       ? image_view(walk->python->image, items, count * 8, &walk->hint)
				       : NULL;

	if (words)
		walk_references(walk, words, count, walk->labels.item, source->kind);
	if (items && allocated <= MOST_ITEMS)
		walk_claim(walk, source->address, items, allocated * 8, "list-items", true);
}

static void read_set(struct walk *walk, const struct source *source)
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
	struct graph_root root = {.kind = ROOT_INTERPRETER, .thread = OBJECT_NONE,
				  .frame = OBJECT_NONE, .counted = -1};

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
		addr_t value = split ? word_at(split->values + i * 8) : dict_entry_value(keys, i);

		if (!key || (!value && key_kind == REFERENCE_BORROWED))
			continue;
		walk_reference(walk, key, walk->labels.key, key_kind);
		if (interned && source->kind == REFERENCE_TRAVERSED)
			interned_reference(walk, value);
		else
			walk_reference(walk, value, walk->labels.value, value_kind);
	}
}

static void read_dict(struct walk *walk, const struct source *source)
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
		walk_claim(walk, source->address, table, keys.size, "dict-keys", keys.refcount == 1);
}

/* OrderedDict: a dict whose keys are linked in nodes of their own, each with a count. */
static void read_ordered_dict(struct walk *walk, const struct source *source)
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
		walk_reference(walk, field_get(fields, bytes, ODICT_NODE_KEY), label, source->kind);
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
static void read_tee_data(struct walk *walk, const struct source *source)
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
static void read_statement_cache(struct walk *walk, const struct source *source)
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

static void read_lru_cache(struct walk *walk, const struct source *source)
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
		const uint8_t *bytes = image_view(walk->python->image, element, size, &walk->hint);

		if (!bytes)
			break;
		walk_reference(walk, field_get(fields, bytes, LRU_KEY), key, source->kind);
		walk_reference(walk, field_get(fields, bytes, LRU_RESULT), result, source->kind);
		visit_heap_type(walk, source, field_get(fields, bytes, OBJECT_TYPE));
		element = field_get(fields, bytes, LRU_NEXT);
	}
}

/*
 * deque: blocks of a fixed number of items, linked; the first item is at leftindex of the
 * left block, the last at rightindex of the right one.
 */
static void read_deque(struct walk *walk, const struct source *source)
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
		const uint8_t *bytes = image_view(walk->python->image, block, size, &walk->hint);

		end = block == last ? field_word(walk, source, DEQUE_RIGHT_INDEX) + 1 : length;
		if (!bytes || first > length || end > length)
			break;
		if (end > first)
			walk_references(walk,
					bytes + field_offset(fields, DEQUE_BLOCK_DATA) + first * 8,
					end - first, walk->labels.item, source->kind);
		walk_claim(walk, source->address, block, size, "deque-block", true);
		if (block == last)
			break;
		block = field_get(fields, bytes, DEQUE_BLOCK_NEXT);
		first = 0;
	}
}

static uint64_t string_size(const struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t length = field_get(fields, source->bytes, STR_LENGTH);

	if (!field_get(fields, source->bytes, STR_COMPACT))
		return source->type->basicsize;
	if (field_get(fields, source->bytes, STR_ASCII))
		return python_struct_size(walk->python, "PyASCIIObject") + length + 1;
	return python_struct_size(walk->python, "PyCompactUnicodeObject") +
	       (length + 1) * field_get(fields, source->bytes, STR_KIND);
}

/* Up to 3.11 a str keeps its wchar_t form, once asked for; that may be its characters, too. */
static void claim_wide_string(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	bool ascii = field_get(fields, source->bytes, STR_ASCII);
	uint64_t length;
	addr_t wide;

	if (!has_field(fields, STR_WSTR) || !has_field(fields, STR_WSTR_LENGTH))
		return;
	wide = field_word(walk, source, STR_WSTR);
	if (!wide || (wide > source->address && wide < source->address + source->size))
		return;
	length = field_word(walk, source, ascii ? STR_LENGTH : STR_WSTR_LENGTH);
	walk_claim(walk, source->address, wide, (length + 1) * 4, "str-wstr", true);
}

/* The cached UTF-8, and the characters of a str that is not compact, have blocks of their own. */
static void read_string(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t length = field_get(fields, source->bytes, STR_LENGTH);
	addr_t utf8, data = 0;

	claim_wide_string(walk, source);
	if (field_get(fields, source->bytes, STR_COMPACT) &&
	    field_get(fields, source->bytes, STR_ASCII))
		return;
	if (!field_get(fields, source->bytes, STR_COMPACT)) {
		data = field_word(walk, source, STR_DATA);
		if (data)
			walk_claim(walk, source->address, data,
				   (length + 1) * field_get(fields, source->bytes, STR_KIND),
				   "str-data", true);
	}
	utf8 = field_word(walk, source, STR_UTF8);
	if (utf8 && utf8 != data)
		walk_claim(walk, source->address, utf8, field_word(walk, source, STR_UTF8_LENGTH) + 1,
			   "str-utf8", true);
}

/* Since 3.12 what code.co_code and its like made is kept in a block: four objects. */
static void read_code(struct walk *walk, const struct source *source)
{
	uint32_t id = python_struct(walk->python, "_PyCoCached");
	const struct plan *plan = id == DEBUG_NONE ? NULL
						   : plan_for(walk->plans, walk->python->debug, id);
	addr_t cached;

	if (!plan || !has_field(&walk->python->fields, CODE_CACHED))
		return;
	cached = field_word(walk, source, CODE_CACHED);
	if (!cached)
		return;
	walk_plan(walk, plan, cached, "_co_cached", REFERENCE_COUNTED);
	walk_claim(walk, source->address, cached, plan->size, "code-cache", true);
}

static void read_bytearray(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	addr_t bytes = field_word(walk, source, BYTEARRAY_BYTES);
	uint64_t size = field_word(walk, source, BYTEARRAY_ALLOC);

	if (has_field(fields, BYTEARRAY_OBJECT)) { /* 3.15: within a bytes object */
		bytes = field_word(walk, source, BYTEARRAY_OBJECT);
		walk_reference(walk, bytes, walk_label(walk, "ob_bytes_object"), REFERENCE_COUNTED);
		size += field_offset(fields, BYTES_DATA) + 1;
	}
	if (bytes && !walk_module_span(walk, bytes))
		walk_claim(walk, source->address, bytes, size, "bytearray", true);
}

static void read_shared_keys(struct walk *walk, const struct source *source)
{
	struct dict_keys keys;
	uint32_t label = walk_label(walk, "ht_cached_keys");

	if (!source->type->is_type ||
	    !dict_keys_read(walk->python, field_word(walk, source, HEAPTYPE_CACHED_KEYS), &keys))
		return;
	for (uint64_t i = 0; i < keys.entry_count; i++)
		walk_reference(walk, dict_entry_key(&keys, i), label, REFERENCE_COUNTED);
	walk_claim(walk, source->address, keys.address, keys.size, "dict-keys", true);
}

/*
 * A static type's base holds no count, except (up to 3.9) where it was not linked but set when
 * the type was made ready.
 */
static enum reference_kind base_kind(struct walk *walk, const struct source *source)
{
	addr_t word = source->address + field_offset(&walk->python->fields, TYPE_BASE);
	struct module *module = target_module_at(walk->python->target, word);
	uint64_t linked = 1;

	if (!has_field(&walk->python->fields, FRAME_STACKTOP) || !module ||
	    !module_initial_word(walk->python->target, module, word, &linked) || linked)
		return REFERENCE_BORROWED;
	return REFERENCE_COUNTED;
}

/* Static types are no containers, own no base, and end with PyTypeObject. */
static void read_type_object(struct walk *walk, const struct source *source)
{
	const struct python *python = walk->python;
	bool heap = field_get(&python->fields, source->bytes, TYPE_FLAGS) & FLAG_HEAPTYPE;
	uint32_t id = python_struct(python, heap ? "_heaptypeobject" : "_typeobject");
	const struct plan *plan = plan_for(walk->plans, python->debug, id);

	for (size_t i = 0; plan && i < plan->slot_count; i++) {
		struct plan_slot *slot = &plan->slots[i];
		enum reference_kind kind = heap ? source->kind : REFERENCE_COUNTED;

		if (!heap && slot->offset == field_offset(&python->fields, TYPE_BASE))
			kind = base_kind(walk, source);
		walk_word(walk, slot, source->address + slot->offset,
			  word_at(source->bytes + slot->offset), "", kind);
	}
	if (heap)
		read_shared_keys(walk, source);
	ctypes_references(walk, source);
}

static uint64_t type_object_size(const struct walk *walk, const struct source *source)
{
	bool heap = field_get(&walk->python->fields, source->bytes, TYPE_FLAGS) & FLAG_HEAPTYPE;

	return heap ? source->type->basicsize + (uint64_t)source->items * source->type->itemsize
		    : python_struct_size(walk->python, "_typeobject");
}

/* Since 3.12 a finished generator's frame is all that keeps its code. */
static void finished_frame(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t label = walk_label(walk, "f_code");
	uint64_t word;

	if (!image_read_u64(walk->python->image,
			    source->address + field_offset(fields, GENERATOR_IFRAME) +
				    field_offset(fields, IFRAME_CODE),
			    &word))
		return;
	if (has_field(fields, IFRAME_STACKPOINTER)) /* 3.14 visits it, too */
		walk_stack_reference(walk, word, label, source->kind);
	else
		walk_reference(walk, word, label, REFERENCE_COUNTED);
}

static void read_generator(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	int64_t cleared = 4;

	if (!has_field(fields, GENERATOR_IFRAME))
		return;
	debug_enumerator(walk->python->debug, "FRAME_CLEARED", &cleared);
	if (field_get_signed(fields, source->bytes, GENERATOR_STATE) < cleared)
		frame_references(walk, source->address + field_offset(fields, GENERATOR_IFRAME),
				 source->kind);
	else if (!has_field(fields, GENERATOR_CODE))
		finished_frame(walk, source);
}

static void read_frame(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	addr_t own = source->address + field_offset(fields, FRAME_DATA);

	if (!has_field(fields, FRAME_FRAME))
		frame_object_slots(walk, source->address, source->kind);
	else if (field_get(fields, source->bytes, FRAME_FRAME) == own)
		frame_references(walk, own, source->kind);
}

/* Frames and generators: the frame's fields, then locals and stack of its code. */
static uint64_t size_with_frame(const struct walk *walk, addr_t frame, uint64_t before)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t locals = 0, stack = 0;
	addr_t code;

	if (image_read_u64(walk->python->image, frame + field_offset(fields, IFRAME_CODE), &code)) {
		image_read_u32(walk->python->image, code + field_offset(fields, CODE_NLOCALSPLUS),
			       &locals);
		image_read_u32(walk->python->image, code + field_offset(fields, CODE_STACKSIZE),
			       &stack);
	}
	return before + field_offset(fields, IFRAME_LOCALSPLUS) + ((uint64_t)locals + stack) * 8;
}

static uint64_t generator_size(const struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t before = field_offset(fields, GENERATOR_IFRAME);

	return has_field(fields, GENERATOR_IFRAME)
		       ? size_with_frame(walk, source->address + before, before)
		       : source->type->basicsize;
}

static uint64_t frame_size(const struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t before = field_offset(fields, FRAME_DATA);

	if (!has_field(fields, FRAME_DATA))
		return source->type->basicsize;
	if (field_get(fields, source->bytes, FRAME_FRAME) != source->address + before)
		return source->type->basicsize;
	return size_with_frame(walk, source->address + before, before);
}

/* A struct among those that a function works on, of the size that the module asks for. */
static struct inferred state_among_operands(const struct walk *walk, addr_t address, uint64_t size)
{
	struct module *module = target_module_at(walk->python->target, address);
	struct debug_info *debug = module ? module_debug(walk->python->target, module) : NULL;
	const struct debug_function *function =
		debug ? debug_function_at(debug, address - module->bias) : NULL;

	for (uint32_t k = 0; function && k < function->operand_count; k++) {
		uint32_t id = debug_operand(debug, function->first_operand + k)->type;

		id = debug_type(debug, id)->target;
		if (id != DEBUG_NONE && debug_type(debug, id)->size == size &&
		    !plan_is_object(walk->plans, debug, id) &&
		    (plan_for(walk->plans, debug, id)->slot_count ||
		     strcasestr(debug_type(debug, id)->name, "state")))
			return (struct inferred){debug, id};
	}
	return (struct inferred){NULL, DEBUG_NONE};
}

/* What a module's state is: from its definition, or (3.15) from the module itself. */
struct module_state {
	addr_t address;
	uint64_t size;
	addr_t functions[3]; /* traverse, clear, free */
	addr_t named_in;     /* an address in the module's code or data */
	char module[64];     /* its name; "" if unknown */
};

/* `_sha512` and `SHA512State` begin alike. */
static size_t common_prefix(const char *left, const char *right)
{
	size_t length = 0;

	left += strspn(left, "_");
	right += strspn(right, "_");
	while (left[length] && tolower((unsigned char)left[length]) ==
				       tolower((unsigned char)right[length]))
		length++;
	return length;
}

/* Do both structs have their references at the same places? */
static bool same_slots(const struct walk *walk, const struct debug_info *debug, uint32_t left,
		       uint32_t right)
{
	const struct plan *a = plan_for(walk->plans, debug, left);
	const struct plan *b = plan_for(walk->plans, debug, right);

	if (a->slot_count != b->slot_count)
		return false;
	for (size_t i = 0; i < a->slot_count; i++)
		if (a->slots[i].offset != b->slots[i].offset)
			return false;
	return true;
}

/*
 * A struct that has the size, holds references and calls itself a state.  Of several the one
 * whose name begins most like the module's.
 */
static struct inferred state_by_name(const struct walk *walk, const struct module_state *state)
{
	struct module *module = target_module_at(walk->python->target, state->named_in);
	struct debug_info *debug = module ? module_debug(walk->python->target, module) : NULL;
	struct inferred found = {NULL, DEBUG_NONE};
	size_t best = 0, candidates = 0;

	for (uint32_t id = 0; debug && id < debug_type_count(debug); id++) {
		const struct debug_type *type = debug_type(debug, id);
		size_t alike = common_prefix(type->name, state->module);

		if (type->kind != DEBUG_STRUCT || type->size != state->size ||
		    !strcasestr(type->name, "state") || !plan_for(walk->plans, debug, id)->slot_count)
			continue;
		if (found.debug && alike == best && same_slots(walk, debug, found.type, id))
			continue;
		candidates = !found.debug || alike > best ? 1 : candidates + (alike == best);
		if (!found.debug || alike > best) {
			found = (struct inferred){debug, id};
			best = alike;
		}
	}
	return candidates == 1 ? found : (struct inferred){NULL, DEBUG_NONE};
}

static bool read_definition(struct walk *walk, addr_t definition, struct module_state *ret)
{
	static const enum field functions[] = {MODULEDEF_TRAVERSE, MODULEDEF_CLEAR, MODULEDEF_FREE};
	const struct python *python = walk->python;

	for (size_t i = 0; i < ARRAY_COUNT(functions); i++)
		image_read_u64(python->image,
			       definition + field_offset(&python->fields, functions[i]),
			       &ret->functions[i]);
	ret->named_in = ret->functions[0] ? ret->functions[0] : definition;
	return image_read_u64(python->image,
			      definition + field_offset(&python->fields, MODULEDEF_SIZE), &ret->size);
}

static bool open_module_state(struct walk *walk, const struct source *source,
			      struct module_state *ret)
{
	const struct fields *fields = &walk->python->fields;

	*ret = (struct module_state){.address = field_word(walk, source, MODULE_STATE)};
	if (!ret->address)
		return false;
	if (has_field(fields, MODULE_STATE_SIZE)) {
		ret->size = field_word(walk, source, MODULE_STATE_SIZE);
		ret->functions[0] = field_word(walk, source, MODULE_STATE_TRAVERSE);
		ret->functions[1] = field_word(walk, source, MODULE_STATE_CLEAR);
		ret->functions[2] = field_word(walk, source, MODULE_STATE_FREE);
		ret->named_in = ret->functions[0] ? ret->functions[0] : ret->functions[2];
	} else if (!has_field(fields, MODULE_DEF) ||
		   !read_definition(walk, field_word(walk, source, MODULE_DEF), ret)) {
		return false;
	}
	if (has_field(fields, MODULE_NAME))
		python_string(walk->python, field_word(walk, source, MODULE_NAME), ret->module,
			      sizeof(ret->module));
	return ret->size && ret->size <= LARGEST_STATE;
}

static struct inferred module_state_struct(const struct walk *walk, const struct module_state *state)
{
	for (size_t i = 0; i < ARRAY_COUNT(state->functions); i++) {
		struct inferred found = {NULL, DEBUG_NONE};

		if (state->functions[i])
			found = state_among_operands(walk, state->functions[i], state->size);
		if (found.debug)
			return found;
	}
	return state_by_name(walk, state);
}

static void guess_words(struct walk *walk, addr_t address, uint64_t size)
{
	const uint8_t *words = image_view(walk->python->image, address, size, &walk->hint);

	for (uint64_t at = 0; words && at + 8 <= size; at += 8)
		if (walk_discover(walk, word_at(words + at)))
			walk_reference(walk, word_at(words + at), walk->labels.word,
				       REFERENCE_GUESS);
}

/* decimal's tables of conditions: arrays of structs that end with one without a name. */
static void walk_named_arrays(struct walk *walk, const struct inferred *state, addr_t address,
			      enum reference_kind kind)
{
	static const char *const members[] = {"signal_map", "cond_map"};

	for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
		struct debug_field field;
		const struct plan *plan;
		addr_t element, name;

		if (!debug_field(state->debug, state->type, members[i], &field) ||
		    debug_type(state->debug, field.type)->kind != DEBUG_POINTER ||
		    !image_read_u64(walk->python->image, address + field.offset, &element))
			continue;
		plan = plan_for(walk->plans, state->debug, debug_type(state->debug, field.type)->target);
		/* The first condition is the signal of its name, and shares its reference. */
		if (plan && i)
			element += plan->size;
		for (int k = 0; plan && k < MOST_CONDITIONS; k++, element += plan->size) {
			if (!image_read_u64(walk->python->image, element, &name) || !name)
				break;
			walk_plan(walk, plan, element, members[i], kind);
		}
	}
}

static void read_module(struct walk *walk, const struct source *source)
{
	struct module_state state;
	struct inferred inferred;
	const struct plan *plan;
	struct traverser traverser = {.size = UINT64_MAX};

	if (!open_module_state(walk, source, &state))
		return;
	walk_claim(walk, source->address, state.address, state.size, "module-state", true);
	inferred = module_state_struct(walk, &state);
	plan = inferred.debug ? plan_for(walk->plans, inferred.debug, inferred.type) : NULL;
	if (plan && !strcmp(plan->struct_name, "atexitmodule_state")) {
		walk_callbacks(walk, state.address, ATEXIT_MODULE_CALLBACKS, ATEXIT_MODULE_COUNT,
			       source->kind);
		return;
	}
	if (!plan || !plan->slot_count) {
		guess_words(walk, state.address, state.size);
		return;
	}
	walk_named_arrays(walk, &inferred, state.address, source->kind);
	traverser.function = state.functions[0];
	traverser.own = field_offset(&walk->python->fields, MODULE_STATE);
	walk_plan(walk, plan_traversed(walk->plans, plan, &traverser, 1), state.address, "md_state",
		  traverser.function ? source->kind : REFERENCE_COUNTED);
}

/* C interfaces that a capsule hands out and that hold references. */
static const struct {
	const char *name, *struct_name;
} capsules[] = {
	{"_socket.CAPI", "PySocketModule_APIObject"},
};

static void read_capsule(struct walk *walk, const struct source *source)
{
	const struct python *python = walk->python;
	addr_t pointer = field_get(&python->fields, source->bytes, CAPSULE_POINTER);
	struct traverser traverser = {.size = UINT64_MAX, .own = TRAVERSE_DIRECT};
	struct module *module;
	char name[64];

	if (!has_field(&python->fields, CAPSULE_NAME) ||
	    !image_read_string(python->image, field_word(walk, source, CAPSULE_NAME), name,
			       sizeof(name)))
		return;
	if (has_field(&python->fields, CAPSULE_TRAVERSE))
		traverser.function = field_word(walk, source, CAPSULE_TRAVERSE);
	if (walk_module_span(walk, pointer)) /* a static struct is a C variable of its module */
		return;
	module = target_module_at(python->target, field_word(walk, source, CAPSULE_NAME));
	for (size_t i = 0; module && i < ARRAY_COUNT(capsules); i++) {
		struct debug_info *debug = module_debug(python->target, module);
		uint32_t id = debug ? debug_type_named(debug, capsules[i].struct_name) : DEBUG_NONE;

		if (strcmp(capsules[i].name, name) || id == DEBUG_NONE)
			continue;
		walk_plan(walk, plan_traversed(walk->plans, plan_for(walk->plans, debug, id), &traverser, 1),
			  pointer, "pointer", traverser.function ? source->kind : REFERENCE_COUNTED);
		walk_claim(walk, source->address, pointer, debug_type(debug, id)->size, "capsule",
			   true);
	}
}

static const struct reader readers[] = {
	{"builtins.list", false, read_list, NULL},
	{"builtins.dict", false, read_dict, NULL},
	{"builtins.frozendict", false, read_dict, NULL},
	{"builtins.set", false, read_set, NULL},
	{"builtins.frozenset", false, read_set, NULL},
	{"collections.OrderedDict", false, read_ordered_dict, NULL},
	{"collections.deque", false, read_deque, NULL},
	{"sqlite3.Cache", false, read_statement_cache, NULL},
	{"builtins.sqlite3Cache", false, read_statement_cache, NULL},
	{"itertools._tee_dataobject", false, read_tee_data, NULL},
	{"functools._lru_cache_wrapper", false, read_lru_cache, NULL},
	{"builtins.str", true, read_string, string_size},
	{"builtins.bytearray", true, read_bytearray, NULL},
	{"builtins.type", true, read_type_object, type_object_size},
	{"builtins.code", false, read_code, NULL},
	{"builtins.module", false, read_module, NULL},
	{"builtins.PyCapsule", false, read_capsule, NULL},
	{"builtins.generator", false, read_generator, generator_size},
	{"builtins.coroutine", false, read_generator, generator_size},
	{"builtins.async_generator", false, read_generator, generator_size},
	{"builtins.frame", false, read_frame, frame_size},
};

const struct reader *reader_for(const char *type_name)
{
	for (size_t i = 0; i < ARRAY_COUNT(readers); i++)
		if (!strcmp(readers[i].type_name, type_name))
			return &readers[i];
	return NULL;
}
