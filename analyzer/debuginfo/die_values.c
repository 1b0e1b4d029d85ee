#include "debuginfo/die_values.h"

#include "base/search.h"

bool die_value_ok(const struct die_context *context, int result, Dwarf_Error failure)
{
	if (result == DW_DLV_ERROR)
		dwarf_dealloc_error(context->debug, failure);
	return result == DW_DLV_OK;
}

Dwarf_Half die_value_form(const struct die_context *context, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Half form = 0;

	return die_value_ok(context, dwarf_whatform(attribute, &form, &failure), failure) ? form
											  : 0;
}

bool die_value_constant(const struct die_context *context, Dwarf_Attribute attribute,
			uint64_t *ret)
{
	Dwarf_Half form = die_value_form(context, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned number = 0;
	Dwarf_Signed signed_number = 0;

	if (form == DW_FORM_sdata || form == DW_FORM_implicit_const) {
		if (!die_value_ok(context, dwarf_formsdata(attribute, &signed_number, &failure),
				  failure))
			return false;
		*ret = (uint64_t)signed_number;
		return true;
	}
	if (form == DW_FORM_exprloc || form == DW_FORM_block1 || form == DW_FORM_data16)
		return false;
	if (!die_value_ok(context, dwarf_formudata(attribute, &number, &failure), failure))
		return false;
	*ret = number;
	return true;
}

/* The bytes of an expression; false for a location list. */
bool die_value_expression(const struct die_context *context, Dwarf_Attribute attribute,
			  const uint8_t **ret, size_t *ret_size)
{
	Dwarf_Half form = die_value_form(context, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned size = 0;
	Dwarf_Ptr bytes = NULL;
	Dwarf_Block *block = NULL;

	if (form == DW_FORM_exprloc) {
		if (!die_value_ok(context,
				  dwarf_formexprloc(attribute, &size, &bytes, &failure),
				  failure))
			return false;
		*ret = bytes;
		*ret_size = (size_t)size;
		return true;
	}
	if (form != DW_FORM_block1 && form != DW_FORM_block && form != DW_FORM_block2 &&
	    form != DW_FORM_block4)
		return false;
	if (!die_value_ok(context, dwarf_formblock(attribute, &block, &failure), failure))
		return false;
	*ret = block->bl_data; /* in the section: outlives the block */
	*ret_size = (size_t)block->bl_len;
	dwarf_dealloc(context->debug, block, DW_DLA_BLOCK);
	return true;
}

static uint64_t by_signature(const struct die_context *context, const Dwarf_Sig8 *bytes)
{
	const struct die_signature *all = context->signatures.items;
	uint64_t signature;
	size_t at;

	memcpy(&signature, bytes, sizeof(signature));
	at = count_leading(context->signatures.count, i, all[i].signature < signature);
	return at < context->signatures.count && all[at].signature == signature ? all[at].offset
										: 0;
}

/* 0 for what is in another file. */
uint64_t die_value_reference(const struct die_context *context, Dwarf_Attribute attribute)
{
	Dwarf_Half form = die_value_form(context, attribute);
	Dwarf_Error failure = NULL;
	Dwarf_Sig8 signature;
	Dwarf_Off offset = 0;

	if (form == DW_FORM_ref_sig8) {
		if (!die_value_ok(context, dwarf_formsig8(attribute, &signature, &failure),
				  failure))
			return 0;
		return by_signature(context, &signature);
	}
	if (form == DW_FORM_GNU_ref_alt || form == DW_FORM_ref_sup4 || form == DW_FORM_ref_sup8)
		return 0;
	if (!die_value_ok(context, dwarf_global_formref(attribute, &offset, &failure), failure))
		return 0;
	if (!context->is_info && form != DW_FORM_ref_addr)
		offset |= DIE_IN_TYPES;
	return offset;
}

bool die_value_flag(const struct die_context *context, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Bool set = 0;

	return die_value_ok(context, dwarf_formflag(attribute, &set, &failure), failure) && set;
}

const char *die_value_text(const struct die_context *context, Dwarf_Attribute attribute)
{
	Dwarf_Half form = die_value_form(context, attribute);
	Dwarf_Error failure = NULL;
	char *string = NULL;

	/* In a supplement, for which libdwarf would make up a text. */
	if (form == DW_FORM_GNU_strp_alt || form == DW_FORM_strp_sup)
		return NULL;
	if (!die_value_ok(context, dwarf_formstring(attribute, &string, &failure), failure))
		return NULL;
	return string && *string ? string : NULL;
}

bool die_value_uleb(const uint8_t **bytes, const uint8_t *end, uint64_t *ret)
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
