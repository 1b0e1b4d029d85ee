/*
 * One object: its size and count, then its references in the order of their ordinals: items,
 * fields, slots, attributes or dict, type.
 */
#include "runtime/cpython/dicts.h"
#include "runtime/cpython/visited.h"

#define MOST_ITEMS        ((int64_t)1 << 40)
#define LONG_TAG_BITS     3     /* 3.12: sign and flags below the count of digits */
#define VALUES_11         (-32) /* 3.11: pointers before the headers */
#define DICT_11           (-24)
#define DICT_OR_VALUES_12 (-24) /* 3.12: one word for both; odd: values, less one */

static uint8_t generation_of(const struct walk *walk, addr_t address)
{
	for (unsigned i = GENERATIONS; i-- > 0;)
		if (address_set_has(walk->generations[i], address))
			return (uint8_t)i;
	return GENERATION_NONE;
}

static int64_t items_of(const struct walk *walk, const struct type_info *type,
			const uint8_t *bytes)
{
	const struct fields *fields = &walk->python->fields;
	int64_t items;

	if (!type->itemsize || !(type->is_variable || type->flags & FLAG_LONG))
		return 0;
	if (type->flags & FLAG_LONG && has_field(fields, LONG_TAG))
		items = (int64_t)(field_get(fields, bytes, LONG_TAG) >> LONG_TAG_BITS);
	else
		items = field_get_signed(fields, bytes, VAR_SIZE);
	if (items <= -MOST_ITEMS || items >= MOST_ITEMS)
		return 0;
	return items < 0 ? -items : items;
}

/* See source.bytes. */
static const uint8_t *view_with_room(struct walk *walk, addr_t address, uint64_t size)
{
	const struct image *image = walk->python->image;
	const uint8_t *bytes = image_view(image, address,
					  size > OBJECT_ROOM ? size : OBJECT_ROOM, &walk->hint);

	if (bytes || size >= OBJECT_ROOM)
		return bytes;
	bytes = image_view(image, address, size, &walk->hint);
	if (!bytes)
		return NULL;
	memset(walk->room, 0, sizeof(walk->room));
	memcpy(walk->room, bytes, size);
	return walk->room;
}

/*
 * At least as many bytes as an instance's fields have.  A static type ends with PyTypeObject,
 * before what heap types have more, and so may what is dumped.
 */
static bool view_fields(struct walk *walk, struct source *source)
{
	const struct type_info *type = source->type;

	source->stored = type->basicsize;
	source->bytes = view_with_room(walk, source->address, source->stored);
	if (source->bytes || !type->is_type || !type->reader || !type->reader->reads_struct ||
	    !walk_module_span(walk, source->address))
		return source->bytes;
	source->stored = python_struct_size(walk->python, "_typeobject");
	source->bytes = view_with_room(walk, source->address, source->stored);
	return source->bytes;
}

/* All of its bytes, if the dump has them. */
static void view_whole(struct walk *walk, struct source *source)
{
	const uint8_t *bytes = source->size > source->stored
				       ? view_with_room(walk, source->address, source->size)
				       : NULL;

	if (bytes) {
		source->bytes = bytes;
		source->stored = source->size;
	} else if (source->size > source->stored) {
		source->items = 0; /* the end is missing: no items, but the fields */
	} else {
		source->stored = source->size;
	}
}

/* Of a type object: static ones are no containers, whatever their type's flags say. */
static bool is_container(const struct walk *walk, const struct source *source)
{
	return type_is_container(source->type) && source->type->traverse &&
	       (!source->type->is_type ||
		type_object_is_heap(walk->python, source->address, source->bytes));
}

/* The object's bytes; its size is what its type says, or what its reader knows better. */
static bool open_source(struct walk *walk, addr_t address, struct source *ret)
{
	const struct python *python = walk->python;
	const uint8_t *header = image_view(python->image, address, 16, &walk->hint);
	uint32_t index;

	if (!header)
		return false;
	index = type_table_find(walk->types, field_get(&python->fields, header, OBJECT_TYPE));
	if (index == TYPE_NONE)
		return false;
	ret->address = address;
	ret->type = type_table_get(walk->types, index);
	type_resolve(walk->types, ret->type);
	if (!view_fields(walk, ret))
		return false;
	ret->items = items_of(walk, ret->type, ret->bytes);
	ret->kind = is_container(walk, ret) ? REFERENCE_TRAVERSED : REFERENCE_COUNTED;
	ret->size = ret->type->basicsize + (uint64_t)ret->items * ret->type->itemsize;
	/* Since 3.11 zero has a digit, too. */
	if (!ret->items && ret->type->flags & FLAG_LONG &&
	    has_field(&python->fields, VALUES_VALUES))
		ret->size += ret->type->itemsize;
	if (ret->type->reader && ret->type->reader->size)
		ret->size = ret->type->reader->size(walk, ret);
	view_whole(walk, ret);
	return true;
}

