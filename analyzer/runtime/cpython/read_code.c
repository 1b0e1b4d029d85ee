/*
 * Readers of text, types and code: strings, classes, code, frames, generators.
 */
#include "runtime/cpython/dicts.h"
#include "runtime/cpython/readers.h"

uint64_t string_size(const struct walk *walk, const struct source *source)
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
void read_string(struct walk *walk, const struct source *source)
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
		walk_claim(walk, source->address, utf8,
			   field_word(walk, source, STR_UTF8_LENGTH) + 1, "str-utf8", true);
}

/*
 * Up to 3.9 the frame of the last call is kept for the next one, with the words of its stack that
 * are used no more.  Of small ones the free list of blocks knows already.
 */
static void claim_kept_frame(struct walk *walk, const struct source *source)
{
	const struct python *python = walk->python;
	addr_t frame, type;
	uint32_t index;

	if (!has_field(&python->fields, CODE_ZOMBIE))
		return;
	frame = field_word(walk, source, CODE_ZOMBIE);
	if (!frame ||
	    !image_read_u64(python->image, frame + field_offset(&python->fields, OBJECT_TYPE),
			    &type))
		return;
	index = type_table_find(walk->types, type);
	if (index != TYPE_NONE)
		walk_claim_unused(walk, frame - type_table_get(walk->types, index)->prefix,
				  CLAIM_WHOLE_BLOCK, "freelist");
}

/* Since 3.12 what code.co_code and its like made is kept in a block: four objects. */
void read_code(struct walk *walk, const struct source *source)
{
	uint32_t id = python_struct(walk->python, "_PyCoCached");
	const struct plan *plan =
		id == DEBUG_NONE ? NULL : plan_for(walk->plans, walk->python->debug, id);
	addr_t cached;

	claim_kept_frame(walk, source);
	if (!plan || !has_field(&walk->python->fields, CODE_CACHED))
		return;
	cached = field_word(walk, source, CODE_CACHED);
	if (!cached)
		return;
	walk_plan(walk, plan, cached, "_co_cached", REFERENCE_COUNTED);
	walk_claim(walk, source->address, cached, plan->size, "code-cache", true);
}

void read_bytearray(struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	addr_t bytes = field_word(walk, source, BYTEARRAY_BYTES);
	uint64_t size = field_word(walk, source, BYTEARRAY_ALLOC);

	/* 3.15: within a bytes object, which has its own size. */
	if (has_field(fields, BYTEARRAY_OBJECT))
		walk_reference(walk, field_word(walk, source, BYTEARRAY_OBJECT),
			       walk_label(walk, "ob_bytes_object"), REFERENCE_COUNTED);
	else if (bytes && !walk_module_span(walk, bytes))
		walk_claim(walk, source->address, bytes, size, "bytearray", true);
}

static void read_shared_keys(struct walk *walk, const struct source *source)
{
	struct dict_keys keys;
	uint32_t label = walk_label(walk, "ht_cached_keys");

	if (!source->type->is_type ||
	    !dict_keys_read(walk->python, field_word(walk, source, HEAPTYPE_CACHED_KEYS),
			    &keys))
		return;
	for (uint64_t i = 0; i < keys.entry_count; i++)
		walk_reference(walk, dict_entry_key(&keys, i), label, REFERENCE_COUNTED);
	walk_claim(walk, source->address, keys.address, keys.size, "dict-keys", true);
}

/* Static types that their module gives `object` for a base itself, before they are made ready. */
static const char *const gives_object[] = {
	"decimal.Decimal",
	"decimal.Context",
	"decimal.ContextManager",
	"decimal.SignalDictMixin",
};

static bool is_given_object(const struct walk *walk, addr_t type)
{
	uint32_t index = type_table_known(walk->types, type);

	for (size_t i = 0; index != TYPE_NONE && i < ARRAY_COUNT(gives_object); i++)
		if (!strcmp(type_table_get(walk->types, index)->name, gives_object[i]))
			return true;
	return false;
}

/*
 * A static type's base holds no count, except (up to 3.9) where there was none when the type was
 * made ready: then it became `object`.  Any other base was linked, or set by the module.
 */
static enum reference_kind base_kind(struct walk *walk, const struct source *source)
{
	addr_t word = source->address + field_offset(&walk->python->fields, TYPE_BASE);
	struct module *module = target_module_at(walk->python->target, word);
	uint64_t linked = 1;

	if (!has_field(&walk->python->fields, FRAME_STACKTOP) || !module ||
	    field_word(walk, source, TYPE_BASE) != walk->object_type ||
	    !module_initial_word(walk->python->target, module, word, &linked) || linked ||
	    is_given_object(walk, source->address))
		return REFERENCE_BORROWED;
	return REFERENCE_COUNTED;
}

/* Static types are no containers, own no base, and end with PyTypeObject. */
void read_type_object(struct walk *walk, const struct source *source)
{
	const struct python *python = walk->python;
	bool heap = type_object_is_heap(python, source->address, source->bytes);
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
	if (plan)
		owners_note(walk, plan, source->bytes);
	if (heap)
		read_shared_keys(walk, source);
	ctypes_references(walk, source);
}

uint64_t type_object_size(const struct walk *walk, const struct source *source)
{
	bool heap = type_object_is_heap(walk->python, source->address, source->bytes);

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

void read_generator(struct walk *walk, const struct source *source)
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

void read_frame(struct walk *walk, const struct source *source)
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

	if (image_read_u64(walk->python->image, frame + field_offset(fields, IFRAME_CODE),
			   &code)) {
		image_read_u32(walk->python->image,
			       code + field_offset(fields, CODE_NLOCALSPLUS), &locals);
		image_read_u32(walk->python->image, code + field_offset(fields, CODE_STACKSIZE),
			       &stack);
	}
	return before + field_offset(fields, IFRAME_LOCALSPLUS) +
	       ((uint64_t)locals + stack) * 8;
}

uint64_t generator_size(const struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t before = field_offset(fields, GENERATOR_IFRAME);

	return has_field(fields, GENERATOR_IFRAME)
		       ? size_with_frame(walk, source->address + before, before)
		       : source->type->basicsize;
}

uint64_t frame_size(const struct walk *walk, const struct source *source)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t before = field_offset(fields, FRAME_DATA);

	if (!has_field(fields, FRAME_DATA))
		return source->type->basicsize;
	if (field_get(fields, source->bytes, FRAME_FRAME) != source->address + before)
		return source->type->basicsize;
	return size_with_frame(walk, source->address + before, before);
}
