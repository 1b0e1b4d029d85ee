/*
 * Range lists are DWARF 5's .debug_rnglists or DWARF 4's .debug_ranges, which libdwarf reads
 * with different functions.
 */
#include "debuginfo/die_code.h"

static bool little_endian(const uint8_t **bytes, const uint8_t *end, size_t size, uint64_t *ret)
{
	if ((size_t)(end - *bytes) < size)
		return false;
	*ret = 0;
	memcpy(ret, *bytes, size);
	*bytes += size;
	return true;
}

static bool indexed_address(struct attributes *attributes, uint64_t index, uint64_t *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Addr address = 0;

	if (!die_value_ok(attributes->context,
			  dwarf_debug_addr_index_to_addr(attributes->handle, index, &address,
							 &failure),
			  failure))
		return false;
	*ret = address;
	return true;
}

/* The operand of an expression's first operation, if it is one that a static can begin with. */
static bool first_operand(struct attributes *attributes, const uint8_t **bytes,
			  const uint8_t *end, uint64_t *ret)
{
	switch (*(*bytes)++) {
	case DW_OP_addr:
	case DW_OP_const8u:
		return little_endian(bytes, end, 8, ret);
	case DW_OP_const4u:
		return little_endian(bytes, end, 4, ret);
	case DW_OP_constu:
		return die_value_uleb(bytes, end, ret);
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
	case DW_OP_constx:
	case DW_OP_GNU_const_index:
		return die_value_uleb(bytes, end, ret) &&
		       indexed_address(attributes, *ret, ret);
	default:
		return false;
	}
}

/* DW_OP_addr X [DW_OP_plus_uconst N], or a constant and the thread-local operation. */
void die_code_location(struct attributes *attributes, Dwarf_Attribute attribute)
{
	struct die *die = attributes->die;
	const uint8_t *bytes, *end;
	size_t size;
	uint64_t value, more;
	bool is_address;

	if (!die_value_expression(attributes->context, attribute, &bytes, &size) || size < 2)
		return;
	end = bytes + size;
	is_address =
		*bytes == DW_OP_addr || *bytes == DW_OP_addrx || *bytes == DW_OP_GNU_addr_index;
	if (!first_operand(attributes, &bytes, end, &value))
		return;
	if (end - bytes == 1 &&
	    (*bytes == DW_OP_GNU_push_tls_address || *bytes == DW_OP_form_tls_address)) {
		die->is_thread_local = true;
	} else if (is_address && bytes < end && *bytes == DW_OP_plus_uconst) {
		bytes++;
		if (!die_value_uleb(&bytes, end, &more) || bytes != end)
			return;
		value += more;
	} else if (!is_address || bytes != end) {
		return;
	}
	die->value = value;
	die->has_address = true;
}

void die_code_low(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Addr address = 0;

	if (!die_value_ok(attributes->context, dwarf_formaddr(attribute, &address, &failure),
			  failure))
		return;
	attributes->die->value = address;
	attributes->has_low = true;
}

void die_code_high(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Half form = die_value_form(attributes->context, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Addr address = 0;

	if (form == DW_FORM_addr || dwarf_addr_form_is_indexed(form)) {
		attributes->has_high =
			die_value_ok(attributes->context,
				     dwarf_formaddr(attribute, &address, &failure), failure);
		attributes->high = address;
		return;
	}
	attributes->high_is_length = true;
	attributes->has_high =
		die_value_constant(attributes->context, attribute, &attributes->high);
}

static void add_range(struct attributes *attributes, addr_t low, addr_t high)
{
	struct die_tree *tree = attributes->context->tree;
	struct die_range range = {(uint32_t)tree->dies.count, low, high};

	if (low >= high || low == 0)
		return;
	vector_push(&tree->ranges, range);
	if (attributes->die->has_ranges)
		return;
	attributes->die->has_ranges = true;
	attributes->die->has_address = true;
	attributes->die->value = low;
	attributes->die->size = high - low;
}

/* DWARF 5: .debug_rnglists. */
static void read_range_list(struct attributes *attributes, Dwarf_Attribute attribute,
			    Dwarf_Half form, Dwarf_Unsigned position)
{
	Dwarf_Rnglists_Head head = NULL;
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned count = 0, offset = 0;

	if (!die_value_ok(attributes->context,
			  dwarf_rnglists_get_rle_head(attribute, form, position, &head, &count,
						      &offset, &failure),
			  failure))
		return;
	for (Dwarf_Unsigned i = 0; i < count; i++) {
		unsigned int length = 0, kind = 0;
		Dwarf_Unsigned raw1, raw2, low = 0, high = 0;
		Dwarf_Bool unavailable = 0;

		if (!die_value_ok(attributes->context,
				  dwarf_get_rnglists_entry_fields_a(head, i, &length, &kind,
								    &raw1, &raw2, &unavailable,
								    &low, &high, &failure),
				  failure))
			break;
		if (kind == DW_RLE_end_of_list)
			break;
		if (kind != DW_RLE_base_address && kind != DW_RLE_base_addressx && !unavailable)
			add_range(attributes, low, high);
	}
	dwarf_dealloc_rnglists_head(head);
}

/* DWARF 4: .debug_ranges. */
static void read_old_ranges(struct attributes *attributes, Dwarf_Off offset)
{
	Dwarf_Debug debug = attributes->context->debug;
	addr_t base = attributes->context->base;
	Dwarf_Error failure = NULL;
	Dwarf_Ranges *ranges = NULL;
	Dwarf_Signed count = 0;
	Dwarf_Unsigned bytes = 0;
	Dwarf_Off real = 0;

	if (!die_value_ok(attributes->context,
			  dwarf_get_ranges_b(debug, offset, attributes->handle, &real, &ranges,
					     &count, &bytes, &failure),
			  failure))
		return;
	for (Dwarf_Signed i = 0; i < count && ranges[i].dwr_type != DW_RANGES_END; i++) {
		if (ranges[i].dwr_type == DW_RANGES_ADDRESS_SELECTION)
			base = ranges[i].dwr_addr2;
		else
			add_range(attributes, base + ranges[i].dwr_addr1,
				  base + ranges[i].dwr_addr2);
	}
	COMPAT_FREE_RANGES(debug, ranges, count);
}

void die_code_ranges(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Half form = die_value_form(attributes->context, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Off position = 0;
	uint64_t index = 0;

	if (attributes->die->tag != DW_TAG_subprogram)
		return;
	if (form == DW_FORM_rnglistx || form == DW_FORM_udata) {
		if (!die_value_constant(attributes->context, attribute, &index))
			return;
		position = index;
	} else if (!die_value_ok(attributes->context,
				 dwarf_global_formref(attribute, &position, &failure),
				 failure)) {
		return;
	}
	if (attributes->context->version >= 5)
		read_range_list(attributes, attribute, form, position);
	else
		read_old_ranges(attributes, position);
}

/* Only a function's code is of interest: an inlined one's and a block's are not asked for. */
void die_code_finish(struct attributes *attributes)
{
	struct die *die = attributes->die;

	if (die->tag != DW_TAG_subprogram || die->has_ranges || !attributes->has_low)
		return;
	die->has_address = die->value != 0;
	if (!attributes->has_high)
		return;
	if (attributes->high_is_length)
		die->size = attributes->high;
	else if (attributes->high > die->value)
		die->size = attributes->high - die->value;
}