static uint8_t flags_of(struct walk *walk, const struct source *source, uint8_t generation)
{
	uint8_t flags = OBJECT_COUNTED;

	if (generation != GENERATION_NONE)
		flags |= OBJECT_TRACKED;
	if (walk_module_span(walk, source->address))
		flags |= OBJECT_STATIC;
	if (source->type->guess_to > source->type->guess_from)
		flags |= OBJECT_OPAQUE;
	if (walk_is_immortal(walk, source->address))
		flags |= OBJECT_IMMORTAL;
	if (source->address == walk->interned)
		flags |= OBJECT_LENDER;
	return flags;
}

/* 3.13: values that follow the instance; sys.getsizeof() leaves them out. */
static uint64_t inline_values(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	struct dict_keys keys = {.entry_count = 0};
	struct dict_values values;

	return has_field(fields, VALUES_CAPACITY) && source->type->flags & FLAG_INLINE_VALUES &&
			       dict_values_read(walk->python,
						source->address + source->type->basicsize,
						&keys, &values)
		       ? values.size
		       : 0;
}

static void report_object(struct walk *walk, const struct source *source)
{
	uint8_t generation = generation_of(walk, source->address);
	struct object_report report = {
		.address = source->address,
		.size = source->size + source->type->prefix,
		.owned = inline_values(walk, source),
		.refcount =
			(int64_t)field_get(&walk->python->fields, source->bytes, OBJECT_REFCNT),
		.type = type_table_known(walk->types, source->type->address),
		.flags = flags_of(walk, source, generation),
		.generation = generation,
	};

	if (report.flags & OBJECT_STATIC) {
		vector_push(&walk->statics, source->address);
		if (source->type->is_type) /* static types are no containers */
			report.size = source->size;
	}
	walk->visitor->object(walk->visitor->context, &report);
}

/* Which pointers a static object was linked with: they hold no count of their own. */
static void open_holder(struct walk *walk, const struct source *source)
{
	struct module *module =
		walk_module_span(walk, source->address)
			? target_module_at(walk->python->target, source->address)
			: NULL;

	walk->holder = (struct holder){.owner = source->address};
	if (!module)
		return;
	walk->initial_words.count = 0;
	for (uint64_t at = 16; at + 8 <= source->stored; at += 8) {
		uint64_t word;

		if (word_at(source->bytes + at) &&
		    module_initial_word(walk->python->target, module, source->address + at,
					&word) &&
		    word == word_at(source->bytes + at))
			vector_push(&walk->initial_words, word);
	}
	walk->holder.initial = walk->initial_words.items;
	walk->holder.initial_count = walk->initial_words.count;
}

static void emit_trailing_structs(struct walk *walk, const struct source *source,
				  enum reference_kind kind)
{
	const struct plan *plan = source->type->plan;
	const struct plan *element = plan_for(walk->plans, plan->debug, plan->trailing_type);
	addr_t address = source->address + plan->trailing_offset;

	if (!element || element->size != source->type->itemsize || !element->slot_count)
		return;
	for (int64_t i = 0; i < source->items; i++, address += element->size)
		walk_plan(walk, element, address, plan->trailing_name, kind);
}

static void emit_trailing(struct walk *walk, const struct source *source,
			  enum reference_kind kind)
{
	const struct plan *plan = source->type->plan;
	uint64_t count =
		source->type->real_items ? source->type->real_items : (uint64_t)source->items;
	const uint8_t *words;

	if (!plan->trailing_offset || !source->items)
		return;
	if (plan->trailing_type != DEBUG_NONE) {
		emit_trailing_structs(walk, source, kind);
		return;
	}
	words = image_view(walk->python->image, source->address + plan->trailing_offset,
			   count * 8, &walk->hint);
	if (words)
		walk_references(walk, words, count, walk->labels.item, kind);
}

/* Since 3.15 classes over tuple may have slots, too: they stand behind the items. */
static void emit_slots(struct walk *walk, const struct source *source)
{
	uint64_t items = ((uint64_t)source->items * source->type->itemsize + 7) & ~7ull;

	for (size_t i = 0; i < source->type->slot_count; i++) {
		struct named_slot *slot = &source->type->slots[i];
		addr_t target = 0;

		if (!image_read_u64(walk->python->image, source->address + slot->offset + items,
				    &target))
			continue;
		if (slot->label == NAME_NONE)
			slot->label = walk_label(walk, slot->name);
		walk_reference(walk, target, slot->label, source->kind);
	}
}

