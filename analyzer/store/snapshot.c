#include "store/snapshot.h"

const char *leak_kind_name(enum leak_kind kind)
{
	static const char *const names[] = {
		[LEAK_REFCOUNT] = "refcount",
		[LEAK_GARBAGE] = "garbage",
		[LEAK_NATIVE] = "native",
	};

	return names[kind];
}

const char *leak_grade_name(enum leak_grade grade)
{
	static const char *const names[] = {
		[GRADE_PROVEN] = "proven",
		[GRADE_PROBABLE] = "probable",
		[GRADE_UNKNOWN] = "unknown",
	};

	return names[grade];
}
