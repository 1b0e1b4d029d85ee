#include "runtime/cpython/walk.h"

#include "runtime/cpython/visited.h"

#include <stdlib.h>

#define MOST_ELEMENTS            ((uint64_t)1 << 24) /* of an array behind a pointer */
#define STACK_REFERENCE_TAG      3                   /* both bits: a small integer */
#define STACK_REFERENCE_BORROWED 1
#define COUNT_OVERFLOW           ((uint64_t)0xffff << 32)
#define COUNT_FLAGS_END          52
#define HIGHEST_COUNT            ((uint64_t)1 << 32) /* a larger refcount is a pointer, not a count */

uint32_t walk_label(const struct walk *walk, const char *name)
{
	return walk->visitor->label(walk->visitor->context, name);
}

const struct address_range *walk_module_span(const struct walk *walk, addr_t address)
{
	size_t low = 0, high = walk->module_spans.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (walk->module_spans.items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < walk->module_spans.count && range_has(walk->module_spans.items[low], address))
		return &walk->module_spans.items[low];
	return NULL;
}

/*
 * A pointer is no count.  Since 3.14 the count has 32 bits, and flags above it of which few are
 * used; before, more than 32 bits are not to be expected.
 */
bool walk_plausible_count(const struct walk *walk, const uint8_t *object)
{
	uint64_t word = word_at(object + field_offset(&walk->python->fields, OBJECT_REFCNT));

	if (walk->python->fields.at[OBJECT_REFCNT].size == 4)
		return (uint32_t)word && !(word & COUNT_OVERFLOW) && !(word >> COUNT_FLAGS_END);
	return word > 0 && word <= HIGHEST_COUNT;
}

static bool looks_like_object(struct walk *walk, addr_t address)
{
	const uint8_t *bytes =
		address & 7 ? NULL : image_view(walk->python->image, address, 16, &walk->hint);

	return bytes && walk_plausible_count(walk, bytes) &&
	       type_table_find(walk->types, field_get(&walk->python->fields, bytes,
						      OBJECT_TYPE)) != TYPE_NONE;
}

bool walk_discover(struct walk *walk, addr_t address)
{
	if (address_set_has(walk->objects, address))
		return true;
	if (!looks_like_object(walk, address))
		return false;
	if (address_set_add(walk->objects, address))
		vector_push(&walk->pending, address);
	return true;
}

/* A pointer that the module was linked with holds no count of its own: see roots_statics. */
static bool take_initial(struct walk *walk, addr_t target)
{
	for (size_t i = 0; i < walk->holder.initial_count; i++)
		if (walk->holder.initial[i] == target) {
			walk->initial_words.items[i] = 0;
			vector_push(&walk->initial_targets, target);
			return true;
		}
	return false;
}

static void report_root(struct walk *walk, addr_t target, uint32_t label)
{
	struct graph_root root = walk->holder.root;

	root.label = label;
	root.counted = 1;
	walk->visitor->root(walk->visitor->context, target, &root);
}

void walk_reference(struct walk *walk, addr_t target, uint32_t label, enum reference_kind kind)
{
	if (!target)
		return;
	/* A cache's word may be older than what stands there now: it leads to nothing new. */
	if (walk->holder.is_root && !reference_is_counted(kind))
		return;
	if (!walk_discover(walk, target)) {
		walk->dangling++;
		return;
	}
	if (walk->holder.is_root) {
		report_root(walk, target, label);
		return;
	}
	if (walk->holder.initial_count && reference_is_counted(kind))
		take_initial(walk, target);
	if (walk->holder.is_visited && reference_is_counted(kind))
		kind = visited_take(walk->visited, target);
	walk->visitor->reference(walk->visitor->context, target, label, kind);
}

bool walk_is_immortal(struct walk *walk, addr_t object)
{
	const struct fields *fields = &walk->python->fields;
	const uint8_t *bytes =
		has_field(fields, OBJECT_SPLIT_COUNT)
			? image_view(walk->python->image, object, 16, &walk->hint)
			: NULL;

	return bytes && (uint32_t)field_get(fields, bytes, OBJECT_REFCNT) >= IMMORTAL_COUNT;
}

void walk_stack_reference(struct walk *walk, uint64_t word, uint32_t label,
			  enum reference_kind kind)
{
	addr_t target = word & ~(addr_t)STACK_REFERENCE_TAG;

	if ((word & STACK_REFERENCE_TAG) == STACK_REFERENCE_TAG || !target)
		return;
	if (word & STACK_REFERENCE_BORROWED && !walk_is_immortal(walk, target))
		kind = REFERENCE_BORROWED;
	walk_reference(walk, target, label, kind);
}