/* The attributes of an instance that has no dict: values in the order of its class's keys. */
static void emit_values(struct walk *walk, const struct source *source, addr_t address)
{
	struct type_info *type = source->type;
	struct dict_keys keys;
	struct dict_values values;

	if (!type->cached_keys || !dict_keys_read(walk->python, type->cached_keys, &keys) ||
	    !dict_values_read(walk->python, address, &keys, &values))
		return;
	for (uint64_t i = 0; i < values.count && i < type->attribute_count; i++) {
		struct named_slot *attribute = &type->attributes[i];

		if (attribute->label == NAME_NONE)
			attribute->label = walk_label(walk, attribute->name);
		walk_reference(walk, word_at(values.values + i * 8), attribute->label,
			       source->kind);
	}
	if (!has_field(&walk->python->fields, VALUES_CAPACITY))
		walk_claim(walk, source->address, values.block, values.size, "instance-values",
			   true);
}

static void emit_dict_pointer(struct walk *walk, const struct source *source, addr_t dict)
{
	walk_reference(walk, dict, walk->labels.dict, source->kind);
}

static addr_t word_before(struct walk *walk, const struct source *source, int offset)
{
	const uint8_t *word = image_view(
		walk->python->image, source->address + (addr_t)(int64_t)offset, 8, &walk->hint);

	return word ? word_at(word) : 0;
}

static void emit_managed(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	addr_t word;

	if (has_field(fields, VALUES_CAPACITY)) { /* 3.13: values follow the instance */
		uint8_t valid = 0;
		addr_t values = source->address + source->type->basicsize;

		if (source->type->flags & FLAG_INLINE_VALUES)
			image_read_u8(walk->python->image,
				      values + field_offset(fields, VALUES_VALID), &valid);
		word = word_before(walk, source, DICT_OR_VALUES_12);
		/* While the values are valid, the first 3.13s visit them and not the dict;
		 * later ones leave them to the dict, once there is one. */
		if (valid && (!word || !walk->dict_visits_values))
			emit_values(walk, source, values);
		walk_reference(walk, word, walk->labels.dict,
			       valid && !walk->dict_visits_values ? REFERENCE_COUNTED
								  : source->kind);
	} else if (has_field(fields, DICT_OR_VALUES)) { /* 3.12 */
		word = word_before(walk, source, DICT_OR_VALUES_12);
		if (word & 1)
			emit_values(walk, source, word + 1);
		else
			emit_dict_pointer(walk, source, word);
	} else { /* 3.11 */
		word = word_before(walk, source, VALUES_11);
		if (word)
			emit_values(walk, source, word);
		emit_dict_pointer(walk, source, word_before(walk, source, DICT_11));
	}
}

static bool plan_has(const struct plan *plan, int64_t offset)
{
	for (size_t i = 0; plan && i < plan->slot_count; i++)
		if (plan->slots[i].offset == offset)
			return true;
	return false;
}

static void emit_dict(struct walk *walk, const struct source *source)
{
	const struct type_info *type = source->type;
	int64_t offset = type->dictoffset;
	addr_t dict;

	if (has_field(&walk->python->fields, VALUES_VALUES) &&
	    type->flags & FLAG_MANAGED_DICT) {
		emit_managed(walk, source);
		return;
	}
	if (!offset || plan_has(type->plan, offset))
		return;
	if (offset < 0) /* counted from the end of a variable-size instance */
		offset += (int64_t)(type->basicsize + (uint64_t)source->items * type->itemsize +
				    7) &
			  ~7ll;
	if (offset >= 16 &&
	    image_read_u64(walk->python->image, source->address + (addr_t)offset, &dict))
		emit_dict_pointer(walk, source, dict);
}

/* Blocks of plain data that the struct points to hold no references. */
static void emit_buffers(struct walk *walk, const struct source *source)
{
	const struct plan *plan = source->type->plan;

	for (size_t i = 0; i < plan->buffer_count; i++)
		walk_buffer(walk, source->address, word_at(source->bytes + plan->buffers[i]));
}

/* The list of weak references is borrowed from them; the dict is reported as such. */
static void emit_guess(struct walk *walk, const struct source *source, uint64_t offset,
		       addr_t target)
{
	const struct type_info *type = source->type;

	if ((int64_t)offset == type->weaklistoffset)
		walk_reference(walk, target, walk_label(walk, "__weakref__"),
			       REFERENCE_BORROWED);
	else if ((int64_t)offset != type->dictoffset)
		walk_reference(walk, target, visited_label(walk, type, offset),
			       REFERENCE_GUESS);
}

/*
 * Nothing is known of the fields, or only what is visited: other words that are objects'
 * addresses, as guesses.
 */
static void emit_guesses(struct walk *walk, const struct source *source, bool is_visited)
{
	if (walk->holder.described)
		return;
	for (uint64_t at = source->type->guess_from;
	     at + 8 <= source->type->guess_to && at + 8 <= source->stored; at += 8) {
		addr_t target = word_at(source->bytes + at);

		if (target && target != source->address &&
		    !address_set_has(walk->claimed, target) &&
		    !(is_visited && visited_has(walk->visited, target)) &&
		    walk_discover(walk, target))
			emit_guess(walk, source, at, target);
	}
}

