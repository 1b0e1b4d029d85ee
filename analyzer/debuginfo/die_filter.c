#include "debuginfo/die_filter.h"

#include <dwarf.h>

enum die_care die_filter_care(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_array_type:
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
		return CARE_RECORD_AND_DESCEND;
	case DW_TAG_namespace:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return CARE_DESCEND;
	case DW_TAG_base_type:
	case DW_TAG_unspecified_type:
	case DW_TAG_typedef:
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
	case DW_TAG_ptr_to_member_type:
	case DW_TAG_subroutine_type:
	case DW_TAG_member:
	case DW_TAG_inheritance:
	case DW_TAG_enumerator:
	case DW_TAG_subrange_type:
	case DW_TAG_formal_parameter:
	case DW_TAG_variable:
		return CARE_RECORD;
	default:
		return CARE_SKIP;
	}
}

bool die_filter_is_c(uint64_t language)
{
	switch (language) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case 0x2c: /* C17 and C23 are younger than some releases of libdwarf */
	case 0x3e:
	case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}