void walk_references(struct walk *walk, const uint8_t *words, uint64_t count, uint32_t label,
		     enum reference_kind kind)
{
	for (uint64_t i = 0; i < count; i++) {
		addr_t target = word_at(words + i * 8);

		if (target)
			walk_reference(walk, target, label, kind);
		else if (!walk->holder.is_root)
			walk->visitor->skip(walk->visitor->context, 1);
	}
}

void walk_claim(struct walk *walk, addr_t owner, addr_t address, uint64_t size,
		const char *kind, bool exclusive)
{
	struct claim_report claim = {.address = address,
				     .size = size,
				     .owner = owner,
				     .kind = kind,
				     .exclusive = exclusive};

	walk_claim_report(walk, &claim);
}

void walk_claim_report(struct walk *walk, const struct claim_report *claim)
{
	address_set_add(walk->claimed, claim->address);
	walk->visitor->claim(walk->visitor->context, claim);
}

void walk_claim_unused(struct walk *walk, addr_t address, uint64_t size, const char *kind)
{
	struct claim_report claim = {
		.address = address, .size = size, .kind = kind, .cached = true};

	walk->visitor->claim(walk->visitor->context, &claim);
}

static const struct block_report *used_block(const struct block_report *blocks, size_t total,
					     addr_t address)
{
	const struct block_report *block = block_among(blocks, total, address);

	return block && block->state == BLOCK_USED ? block : NULL;
}

const struct block_report *walk_native_block(const struct walk *walk, addr_t address)
{
	return used_block(walk->heap->native, walk->heap->native_count, address);
}

const struct block_report *walk_block(const struct walk *walk, addr_t address)
{
	const struct block_report *block =
		used_block(walk->heap->blocks, walk->heap->count, address);

	return block ? block : walk_native_block(walk, address);
}

static struct type_info *type_of(struct walk *walk, addr_t object)
{
	uint32_t index = TYPE_NONE;
	addr_t address;

	if (image_read_u64(walk->python->image,
			   object + field_offset(&walk->python->fields, OBJECT_TYPE), &address))
		index = type_table_find(walk->types, address);
	return index == TYPE_NONE ? NULL : type_table_get(walk->types, index);
}

static bool has_struct(struct walk *walk, addr_t object, const char *struct_name)
{
	struct type_info *type = type_of(walk, object);

	if (!type)
		return false;
	type_resolve(walk->types, type);
	return !strcmp(type->struct_name, struct_name);
}

/* The kind of a reference under the rule of its slot; false: it is none. */
static bool apply_rule(struct walk *walk, const struct plan_slot *slot, addr_t target,
		       enum reference_kind *kind)
{
	switch ((enum plan_rule)slot->rule) {
	case PLAN_DEFAULT:
	case PLAN_TRAVERSED:
		return true;
	case PLAN_OBJECT:
	case PLAN_COUNTED:
		*kind = REFERENCE_COUNTED;
		return true;
	case PLAN_BORROWED:
		*kind = REFERENCE_BORROWED;
		return true;
	case PLAN_WEAK:
		*kind = REFERENCE_WEAK;
		return true;
	case PLAN_NOT_A_TYPE:
		*kind = type_table_find(walk->types, target) == TYPE_NONE ? REFERENCE_COUNTED
									  : REFERENCE_BORROWED;
		return true;
	case PLAN_IF_TIMEZONE:
	case PLAN_FOLLOW:
	case PLAN_STALE:
	case PLAN_SKIP:
		return false;
	case PLAN_TYPED:
		*kind = REFERENCE_COUNTED;
		return has_struct(walk, target, slot->pointee);
	}
	return false;
}

static uint32_t slot_label(struct walk *walk, struct plan_slot *slot, const char *prefix)
{
	char name[512];

	if (!prefix[0]) {
		if (slot->label == NAME_NONE)
			slot->label = walk_label(walk, slot->name);
		return slot->label;
	}
	snprintf(name, sizeof(name), "%s%s%s", prefix,
		 slot->name[0] && slot->name[0] != '[' ? "." : "", slot->name);
	return walk_label(walk, name);
}

/*
 * A root's word of module data.  True if the module was linked with the pointer: it keeps its
 * target alive, and no count was taken for it.
 */
static bool note_root_word(struct walk *walk, addr_t word, addr_t target)
{
	struct module *module;
	uint64_t initial;

	walk->holder.root.address = word;
	if (!walk_module_span(walk, word))
		return false;
	address_set_add(walk->root_words, word);
	module = target_module_at(walk->python->target, word);
	return module && module_initial_word(walk->python->target, module, word, &initial) &&
	       initial == target;
}