/* An element's type is counted once, as the reference of the lru_cache that visits it. */
static bool is_visited_for(const struct type_info *type)
{
	return !strcmp(type->name, "functools._lru_list_elem");
}

/*
 * Whether the collector is shown the type of the instances, the first one tells.  Classes of Python
 * code always do that, but what has the functions of a class need not be one.
 */
static void settle_type(struct walk *walk, const struct source *source)
{
	struct type_info *type = source->type;
	enum visit visit;

	if (type->is_settled || !type_is_heap(type) || !is_container(walk, source))
		return;
	type->is_settled = true;
	visit = visited_type(walk, type->traverse, source->address);
	if (visit != VISIT_UNKNOWN)
		type->type_visited = visit == VISIT_YES;
}

static void emit_type(struct walk *walk, const struct source *source)
{
	enum reference_kind kind =
		source->type->type_visited ? source->kind : REFERENCE_COUNTED;

	if (type_is_heap(source->type))
		walk_reference(walk, source->type->address, walk->labels.type,
			       is_visited_for(source->type) ? REFERENCE_BORROWED : kind);
}

/* datetime and time leave their timezone out of memory where they have none. */
static bool has_timezone(const struct source *source)
{
	struct debug_field field;

	return debug_field(source->type->plan->debug, source->type->plan->type, "hastzinfo",
			   &field) &&
	       field.offset < source->stored && source->bytes[field.offset];
}

static void emit_struct(struct walk *walk, const struct source *source)
{
	const struct plan *plan = source->type->plan;
	/* What a class adds is visited; the struct of a base that is no container is not. */
	enum reference_kind kind =
		source->type->struct_visited ? source->kind : REFERENCE_COUNTED;

	/* A type whose size is less than its struct's is damaged. */
	if (plan->size > source->stored && plan->size > OBJECT_ROOM)
		return;
	emit_trailing(walk, source, kind);
	for (size_t i = 0; i < plan->slot_count; i++) {
		struct plan_slot *slot = &plan->slots[i];
		uint64_t word = word_at(source->bytes + slot->offset);

		if (slot->rule == PLAN_IF_TIMEZONE && word && has_timezone(source))
			walk_reference(walk, word, walk_label(walk, slot->name), kind);
		else
			walk_word(walk, slot, source->address + slot->offset, word, "", kind);
	}
	walk_pointers(walk, plan, source->bytes, kind);
	if (plan->buffer_count)
		emit_buffers(walk, source);
	owners_note(walk, plan, source->bytes);
}

/*
 * What a class of Python code adds to its C base (its slots, its dict, its type) is not in the
 * visits of the base's function; what the base has of that itself is.
 */
static void emit_additions(struct walk *walk, const struct source *source, bool is_visited)
{
	const struct type_info *type = source->type, *base = type;
	uint64_t managed = FLAG_MANAGED_DICT;

	while (base->is_python && base->base != TYPE_NONE)
		base = type_table_get(walk->types, base->base);
	if (is_visited && type->is_python)
		visited_take_from(walk->visited,
				  source->address +
					  field_offset(&walk->python->fields, OBJECT_TYPE));
	walk->holder.is_visited = is_visited && !type->is_python;
	emit_slots(walk, source);
	walk->holder.is_visited =
		is_visited && (base->dictoffset == type->dictoffset || base->flags & managed);
	emit_dict(walk, source);
	walk->holder.is_visited = is_visited && !type->is_python;
	emit_type(walk, source);
	walk->holder.is_visited = false;
}

void emit_object(struct walk *walk, addr_t address)
{
	struct source source;
	const struct type_info *type;
	bool is_visited;

	if (!open_source(walk, address, &source)) {
		walk->dangling++;
		return;
	}
	type = source.type;
	report_object(walk, &source);
	open_holder(walk, &source);
	is_visited = visited_open(walk, &source);
	walk->holder.is_visited = is_visited;
	if (type->reader && type->reader->read)
		type->reader->read(walk, &source);
	if (type->plan && !(type->reader && type->reader->reads_struct))
		emit_struct(walk, &source);
	if (!is_visited) {
		emit_guesses(walk, &source, false);
		settle_type(walk, &source);
	}
	emit_additions(walk, &source, is_visited);
	if (is_visited) {
		visited_report(walk, &source);
		emit_guesses(walk, &source, true);
	}
	walk->holder = (struct holder){.is_root = true};
}

void emit_pending(struct walk *walk)
{
	/* Objects found on the way join the end. */
	for (size_t i = 0; i < walk->pending.count; i++)
		emit_object(walk, walk->pending.items[i]);
	walk->pending.count = 0;
}
