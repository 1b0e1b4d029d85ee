/*
 * One dwarf_attrlist() a DIE: half as long as asking for the attributes one by one.
 */
#include "debuginfo/die_attributes.h"

/* A DIE's attributes on the way: some can only be understood together. */
struct attributes {
	struct die_context *context;
	struct die *die;
	Dwarf_Die handle;
	uint64_t high;
	bool has_low, has_high, high_is_length;
};

static bool succeeded(struct attributes *attributes, int result, Dwarf_Error failure)
{
	if (result == DW_DLV_ERROR)
		dwarf_dealloc_error(attributes->context->debug, failure);
	return result == DW_DLV_OK;
}

static Dwarf_Half form_of(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Half form = 0;

	return succeeded(attributes, dwarf_whatform(attribute, &form, &failure), failure) ? form
											  : 0;
}

static bool constant(struct attributes *attributes, Dwarf_Attribute attribute, uint64_t *ret)
{
	Dwarf_Half form = form_of(attributes, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned number = 0;
	Dwarf_Signed signed_number = 0;

	if (form == DW_FORM_sdata || form == DW_FORM_implicit_const) {
		if (!succeeded(attributes, dwarf_formsdata(attribute, &signed_number, &failure),
			       failure))
			return false;
		*ret = (uint64_t)signed_number;
		return true;
	}
	if (form == DW_FORM_exprloc || form == DW_FORM_block1 || form == DW_FORM_data16)
		return false;
	if (!succeeded(attributes, dwarf_formudata(attribute, &number, &failure), failure))
		return false;
	*ret = number;
	return true;
}

/* The bytes of an expression; false for a location list. */
static bool expression(struct attributes *attributes, Dwarf_Attribute attribute,
		       const uint8_t **ret, size_t *ret_size)
{
	Dwarf_Half form = form_of(attributes, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned size = 0;
	Dwarf_Ptr bytes = NULL;
	Dwarf_Block *block = NULL;

	if (form == DW_FORM_exprloc) {
		if (!succeeded(attributes,
			       dwarf_formexprloc(attribute, &size, &bytes, &failure), failure))
			return false;
		*ret = bytes;
		*ret_size = (size_t)size;
		return true;
	}
	if (form != DW_FORM_block1 && form != DW_FORM_block && form != DW_FORM_block2 &&
	    form != DW_FORM_block4)
		return false;
	if (!succeeded(attributes, dwarf_formblock(attribute, &block, &failure), failure))
		return false;
	*ret = block->bl_data; /* in the section: outlives the block */
	*ret_size = (size_t)block->bl_len;
	dwarf_dealloc(attributes->context->debug, block, DW_DLA_BLOCK);
	return true;
}

static uint64_t by_signature(const struct die_context *context, const Dwarf_Sig8 *bytes)
{
	uint64_t signature;
	size_t low = 0, high = context->signatures.count;

	memcpy(&signature, bytes, sizeof(signature));
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (context->signatures.items[middle].signature < signature)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < context->signatures.count &&
	    context->signatures.items[low].signature == signature)
		return context->signatures.items[low].offset;
	return 0;
}

/* 0 for what is in another file. */
static uint64_t reference(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Half form = form_of(attributes, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Sig8 signature;
	Dwarf_Off offset = 0;

	if (form == DW_FORM_ref_sig8) {
		if (!succeeded(attributes, dwarf_formsig8(attribute, &signature, &failure),
			       failure))
			return 0;
		return by_signature(attributes->context, &signature);
	}
	if (form == DW_FORM_GNU_ref_alt || form == DW_FORM_ref_sup4 || form == DW_FORM_ref_sup8)
		return 0;
	if (!succeeded(attributes, dwarf_global_formref(attribute, &offset, &failure), failure))
		return 0;
	if (!attributes->context->is_info && form != DW_FORM_ref_addr)
		offset |= DIE_IN_TYPES;
	return offset;
}

static bool flag(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Bool set = 0;

	return succeeded(attributes, dwarf_formflag(attribute, &set, &failure), failure) && set;
}

static const char *text(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	char *string = NULL;

	if (!succeeded(attributes, dwarf_formstring(attribute, &string, &failure), failure))
		return NULL;
	return string && *string ? string : NULL;
}

static bool uleb(const uint8_t **bytes, const uint8_t *end, uint64_t *ret)
{
	*ret = 0;
	for (unsigned int shift = 0; *bytes < end && shift < 64; shift += 7) {
		uint8_t byte = *(*bytes)++;

		*ret |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

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

	if (!succeeded(attributes,
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
		return uleb(bytes, end, ret);
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
	case DW_OP_constx:
	case DW_OP_GNU_const_index:
		return uleb(bytes, end, ret) && indexed_address(attributes, *ret, ret);
	default:
		return false;
	}
}

/* DW_OP_addr X [DW_OP_plus_uconst N], or a constant and the thread-local operation. */
static void read_location(struct attributes *attributes, Dwarf_Attribute attribute)
{
	struct die *die = attributes->die;
	const uint8_t *bytes, *end;
	size_t size;
	uint64_t value, more;
	bool is_address;

	if (!expression(attributes, attribute, &bytes, &size) || size < 2)
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
		if (!uleb(&bytes, end, &more) || bytes != end)
			return;
		value += more;
	} else if (!is_address || bytes != end) {
		return;
	}
	die->value = value;
	die->has_address = true;
}

/* A constant, or in DWARF 2 the expression DW_OP_plus_uconst N. */
static void read_member_location(struct attributes *attributes, Dwarf_Attribute attribute)
{
	const uint8_t *bytes, *end;
	size_t size;

	if (constant(attributes, attribute, &attributes->die->value))
		return;
	if (!expression(attributes, attribute, &bytes, &size) || size < 2)
		return;
	end = bytes + size;
	if (*bytes++ == DW_OP_plus_uconst)
		uleb(&bytes, end, &attributes->die->value);
}

static void read_low(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Addr address = 0;

	if (!succeeded(attributes, dwarf_formaddr(attribute, &address, &failure), failure))
		return;
	attributes->die->value = address;
	attributes->has_low = true;
}

static void read_high(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Half form = form_of(attributes, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Addr address = 0;

	if (form == DW_FORM_addr || dwarf_addr_form_is_indexed(form)) {
		attributes->has_high = succeeded(
			attributes, dwarf_formaddr(attribute, &address, &failure), failure);
		attributes->high = address;
		return;
	}
	attributes->high_is_length = true;
	attributes->has_high = constant(attributes, attribute, &attributes->high);
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

	if (!succeeded(attributes,
		       dwarf_rnglists_get_rle_head(attribute, form, position, &head, &count,
						   &offset, &failure),
		       failure))
		return;
	for (Dwarf_Unsigned i = 0; i < count; i++) {
		unsigned int length = 0, kind = 0;
		Dwarf_Unsigned raw1, raw2, low = 0, high = 0;
		Dwarf_Bool unavailable = 0;

		if (!succeeded(attributes,
			       dwarf_get_rnglists_entry_fields_a(head, i, &length, &kind, &raw1,
								 &raw2, &unavailable, &low,
								 &high, &failure),
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

	if (!succeeded(attributes,
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

static void read_ranges(struct attributes *attributes, Dwarf_Attribute attribute)
{
	Dwarf_Half form = form_of(attributes, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Off position = 0;
	uint64_t index = 0;

	if (attributes->die->tag != DW_TAG_subprogram)
		return;
	if (form == DW_FORM_rnglistx || form == DW_FORM_udata) {
		if (!constant(attributes, attribute, &index))
			return;
		position = index;
	} else if (!succeeded(attributes, dwarf_global_formref(attribute, &position, &failure),
			      failure)) {
		return;
	}
	if (attributes->context->version >= 5)
		read_range_list(attributes, attribute, form, position);
	else
		read_old_ranges(attributes, position);
}

static void read_encoding(struct attributes *attributes, Dwarf_Attribute attribute)
{
	uint64_t encoding = 0;

	constant(attributes, attribute, &encoding);
	attributes->die->is_signed =
		encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

static void read_bits(struct attributes *attributes, Dwarf_Attribute attribute, bool old)
{
	uint64_t bits = 0;

	if (!constant(attributes, attribute, &bits) || bits > UINT32_MAX)
		return;
	attributes->die->bit_offset = (uint32_t)bits;
	attributes->die->is_big_endian_bits = old;
}

static void read_bit_size(struct attributes *attributes, Dwarf_Attribute attribute)
{
	uint64_t bits = 0;

	if (constant(attributes, attribute, &bits) && bits <= UINT16_MAX)
		attributes->die->bit_size = (uint16_t)bits;
}

/* The number of elements: not known (a variable's value, or absent) counts as 0. */
static void read_bound(struct attributes *attributes, Dwarf_Attribute attribute, uint64_t more)
{
	struct die *die = attributes->die;
	Dwarf_Half form = form_of(attributes, attribute);
	uint64_t bound = 0;

	if (die->tag != DW_TAG_subrange_type || form == DW_FORM_ref4 ||
	    form == DW_FORM_ref_addr || form == DW_FORM_ref_udata || form == DW_FORM_ref8 ||
	    form == DW_FORM_loclistx || form == DW_FORM_sec_offset)
		return;
	if (!constant(attributes, attribute, &bound))
		return;
	die->size = bound + more;
	die->has_size = true;
}

static void read_layout(struct attributes *attributes, Dwarf_Half number,
			Dwarf_Attribute attribute)
{
	struct die *die = attributes->die;

	switch (number) {
	case DW_AT_byte_size:
		die->has_size = constant(attributes, attribute, &die->size);
		break;
	case DW_AT_encoding:
		read_encoding(attributes, attribute);
		break;
	case DW_AT_bit_size:
		read_bit_size(attributes, attribute);
		break;
	case DW_AT_bit_offset:
		read_bits(attributes, attribute, true);
		break;
	case DW_AT_data_bit_offset:
		read_bits(attributes, attribute, false);
		break;
	case DW_AT_data_member_location:
		read_member_location(attributes, attribute);
		break;
	case DW_AT_const_value:
		if (die->tag == DW_TAG_enumerator)
			constant(attributes, attribute, &die->value);
		break;
	case DW_AT_upper_bound:
		read_bound(attributes, attribute, 1);
		break;
	case DW_AT_count:
		read_bound(attributes, attribute, 0);
		break;
	default:
		break;
	}
}

static void read_attribute(struct attributes *attributes, Dwarf_Half number,
			   Dwarf_Attribute attribute)
{
	struct die *die = attributes->die;

	switch (number) {
	case DW_AT_name:
		die->name = text(attributes, attribute);
		break;
	case DW_AT_type:
		die->type = reference(attributes, attribute);
		die->has_type = true;
		break;
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		die->origin = reference(attributes, attribute);
		break;
	case DW_AT_declaration:
		die->is_declaration = flag(attributes, attribute);
		break;
	case DW_AT_external:
		die->is_external = flag(attributes, attribute);
		break;
	case DW_AT_location:
		if (die->tag == DW_TAG_variable)
			read_location(attributes, attribute);
		break;
	case DW_AT_low_pc:
		read_low(attributes, attribute);
		break;
	case DW_AT_high_pc:
		read_high(attributes, attribute);
		break;
	case DW_AT_ranges:
		read_ranges(attributes, attribute);
		break;
	default:
		read_layout(attributes, number, attribute);
		break;
	}
}

/* Only a function's code is of interest: an inlined one's and a block's are not asked for. */
static void finish_code(struct attributes *attributes)
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

bool die_attributes_read(struct die_context *context, Dwarf_Die handle, struct die *ret)
{
	struct attributes attributes = {.context = context, .die = ret, .handle = handle};
	Dwarf_Error failure = NULL;
	Dwarf_Attribute *list = NULL;
	Dwarf_Signed count = 0;
	int result = dwarf_attrlist(handle, &list, &count, &failure);

	if (result == DW_DLV_NO_ENTRY)
		return true;
	if (!succeeded(&attributes, result, failure))
		return false;
	for (Dwarf_Signed i = 0; i < count; i++) {
		Dwarf_Half number = 0;

		if (succeeded(&attributes, dwarf_whatattr(list[i], &number, &failure), failure))
			read_attribute(&attributes, number, list[i]);
		dwarf_dealloc(context->debug, list[i], DW_DLA_ATTR);
	}
	dwarf_dealloc(context->debug, list, DW_DLA_LIST);
	finish_code(&attributes);
	return true;
}