void walk_word(struct walk *walk, struct plan_slot *slot, addr_t address, uint64_t word,
	       const char *prefix, enum reference_kind kind)
{
	addr_t target = slot->tagged ? word & ~(addr_t)3 : word;

	if (!target)
		return;
	/* A cache's word explains no count, and is no clue to who might hold one. */
	if (walk->holder.is_root && slot->rule == PLAN_BORROWED)
		walk_claim_unused(walk, address, sizeof(word), "borrowed");
	if (walk->holder.is_root && note_root_word(walk, address, target))
		walk_discover(walk, target);
	else if (apply_rule(walk, slot, target, &kind))
		walk_reference(walk, target, slot_label(walk, slot, prefix), kind);
}

void walk_buffer(struct walk *walk, addr_t owner, addr_t buffer)
{
	if (buffer && !walk_module_span(walk, buffer))
		walk_claim(walk, owner, buffer, CLAIM_WHOLE_BLOCK, "buffer", true);
}

static uint64_t element_count(const struct plan_pointer *pointer, const uint8_t *bytes)
{
	uint64_t count = 0;

	if (pointer->count_offset == PLAN_ONE)
		return 1;
	if (pointer->count)
		return pointer->count;
	memcpy(&count, bytes + pointer->count_offset,
	       pointer->count_size < 8 ? pointer->count_size : 8);
	return count < MOST_ELEMENTS ? count : 0;
}

/* A struct, and those that its `next` leads to where they are of the same kind. */
void walk_list(struct walk *walk, const struct debug_info *debug, uint32_t type, addr_t address,
	       const char *name, enum reference_kind kind)
{
	const struct plan *plan = plan_for(walk->plans, debug, type);
	struct debug_field next;
	bool is_list = debug_field(debug, type, "next", &next) &&
		       debug_type(debug, next.type)->kind == DEBUG_POINTER &&
		       debug_type(debug, next.type)->target == type;

	for (uint64_t i = 0; plan && address && i < MOST_ELEMENTS; i++) {
		walk_plan(walk, plan, address, name, kind);
		walk_claim(walk, walk->holder.owner, address, plan->size, "struct",
			   walk->holder.owner);
		if (!is_list ||
		    !image_read_u64(walk->python->image, address + next.offset, &address))
			return;
	}
}

static void walk_array(struct walk *walk, const struct plan *plan,
		       const struct plan_pointer *pointer, addr_t address, uint64_t count,
		       enum reference_kind kind)
{
	const struct debug_type *element = debug_type(plan->debug, pointer->type);
	const uint8_t *words;

	if (element->kind == DEBUG_STRUCT && pointer->count_offset == PLAN_ONE) {
		walk_list(walk, plan->debug, pointer->type, address, pointer->name, kind);
		return;
	}
	if (element->kind == DEBUG_STRUCT) {
		const struct plan *inner = plan_for(walk->plans, plan->debug, pointer->type);

		for (uint64_t i = 0; inner && i < count; i++)
			walk_plan(walk, inner, address + i * inner->size, pointer->name, kind);
		walk_claim(walk, walk->holder.owner, address, count * element->size, "struct",
			   walk->holder.owner);
		return;
	}
	words = image_view(walk->python->image, address, count * 8, &walk->hint);
	if (words)
		walk_references(walk, words, count, walk_label(walk, pointer->name), kind);
	walk_claim(walk, walk->holder.owner, address, count * 8, "array", walk->holder.owner);
}

void walk_pointers(struct walk *walk, const struct plan *plan, const uint8_t *bytes,
		   enum reference_kind kind)
{
	for (size_t i = 0; i < plan->pointer_count; i++) {
		const struct plan_pointer *pointer = &plan->pointers[i];
		addr_t address = word_at(bytes + pointer->offset);
		uint64_t count = element_count(pointer, bytes);

		if (address && count)
			walk_array(walk, plan, pointer, address, count,
				   pointer->hidden ? REFERENCE_COUNTED : kind);
	}
}

void walk_plan(struct walk *walk, const struct plan *plan, addr_t address, const char *prefix,
	       enum reference_kind kind)
{
	const uint8_t *bytes =
		image_view(walk->python->image, address, plan->size, &walk->hint);

	if (!bytes)
		return;
	walk->visitor->native(walk->visitor->context,
			      &(struct struct_report){address, plan->debug, plan->type});
	for (size_t i = 0; i < plan->slot_count; i++) {
		struct plan_slot *slot = &plan->slots[i];

		walk_word(walk, slot, address + slot->offset, word_at(bytes + slot->offset),
			  prefix, kind);
	}
	walk_pointers(walk, plan, bytes, kind);
	for (size_t i = 0; i < plan->buffer_count; i++)
		walk_buffer(walk, walk->holder.owner, word_at(bytes + plan->buffers[i]));
	owners_note(walk, plan, bytes);
	for (size_t i = 0; i < plan->stale_count; i++)
		walk_claim(walk, 0, address + plan->stale[i].offset, plan->stale[i].size,
			   "free-list", false);
	for (size_t i = 0; i < plan->embedded_count; i++)
		walk_discover(walk, address + plan->embedded[i]);
}
