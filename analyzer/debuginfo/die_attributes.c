/*
 * One dwarf_attrlist() a DIE: half as long as asking for the attributes one by one.
 */
#include "debuginfo/die_attributes.h"

#include "debuginfo/die_code.h"

/* A constant, or in DWARF 2 the expression DW_OP_plus_uconst N. */
static void read_member_location(struct attributes *attributes, Dwarf_Attribute attribute)
{
	const uint8_t *bytes, *end;
	size_t size;

	if (die_value_constant(attributes->context, attribute, &attributes->die->value))
		return;
	if (!die_value_expression(attributes->context, attribute, &bytes, &size) || size < 2)
		return;
	end = bytes + size;
	if (*bytes++ == DW_OP_plus_uconst)
		die_value_uleb(&bytes, end, &attributes->die->value);
}

static void read_encoding(struct attributes *attributes, Dwarf_Attribute attribute)
{
	uint64_t encoding = 0;

	die_value_constant(attributes->context, attribute, &encoding);
	attributes->die->is_signed =
		encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

static void read_bits(struct attributes *attributes, Dwarf_Attribute attribute, bool old)
{
	uint64_t bits = 0;

	if (!die_value_constant(attributes->context, attribute, &bits) || bits > UINT32_MAX)
		return;
	attributes->die->bit_offset = (uint32_t)bits;
	attributes->die->is_big_endian_bits = old;
}

static void read_bit_size(struct attributes *attributes, Dwarf_Attribute attribute)
{
	uint64_t bits = 0;

	if (die_value_constant(attributes->context, attribute, &bits) && bits <= UINT16_MAX)
		attributes->die->bit_size = (uint16_t)bits;
}

/* The number of elements: not known (a variable's value, or absent) counts as 0. */
static void read_bound(struct attributes *attributes, Dwarf_Attribute attribute, uint64_t more)
{
	struct die *die = attributes->die;
	Dwarf_Half form = die_value_form(attributes->context, attribute);
	uint64_t bound = 0;

	if (die->tag != DW_TAG_subrange_type || form == DW_FORM_ref4 ||
	    form == DW_FORM_ref_addr || form == DW_FORM_ref_udata || form == DW_FORM_ref8 ||
	    form == DW_FORM_loclistx || form == DW_FORM_sec_offset)
		return;
	if (!die_value_constant(attributes->context, attribute, &bound))
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
		die->has_size = die_value_constant(attributes->context, attribute, &die->size);
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
			die_value_constant(attributes->context, attribute, &die->value);
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

static void read_code(struct attributes *attributes, Dwarf_Half number,
		      Dwarf_Attribute attribute)
{
	struct die *die = attributes->die;

	switch (number) {
	case DW_AT_location:
		if (die->tag == DW_TAG_variable)
			die_code_location(attributes, attribute);
		break;
	case DW_AT_low_pc:
		die_code_low(attributes, attribute);
		break;
	case DW_AT_high_pc:
		die_code_high(attributes, attribute);
		break;
	case DW_AT_ranges:
		die_code_ranges(attributes, attribute);
		break;
	default:
		read_layout(attributes, number, attribute);
		break;
	}
}

static void read_attribute(struct attributes *attributes, Dwarf_Half number,
			   Dwarf_Attribute attribute)
{
	struct die *die = attributes->die;

	switch (number) {
	case DW_AT_name:
		die->name = die_value_text(attributes->context, attribute);
		break;
	case DW_AT_type:
		die->type = die_value_reference(attributes->context, attribute);
		die->has_type = true;
		break;
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		die->origin = die_value_reference(attributes->context, attribute);
		break;
	case DW_AT_signature: /* it only stands for the struct of a type unit */
		die->origin = die_value_reference(attributes->context, attribute);
		die->is_declaration = true;
		break;
	case DW_AT_declaration:
		die->is_declaration = die_value_flag(attributes->context, attribute);
		break;
	case DW_AT_external:
		die->is_external = die_value_flag(attributes->context, attribute);
		break;
	default:
		read_code(attributes, number, attribute);
		break;
	}
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
	if (!die_value_ok(context, result, failure))
		return false;
	for (Dwarf_Signed i = 0; i < count; i++) {
		Dwarf_Half number = 0;

		if (die_value_ok(context, dwarf_whatattr(list[i], &number, &failure), failure))
			read_attribute(&attributes, number, list[i]);
		dwarf_dealloc(context->debug, list[i], DW_DLA_ATTR);
	}
	dwarf_dealloc(context->debug, list, DW_DLA_LIST);
	die_code_finish(&attributes);
	return true;
}
