/*
 * Which DIEs are worth keeping.
 */
#ifndef DEBUGINFO_DIE_FILTER_H
#define DEBUGINFO_DIE_FILTER_H

#include "base/types.h"

enum die_care {
	CARE_SKIP,
	CARE_RECORD,
	CARE_DESCEND, /* only its children count */
	CARE_RECORD_AND_DESCEND,
};

/* By DW_TAG_…. */
enum die_care die_filter_care(uint16_t tag);

/* By DW_LANG_…: C of any year; not C++. */
bool die_filter_is_c(uint64_t language);

#endif
